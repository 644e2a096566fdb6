package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerUnreachable;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Multiaddrs that TCP and QUIC can dial, and the socket addresses they stand for.
final class SocketAddresses {

  private static final Set<String> HOSTS = Set.of("ip4", "ip6", "dns", "dns4", "dns6");

  /// Addresses of one name that are tried.
  static final int RESOLVED_MAX = 8;

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

  /// The socket addresses to try, in order. Blocks while a name is resolved. Throws
  /// [PeerUnreachable] if it has no address.
  static List<InetSocketAddress> resolve(Multiaddr address) {
    Multiaddr.Component host = address.components().get(0);
    int port = Integer.parseInt(address.components().get(1).value());
    if (address.socketAddress().isPresent()) {
      return List.of(address.socketAddress().get());
    }
    try {
      List<InetSocketAddress> found =
          chosen(InetAddress.getAllByName(host.value()), host.protocol()).stream()
              .map(ip -> new InetSocketAddress(ip, port))
              .toList();
      if (found.isEmpty()) {
        throw new PeerUnreachable("the name in " + address + " has no address of that family");
      }
      return found;
    } catch (UnknownHostException e) {
      throw new PeerUnreachable(
          "the name in " + address + " does not resolve",
          "check the spelling and this machine's DNS",
          e);
    }
  }

  /// What is tried of the addresses that a name of this protocol has.
  static List<InetAddress> chosen(InetAddress[] resolved, String protocol) {
    return Arrays.stream(resolved)
        .filter(ip -> !protocol.equals("dns4") || ip instanceof Inet4Address)
        .filter(ip -> !protocol.equals("dns6") || ip instanceof Inet6Address)
        .limit(RESOLVED_MAX)
        .toList();
  }
}
