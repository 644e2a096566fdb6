package io.peerup.relay.circuit;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.circuit.wire.CircuitLimit;
import java.util.Optional;

/// Who may use a [CircuitRelay] for what, beyond its [RelayPolicy]. Called on virtual threads.
public interface CircuitAccess {

  /// May this peer ask for a reservation?
  boolean mayReserve(PeerId peer);

  /// May the peer at the other end of this connection reach that target? A right that works once is
  /// used up by asking.
  Optional<CircuitPass> mayConnect(Connection source, PeerId target);

  /// Everybody who was let in may do everything, each circuit within this limit.
  static CircuitAccess everybody(CircuitLimit limit) {
    return new CircuitAccess() {
      @Override
      public boolean mayReserve(PeerId peer) {
        return true;
      }

      @Override
      public Optional<CircuitPass> mayConnect(Connection source, PeerId target) {
        return Optional.of(new CircuitPass(limit, () -> {}));
      }
    };
  }
}
