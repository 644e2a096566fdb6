package io.peerup.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.TestPeers;
import io.peerup.testkit.VirtualClock;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RelayGaterTest {

  private static final Multiaddr SOMEWHERE = Multiaddr.parse("/ip4/203.0.113.9/tcp/4001");
  private static final PeerId MEMBER = PeerId.of(TestPeers.key(1).publicKey());
  private static final PeerId VISITOR = PeerId.of(TestPeers.key(2).publicKey());

  private final Set<PeerId> blocked = new HashSet<>();
  private final Visitors visitors = new Visitors();
  private final RelayGater gater =
      new RelayGater(
          blocked::contains,
          MEMBER::equals,
          () -> true,
          VISITOR::equals,
          visitors,
          new VirtualClock());

  private static Connection connection(PeerId peer) {
    return (Connection)
        Proxy.newProxyInstance(
            RelayGaterTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "remotePeer" -> peer;
                  case "remoteAddress" -> SOMEWHERE;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private boolean mayOpen(Direction direction, PeerId peer, String protocol) {
    return gater.allowStream(direction, connection(peer), protocol);
  }

  @Test
  void aBlockedPeerIsNothingAtARelayWhateverItWasBefore() {
    assertThat(gater.allowSecured(Direction.INBOUND, MEMBER, SOMEWHERE)).isTrue();
    assertThat(gater.allowSecured(Direction.INBOUND, VISITOR, SOMEWHERE)).isTrue();
    assertThat(mayOpen(Direction.INBOUND, MEMBER, CircuitRelay.HOP)).isTrue();
    assertThat(mayOpen(Direction.INBOUND, VISITOR, PairMessages.PAIR_PROTOCOL)).isTrue();
    assertThat(mayOpen(Direction.INBOUND, VISITOR, CircuitRelay.HOP)).as("a ticket").isTrue();
    assertThat(visitors.size()).isEqualTo(1);

    blocked.addAll(Set.of(MEMBER, VISITOR));
    for (PeerId peer : List.of(MEMBER, VISITOR)) {
      assertThat(gater.allowDial(peer, SOMEWHERE)).isFalse();
      assertThat(gater.allowSecured(Direction.INBOUND, peer, SOMEWHERE)).isFalse();
      for (String protocol :
          List.of(
              CircuitRelay.HOP,
              CircuitRelay.STOP,
              PairMessages.PAIR_PROTOCOL,
              RendezvousMessages.PROTOCOL,
              MailboxMessages.PROTOCOL,
              PairMessages.NOTIFY_PROTOCOL,
              "/ipfs/ping/1.0.0",
              "/ipfs/id/1.0.0")) {
        assertThat(mayOpen(Direction.INBOUND, peer, protocol)).as(protocol).isFalse();
        assertThat(mayOpen(Direction.OUTBOUND, peer, protocol)).as(protocol).isFalse();
      }
    }
    assertThat(visitors.size()).as("it takes no place of a stranger's").isEqualTo(1);
  }
}
