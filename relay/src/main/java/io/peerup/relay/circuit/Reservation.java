package io.peerup.relay.circuit;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.circuit.wire.CircuitLimit;
import java.time.Instant;
import java.util.List;

/// A reservation at a relay: as long as it lasts, others reach us through that relay.
///
/// @param relay the relay
/// @param obtained when it was given, by our clock
/// @param expires when it ends unless refreshed
/// @param relayAddresses where the relay is reached, each ending in `/p2p/<relay>`
/// @param limit what the relay cuts circuits at; [CircuitLimit#NONE] if it announced nothing
public record Reservation(
    PeerId relay,
    Instant obtained,
    Instant expires,
    List<Multiaddr> relayAddresses,
    CircuitLimit limit) {

  private static final Multiaddr CIRCUIT = Multiaddr.parse("/p2p-circuit");

  public Reservation {
    relayAddresses = List.copyOf(relayAddresses);
  }

  /// What to advertise: each relay address with `/p2p-circuit` behind it, without `/p2p/<self>`.
  public List<Multiaddr> circuitAddresses() {
    return relayAddresses.stream().map(address -> address.plus(CIRCUIT)).toList();
  }
}
