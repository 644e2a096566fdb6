package io.peerup.libp2p;

import io.peerup.libp2p.wire.IpLiteral;
import java.util.Arrays;
import java.util.List;

/// Which IP addresses the whole internet can reach, after the IANA special-purpose registries. One
/// answer for relay, NAT checks and address books alike. Addresses are 4 or 16 bytes.
public final class IpRanges {

  private static final List<Range> V4_NOT_PUBLIC =
      List.of(
          v4("0.0.0.0", 8),
          v4("10.0.0.0", 8),
          v4("100.64.0.0", 10),
          v4("127.0.0.0", 8),
          v4("169.254.0.0", 16),
          v4("172.16.0.0", 12),
          v4("192.0.0.0", 24),
          v4("192.0.2.0", 24),
          v4("192.88.99.0", 24),
          v4("192.168.0.0", 16),
          v4("198.18.0.0", 15),
          v4("198.51.100.0", 24),
          v4("203.0.113.0", 24),
          v4("224.0.0.0", 4),
          v4("240.0.0.0", 4));

  private static final Range V6_GLOBAL = v6("2000::", 3);

  /// Inside 2000::/3: protocol assignments with Teredo, and documentation.
  private static final List<Range> V6_NOT_PUBLIC =
      List.of(v6("2001::", 23), v6("2001:db8::", 32), v6("3fff::", 20));

  private static final Range V6_6TO4 = v6("2002::", 16);
  private static final Range V6_NAT64 = v6("64:ff9b::", 96);
  private static final Range V6_MAPPED = v6("::ffff:0.0.0.0", 96);
  private static final Range V4_LOOPBACK = v4("127.0.0.0", 8);
  private static final Range V6_LOOPBACK = v6("::1", 128);

  private IpRanges() {}

  /// True if the address is globally routable. IPv6 means 2000::/3 without its reserved parts, and
  /// 6to4 and NAT64 addresses that embed a public IPv4 address; an IPv4-mapped IPv6 address never
  /// is, because it exists only inside one machine.
  public static boolean isPublic(byte[] ip) {
    if (ip.length == 4) {
      return V4_NOT_PUBLIC.stream().noneMatch(range -> range.contains(ip));
    }
    if (V6_NAT64.contains(ip)) {
      return isPublic(Arrays.copyOfRange(ip, 12, 16));
    }
    if (V6_6TO4.contains(ip)) {
      return isPublic(Arrays.copyOfRange(ip, 2, 6));
    }
    return V6_GLOBAL.contains(ip) && V6_NOT_PUBLIC.stream().noneMatch(range -> range.contains(ip));
  }

  /// True for 127/8, `::1` and 127/8 mapped into IPv6.
  public static boolean isLoopback(byte[] ip) {
    if (V6_MAPPED.contains(ip)) {
      return V4_LOOPBACK.contains(Arrays.copyOfRange(ip, 12, 16));
    }
    return V4_LOOPBACK.contains(ip) || V6_LOOPBACK.contains(ip);
  }

  private static Range v4(String network, int bits) {
    return new Range(IpLiteral.parse4(network), bits);
  }

  private static Range v6(String network, int bits) {
    return new Range(IpLiteral.parse6(network), bits);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Range(byte[] network, int bits) {

    boolean contains(byte[] ip) {
      if (ip.length != network.length) {
        return false;
      }
      int whole = bits / 8;
      int mask = 0xff00 >>> (bits % 8) & 0xff;
      return Arrays.equals(ip, 0, whole, network, 0, whole)
          && (mask == 0 || (ip[whole] & mask) == (network[whole] & mask));
    }
  }
}
