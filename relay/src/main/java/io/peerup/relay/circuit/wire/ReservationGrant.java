package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.Multiaddr;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The relay's promise to pass circuits on, as it travels in a STATUS message.
///
/// @param expires until when, in whole seconds
/// @param addresses the relay's addresses, each ending in `/p2p/<relay>`; unknown ones are left out
/// @param voucher a signed envelope around a [Voucher], not checked here
public record ReservationGrant(
    Instant expires, List<Multiaddr> addresses, Optional<VoucherBytes> voucher) {

  public ReservationGrant {
    addresses = List.copyOf(addresses);
  }
}
