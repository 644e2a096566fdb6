package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import java.util.List;
import java.util.Set;

/// Multiaddrs that TCP and QUIC can dial.
final class SocketAddresses {

  private static final Set<String> HOSTS = Set.of("ip4", "ip6", "dns", "dns4", "dns6");

  private SocketAddresses() {}

  /// True for `/ip4|ip6|dns|dns4|dns6/<host>/tcp/<port>`, also with a trailing `/p2p`.
  static boolean isPlainTcp(Multiaddr address) {
    List<Multiaddr.Component> parts = address.withoutPeer().components();
    return parts.size() == 2
        && HOSTS.contains(parts.get(0).protocol())
        && parts.get(1).protocol().equals("tcp");
  }

  /// True for `/ip4|ip6|dns|dns4|dns6/<host>/udp/<port>/quic-v1`, also with a trailing `/p2p`.
  /// Drafts of QUIC (`/quic`) are nobody's any more.
  static boolean isQuic(Multiaddr address) {
    List<Multiaddr.Component> parts = address.withoutPeer().components();
    return parts.size() == 3
        && HOSTS.contains(parts.get(0).protocol())
        && parts.get(1).protocol().equals("udp")
        && parts.get(2).protocol().equals("quic-v1");
  }
}
