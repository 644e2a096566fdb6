package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.node.Ids;
import java.util.List;
import org.junit.jupiter.api.Test;

class KnownRelaysTest {

  private static final Multiaddr ONE = Multiaddr.parse("/ip4/203.0.113.9/tcp/7777");
  private static final Multiaddr TWO = Multiaddr.parse("/ip6/2001:db8::9/tcp/7777");

  private final KnownRelays relays = new KnownRelays();

  @Test
  void addressesOfARelayAddUpInOrderWithoutDoublesAndWithoutItsId() {
    assertThat(relays.isRelay(Ids.peer(4))).isFalse();
    assertThat(relays.addresses(Ids.peer(4))).isEmpty();
    relays.add(Ids.peer(4), List.of(ONE.withPeer(Ids.peer(4)), ONE));
    assertThat(relays.add(Ids.peer(4), List.of(ONE, TWO))).containsExactly(ONE, TWO);
    assertThat(relays.addresses(Ids.peer(4))).containsExactly(ONE, TWO);
    assertThat(relays.isRelay(Ids.peer(4))).isTrue();
    assertThat(relays.isRelay(Ids.peer(5))).isFalse();
    assertThat(relays.ids()).containsExactly(Ids.peer(4));
  }
}
