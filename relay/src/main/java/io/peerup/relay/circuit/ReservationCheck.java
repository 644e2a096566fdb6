package io.peerup.relay.circuit;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.ReservationGrant;
import io.peerup.relay.circuit.wire.Voucher;
import io.peerup.relay.circuit.wire.VoucherBytes;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// What makes a relay's yes good enough to rely on. Pure.
final class ReservationCheck {

  private ReservationCheck() {}

  /// Turns a positive answer into a reservation. Throws [ProtocolViolation].
  ///
  /// @param reachedAt the address that this relay answers us at, if we know it
  static Reservation accept(
      HopMessage.Status answer,
      PeerId relay,
      Optional<Multiaddr> reachedAt,
      PeerId self,
      Instant now) {
    ReservationGrant grant =
        answer
            .reservation()
            .orElseThrow(
                () -> new ProtocolViolation("relay " + relay + " said OK without a reservation"));
    if (!grant.expires().isAfter(now)) {
      throw new ProtocolViolation(
          "relay " + relay + " gave a reservation that ended at " + grant.expires(),
          "compare the clocks of this device and the relay");
    }
    grant.voucher().ifPresent(voucher -> checkVoucher(voucher, relay, self));
    return new Reservation(
        relay,
        now,
        grant.expires(),
        List.copyOf(addresses(grant, relay, reachedAt)),
        answer.limit().orElse(CircuitLimit.NONE));
  }

  /// A missing voucher is lawful (rust sends none); a present one must be right (go refuses the
  /// whole reservation otherwise).
  private static void checkVoucher(VoucherBytes bytes, PeerId relay, PeerId self) {
    Voucher voucher;
    PeerId signer;
    try {
      Envelopes.Opened opened = Envelopes.open(bytes.bytes());
      signer = opened.signer();
      voucher = opened.voucher();
    } catch (MalformedInput e) {
      throw new ProtocolViolation("the voucher of relay " + relay + " is not valid", e);
    }
    if (!signer.equals(relay) || !voucher.relay().equals(relay) || !voucher.peer().equals(self)) {
      throw new ProtocolViolation(
          "the voucher of relay "
              + relay
              + " is for "
              + voucher.peer()
              + " at "
              + voucher.relay()
              + ", signed by "
              + signer);
    }
  }

  /// The relay's addresses, and the one that we reached it at: it works for us, whatever the relay
  /// thinks its addresses are.
  private static SequencedSet<Multiaddr> addresses(
      ReservationGrant grant, PeerId relay, Optional<Multiaddr> reachedAt) {
    SequencedSet<Multiaddr> out = new LinkedHashSet<>();
    for (Multiaddr address : grant.addresses()) {
      Optional<PeerId> named = address.peer();
      boolean usable =
          !address.isCircuit()
              && named.map(relay::equals).orElse(true)
              && !address.withoutPeer().components().isEmpty();
      if (usable && out.size() < Limits.RELAY_ADDRESSES_MAX) {
        out.add(address.withoutPeer().withPeer(relay));
      }
    }
    reachedAt.ifPresent(address -> out.add(address.withoutPeer().withPeer(relay)));
    return out;
  }
}
