package io.peerup.relay.circuit;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.ReservationGrant;
import io.peerup.relay.circuit.wire.Voucher;
import io.peerup.relay.circuit.wire.VoucherBytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Lets the simulation at the relay's [ReservationTable] and at the client's [ReservationCheck].
public final class TableDoor {

  /// @param circuit its number, or -1 if it was denied
  public record Connecting(int status, long circuit) {}

  private final PrivateKey identity;
  private final ReservationTable table;

  public TableDoor(PrivateKey identity, RelayPolicy policy) {
    this.identity = identity;
    this.table = new ReservationTable(policy);
  }

  public HopMessage.Status reserve(PeerId peer, Multiaddr from, Instant now) {
    return switch (table.reserve(peer, SourcePrefix.of(from), false, now)) {
      case ReservationTable.ReserveAnswer.Denied denied -> HopMessage.Status.of(denied.status());
      case ReservationTable.ReserveAnswer.Granted granted -> {
        Voucher voucher = new Voucher(identity.peerId(), peer, granted.expires());
        VoucherBytes sealed = new VoucherBytes(Envelopes.seal(identity, voucher));
        yield new HopMessage.Status(
            RelayStatus.OK.code(),
            Optional.of(new ReservationGrant(granted.expires(), List.of(), Optional.of(sealed))),
            Optional.empty());
      }
    };
  }

  /// What the client does with the answer. Throws [io.peerup.libp2p.ProtocolViolation].
  public static Reservation accept(
      HopMessage.Status answer, PeerId relay, Multiaddr reachedAt, PeerId self, Instant now) {
    return ReservationCheck.accept(answer, relay, Optional.of(reachedAt), self, now);
  }

  public Connecting connect(PeerId source, PeerId target, Instant now) {
    return switch (table.connect(source, target, false, now)) {
      case ReservationTable.ConnectAnswer.Denied denied ->
          new Connecting(denied.status().code(), -1);
      case ReservationTable.ConnectAnswer.Admitted admitted ->
          new Connecting(RelayStatus.OK.code(), admitted.circuit());
    };
  }

  public void circuitEnded(long circuit) {
    table.circuitEnded(circuit);
  }

  public void drop(PeerId peer) {
    table.drop(peer);
  }

  public boolean isReserved(PeerId peer, Instant now) {
    table.expire(now);
    return table.reservations().stream().anyMatch(held -> held.peer().equals(peer));
  }

  public int reservations(Instant now) {
    table.expire(now);
    return table.reservations().size();
  }

  public int circuits() {
    return table.circuits();
  }

  public int circuitsOf(PeerId peer) {
    return table.circuitsOf(peer);
  }
}
