package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.PeerId;
import java.util.Optional;

/// A message between a client and its relay (`/libp2p/circuit/relay/0.2.0/hop`).
public sealed interface HopMessage {

  /// Client to relay: "pass circuits on to me".
  record Reserve() implements HopMessage {}

  /// Client to relay: "connect me to this peer".
  record Connect(PeerId target) implements HopMessage {}

  /// Relay to client: the answer to either.
  ///
  /// @param code the number as received; see [RelayStatus]
  /// @param reservation present in a positive answer to RESERVE
  /// @param limit what circuits of this relay are cut at, if anything
  record Status(int code, Optional<ReservationGrant> reservation, Optional<CircuitLimit> limit)
      implements HopMessage {

    /// An answer that carries nothing but its code.
    public static Status of(RelayStatus status) {
      return new Status(status.code(), Optional.empty(), Optional.empty());
    }

    public boolean isOk() {
      return code == RelayStatus.OK.code();
    }
  }
}
