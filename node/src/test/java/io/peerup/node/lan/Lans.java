package io.peerup.node.lan;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.rendezvous.Selector;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/// A local network for tests: 192.168.1.0/24, where we are 192.168.1.5 and listen on port 4001.
final class Lans {

  static final Selector CODE = Selector.ofText(Selector.TYPED, "EJWJ7KQ");
  static final LanInterface HOME = new LanInterface("eth0", (Inet4Address) ip("192.168.1.5"), 24);
  static final List<Multiaddr> LISTENING =
      List.of(
          Multiaddr.parse("/ip4/127.0.0.1/tcp/4001"),
          Multiaddr.parse("/ip4/192.168.1.5/tcp/4001"),
          Multiaddr.parse("/ip4/10.8.0.2/tcp/4001"),
          Multiaddr.parse("/ip6/fd00::5/tcp/4001"));

  private Lans() {}

  static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static InetSocketAddress from(String ip) {
    return new InetSocketAddress(ip(ip), LanSocket.PORT);
  }

  static byte[] answer(String... texts) {
    return DnsMessage.answer(LanName.of(CODE), List.of(texts));
  }

  static String text(String address, PeerId peer) {
    return "dnsaddr=" + address + "/p2p/" + peer;
  }
}
