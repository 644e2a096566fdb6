package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.node.Ids;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DirectAddressesTest {

  private static final Multiaddr PUBLIC = Multiaddr.parse("/ip4/203.0.113.9/tcp/4001");
  private static final Multiaddr LAN = Multiaddr.parse("/ip4/192.168.1.7/tcp/4001");
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
  private static final Multiaddr LOOPBACK6 = Multiaddr.parse("/ip6/::1/tcp/4001");
  private static final Multiaddr QUIC = Multiaddr.parse("/ip4/203.0.113.9/udp/4001/quic-v1");
  private static final Multiaddr WEB_TRANSPORT =
      Multiaddr.parse("/ip4/203.0.113.9/udp/4001/quic-v1/webtransport");
  private static final Multiaddr WEB_RTC =
      Multiaddr.parse("/ip4/203.0.113.9/udp/4001/webrtc-direct");
  private static final Multiaddr DRAFT = Multiaddr.parse("/ip4/203.0.113.9/udp/4001/quic");
  private static final Multiaddr CIRCUIT =
      Multiaddr.parse("/ip4/203.0.113.9/tcp/4001/p2p/" + Ids.peer(4) + "/p2p-circuit");

  @Test
  void circuitsOtherTransportsAndDoublesAreLeftOut() {
    List<Multiaddr> claimed =
        List.of(CIRCUIT, PUBLIC, QUIC, WEB_TRANSPORT, WEB_RTC, DRAFT, LAN, PUBLIC, QUIC);
    assertThat(DirectAddresses.worthTrying(claimed, true)).containsExactly(PUBLIC, QUIC, LAN);
  }

  @Test
  void loopbackIsTriedOnlyIfThePeerMayBeOnThisMachine() {
    List<Multiaddr> claimed = List.of(LOOPBACK, LAN, LOOPBACK6);
    assertThat(DirectAddresses.worthTrying(claimed, true))
        .containsExactly(LOOPBACK, LAN, LOOPBACK6);
    assertThat(DirectAddresses.worthTrying(claimed, false)).containsExactly(LAN);
  }

  @Test
  void thereIsAnEndToWhatAPeerCanMakeUsTry() {
    List<Multiaddr> many = new ArrayList<>();
    for (int port = 1; port <= Limits.DIRECT_ADDRESSES_MAX + 1; port++) {
      many.add(Multiaddr.parse("/ip4/203.0.113.9/tcp/" + port));
    }
    assertThat(DirectAddresses.worthTrying(many, false))
        .isEqualTo(many.subList(0, Limits.DIRECT_ADDRESSES_MAX));
  }
}
