package io.peerup.nat;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/// What sort of network an IP address belongs to, by the special-purpose registries (RFC 6890 and
/// the RFCs named at each case).
public enum AddressKind {
  PUBLIC4,
  PUBLIC6,
  /// RFC 1918.
  PRIVATE4,
  /// RFC 6598, between carrier and customer.
  CARRIER_NAT,
  /// RFC 7335, the host side of DS-Lite and 464XLAT.
  DS_LITE,
  /// RFC 4193.
  UNIQUE_LOCAL6,
  LINK_LOCAL,
  LOOPBACK,
  /// Everything that is no usable source address: documentation, tunnels (6to4, Teredo), reserved.
  OTHER;

  /// Classifies one address.
  public static AddressKind of(InetAddress address) {
    return switch (address) {
      case Inet4Address v4 -> of4(v4.getAddress());
      case Inet6Address v6 -> of6(v6.getAddress());
      default -> OTHER;
    };
  }

  private static AddressKind of4(byte[] b) {
    int first = b[0] & 0xff;
    int second = b[1] & 0xff;
    int third = b[2] & 0xff;
    if (first == 127) {
      return LOOPBACK;
    }
    if (first == 10
        || (first == 172 && second >= 16 && second < 32)
        || (first == 192 && second == 168)) {
      return PRIVATE4;
    }
    if (first == 100 && second >= 64 && second < 128) {
      return CARRIER_NAT;
    }
    if (first == 169 && second == 254) {
      return LINK_LOCAL;
    }
    if (first == 192 && second == 0 && third == 0) {
      return (b[3] & 0xff) < 8 ? DS_LITE : OTHER;
    }
    boolean documentation =
        (first == 192 && second == 0 && third == 2)
            || (first == 198 && second == 51 && third == 100)
            || (first == 203 && second == 0 && third == 113);
    boolean benchmark = first == 198 && (second == 18 || second == 19); // RFC 2544
    boolean relay6to4 = first == 192 && second == 88 && third == 99; // RFC 7526
    if (first == 0 || first >= 224 || documentation || benchmark || relay6to4) {
      return OTHER;
    }
    return PUBLIC4;
  }

  private static AddressKind of6(byte[] b) {
    int first = (b[0] & 0xff) << 8 | (b[1] & 0xff);
    int second = (b[2] & 0xff) << 8 | (b[3] & 0xff);
    boolean loopback = true;
    for (int i = 0; i < 15; i++) {
      loopback &= b[i] == 0;
    }
    if (loopback && b[15] == 1) {
      return LOOPBACK;
    }
    if ((first & 0xffc0) == 0xfe80) {
      return LINK_LOCAL;
    }
    if ((first & 0xfe00) == 0xfc00) {
      return UNIQUE_LOCAL6;
    }
    boolean documentation =
        (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000); // RFC 9637
    boolean protocolAssignments = first == 0x2001 && second < 0x0200; // RFC 2928, with Teredo
    boolean sixToFour = first == 0x2002; // RFC 3056
    if ((first & 0xe000) != 0x2000 || documentation || protocolAssignments || sixToFour) {
      return OTHER;
    }
    return PUBLIC6;
  }
}
