package io.peerup.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.host.HostLimits;
import io.peerup.relay.circuit.RelayPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a relay tells its host to hold; that the host holds it is shown there.
class RelayLimitsTest {

  @Test
  void thereIsRoomForAConnectionAReservationAnd256MoreAndFor1024OfOnePrefix() {
    RelayPolicy policy = RelayPolicy.members();
    HostLimits limits = RelayServer.hostLimits(new RelaySettings(List.of(), false, true, policy));
    assertThat(limits.connections()).isEqualTo(policy.reservationsMax() + 256);
    assertThat(limits.connectionsPerPrefix()).isEqualTo(1024);
  }
}
