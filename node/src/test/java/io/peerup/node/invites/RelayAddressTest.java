package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.node.Ids;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayAddressTest {

  private static final Multiaddr QUIC = Multiaddr.parse("/ip4/10.0.0.7/udp/7777/quic-v1");

  private static Multiaddr told(Multiaddr dialled, String... told) {
    List<Multiaddr> all = Arrays.stream(told).map(Multiaddr::parse).toList();
    return RelayAddress.toTell(dialled, all);
  }

  @Test
  void whatWasDialledOverTcpIsTold() {
    for (String dialled : List.of("/ip4/10.0.0.7/tcp/7777", "/dns4/relay.example.net/tcp/1")) {
      assertThat(told(Multiaddr.parse(dialled), "/ip4/45.1.1.1/tcp/7777")).hasToString(dialled);
    }
  }

  @Test
  void insteadOfUdpTheSameHostOverTcp() {
    assertThat(
            told(
                QUIC,
                "/ip4/45.1.1.1/tcp/1",
                "/ip4/10.0.0.7/udp/1/quic-v1",
                "/ip4/10.0.0.7/tcp/2/p2p/" + Ids.peer(9)))
        .hasToString("/ip4/10.0.0.7/tcp/2");
  }

  @Test
  void orAPublicAddressOrElseWhatWasDialled() {
    assertThat(told(QUIC, "/ip4/192.168.1.2/tcp/1", "/ip4/45.1.1.1/tcp/1"))
        .hasToString("/ip4/45.1.1.1/tcp/1");
    assertThat(told(QUIC, "/ip4/192.168.1.2/tcp/1", "/ip4/10.0.0.7/tcp/1/ws")).isEqualTo(QUIC);
    assertThat(told(QUIC)).isEqualTo(QUIC);
  }
}
