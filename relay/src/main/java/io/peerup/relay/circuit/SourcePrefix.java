package io.peerup.relay.circuit;

import io.peerup.libp2p.Multiaddr;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;

/// Where a peer comes from, coarse enough that one owner cannot have many: what limits before (and
/// besides) identities count.
///
/// @param address the IPv4 address or the IPv6 /56, e.g. `c0000201/32`
/// @param network the IPv4 /24 or the IPv6 /48
public record SourcePrefix(String address, String network) {

  /// The prefixes of an address. Addresses without an IP share one prefix, so they share one limit.
  public static SourcePrefix of(Multiaddr remote) {
    return remote
        .socketAddress()
        .map(InetSocketAddress::getAddress)
        .map(SourcePrefix::of)
        .orElse(new SourcePrefix("none", "none"));
  }

  private static SourcePrefix of(InetAddress ip) {
    boolean v6 = ip instanceof Inet6Address;
    byte[] bytes = ip.getAddress();
    return v6
        ? new SourcePrefix(cut(bytes, 7) + "/56", cut(bytes, 6) + "/48")
        : new SourcePrefix(cut(bytes, 4) + "/32", cut(bytes, 3) + "/24");
  }

  private static String cut(byte[] bytes, int count) {
    return HexFormat.of().formatHex(Arrays.copyOf(bytes, count));
  }
}
