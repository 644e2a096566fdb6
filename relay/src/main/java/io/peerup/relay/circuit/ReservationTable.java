package io.peerup.relay.circuit;

import io.peerup.libp2p.PeerId;
import io.peerup.relay.circuit.wire.RelayStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who has a reservation at this relay and who is connected to whom: every decision of the relay
/// side of circuit-v2.md, without clock or socket. Not thread-safe; its owner holds a lock.
///
/// A peer has at most one reservation; asking again replaces it. A reservation ends at its expiry,
/// when the peer disconnects, or when it is dropped. A circuit counts for both its ends from the
/// moment it is admitted until [#circuitEnded].
final class ReservationTable {

  /// The answer to RESERVE.
  sealed interface ReserveAnswer {
    record Granted(Instant expires, boolean refreshed) implements ReserveAnswer {}

    record Denied(RelayStatus status, String reason) implements ReserveAnswer {}
  }

  /// The answer to CONNECT, before the target is asked.
  sealed interface ConnectAnswer {
    record Admitted(long circuit) implements ConnectAnswer {}

    record Denied(RelayStatus status, String reason) implements ConnectAnswer {}
  }

  /// One reservation.
  record Held(PeerId peer, SourcePrefix source, Instant expires) {}

  private record Ends(PeerId source, PeerId target) {}

  private final RelayPolicy policy;
  private final Map<PeerId, Held> reservations = new LinkedHashMap<>();
  private final Map<Long, Ends> circuits = new HashMap<>();
  private final Map<PeerId, Integer> circuitsByPeer = new HashMap<>();
  private long lastCircuit;

  ReservationTable(RelayPolicy policy) {
    this.policy = policy;
  }

  /// A peer asks for a reservation, or to keep its reservation, over a connection that is itself a
  /// circuit or not.
  ReserveAnswer reserve(PeerId peer, SourcePrefix source, boolean relayed, Instant now) {
    expire(now);
    if (relayed) {
      // circuit-v2.md: reservations are made over direct connections only.
      return new ReserveAnswer.Denied(RelayStatus.PERMISSION_DENIED, "asked through a relay");
    }
    boolean refreshed = reservations.containsKey(peer);
    if (!refreshed && reservations.size() >= policy.reservationsMax()) {
      return refused("all " + policy.reservationsMax() + " reservations are taken");
    }
    int sameAddress = 0;
    int sameNetwork = 0;
    for (Held held : reservations.values()) {
      if (!held.peer().equals(peer)) {
        sameAddress += held.source().address().equals(source.address()) ? 1 : 0;
        sameNetwork += held.source().network().equals(source.network()) ? 1 : 0;
      }
    }
    if (sameAddress >= policy.reservationsPerAddressMax()
        || sameNetwork >= policy.reservationsPerNetworkMax()) {
      return refused("too many reservations for " + source.address());
    }
    Instant expires = wholeSecondsUp(now.plus(policy.reservationTtl()));
    reservations.put(peer, new Held(peer, source, expires));
    return new ReserveAnswer.Granted(expires, refreshed);
  }

  private static ReserveAnswer refused(String reason) {
    return new ReserveAnswer.Denied(RelayStatus.RESERVATION_REFUSED, reason);
  }

  /// The wire knows whole seconds only; rounding down could promise a moment that has passed.
  private static Instant wholeSecondsUp(Instant time) {
    return time.getNano() == 0 ? time : Instant.ofEpochSecond(time.getEpochSecond() + 1);
  }

  /// A peer asks for a circuit to another.
  ConnectAnswer connect(PeerId source, PeerId target, boolean relayed, Instant now) {
    expire(now);
    if (relayed) {
      return denied(RelayStatus.PERMISSION_DENIED, "circuits do not nest");
    }
    if (source.equals(target)) {
      return denied(RelayStatus.PERMISSION_DENIED, "a circuit to oneself");
    }
    if (!reservations.containsKey(target)) {
      return denied(RelayStatus.NO_RESERVATION, "the target has no reservation here");
    }
    if (circuits.size() >= policy.circuitsMax()) {
      return denied(RelayStatus.RESOURCE_LIMIT_EXCEEDED, "all circuits are in use");
    }
    if (circuitsOf(source) >= policy.circuitsPerPeerMax()
        || circuitsOf(target) >= policy.circuitsPerPeerMax()) {
      return denied(
          RelayStatus.RESOURCE_LIMIT_EXCEEDED,
          "one end has its " + policy.circuitsPerPeerMax() + " circuits already");
    }
    long circuit = ++lastCircuit;
    circuits.put(circuit, new Ends(source, target));
    circuitsByPeer.merge(source, 1, Integer::sum);
    circuitsByPeer.merge(target, 1, Integer::sum);
    return new ConnectAnswer.Admitted(circuit);
  }

  private static ConnectAnswer denied(RelayStatus status, String reason) {
    return new ConnectAnswer.Denied(status, reason);
  }

  /// A circuit failed to come up, or ended. Saying so twice is harmless.
  void circuitEnded(long circuit) {
    Ends ends = circuits.remove(circuit);
    if (ends != null) {
      circuitsByPeer.computeIfPresent(ends.source(), (_, n) -> n == 1 ? null : n - 1);
      circuitsByPeer.computeIfPresent(ends.target(), (_, n) -> n == 1 ? null : n - 1);
    }
  }

  /// The peer's last direct connection is gone, or it may not have a reservation any more. True if
  /// it had one.
  boolean drop(PeerId peer) {
    return reservations.remove(peer) != null;
  }

  /// Forgets reservations whose time is over, and says whose.
  List<PeerId> expire(Instant now) {
    List<PeerId> gone = new ArrayList<>();
    for (Iterator<Held> all = reservations.values().iterator(); all.hasNext(); ) {
      Held held = all.next();
      if (!now.isBefore(held.expires())) {
        gone.add(held.peer());
        all.remove();
      }
    }
    return gone;
  }

  /// When the next reservation ends, or empty if there is none.
  Optional<Instant> nextExpiry() {
    return reservations.values().stream().map(Held::expires).min(Instant::compareTo);
  }

  /// All reservations, oldest first.
  List<Held> reservations() {
    return List.copyOf(reservations.values());
  }

  int circuits() {
    return circuits.size();
  }

  int circuitsOf(PeerId peer) {
    return circuitsByPeer.getOrDefault(peer, 0);
  }
}
