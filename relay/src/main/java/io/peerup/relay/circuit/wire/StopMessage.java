package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.PeerId;
import java.util.Optional;

/// A message between a relay and the target of a circuit (`/libp2p/circuit/relay/0.2.0/stop`).
public sealed interface StopMessage {

  /// Relay to target: "this peer wants to talk to you".
  record Connect(PeerId source, Optional<CircuitLimit> limit) implements StopMessage {}

  /// Target to relay: the answer.
  record Status(int code) implements StopMessage {

    public static Status of(RelayStatus status) {
      return new Status(status.code());
    }

    public boolean isOk() {
      return code == RelayStatus.OK.code();
    }
  }
}
