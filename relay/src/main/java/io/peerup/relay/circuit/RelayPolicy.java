package io.peerup.relay.circuit;

import io.peerup.relay.circuit.wire.CircuitLimit;
import java.time.Duration;
import java.util.Optional;

/// How much a relay lends.
///
/// @param reservationsMax reservations altogether
/// @param reservationsPerAddressMax reservations for one IPv4 address or IPv6 /56
/// @param reservationsPerNetworkMax reservations for one IPv4 /24 or IPv6 /48
/// @param reservationTtl how long a reservation lasts unless refreshed; whole seconds, at least one
/// @param circuitsMax circuits altogether, being set up or running
/// @param circuitsPerPeerMax circuits that one peer may be an end of
/// @param circuit what each circuit is cut at; [CircuitLimit#NONE] for nothing
public record RelayPolicy(
    int reservationsMax,
    int reservationsPerAddressMax,
    int reservationsPerNetworkMax,
    Duration reservationTtl,
    int circuitsMax,
    int circuitsPerPeerMax,
    CircuitLimit circuit) {

  public RelayPolicy {
    if (reservationsMax < 1
        || reservationsPerAddressMax < 1
        || reservationsPerNetworkMax < 1
        || circuitsMax < 1
        || circuitsPerPeerMax < 1) {
      throw new IllegalArgumentException("a relay's limits must be at least 1");
    }
    if (reservationTtl.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("a reservation must last at least one second");
    }
  }

  /// What circuits are told about [#circuit]: nothing while it is generous. Our choice: a bound
  /// that only stops runaways is not worth announcing, because go and js open ordinary streams only
  /// on connections without announced limits.
  public Optional<CircuitLimit> announced() {
    return announced(circuit);
  }

  /// As the other `announced`, for a circuit that is cut at this.
  static Optional<CircuitLimit> announced(CircuitLimit circuit) {
    boolean generous =
        (circuit.bytesEachWay() == 0 || circuit.bytesEachWay() >= Limits.GENEROUS_BYTES)
            && (circuit.duration().isZero()
                || circuit.duration().compareTo(Limits.GENEROUS_DURATION) >= 0);
    return generous ? Optional.empty() : Optional.of(circuit);
  }

  /// For an own relay, where everybody is an authorised member: sharing one home's address is
  /// normal, and circuits end only when their ends want it.
  public static RelayPolicy members() {
    return new RelayPolicy(
        Limits.RESERVATIONS_MAX,
        Limits.RESERVATIONS_MAX,
        Limits.RESERVATIONS_MAX,
        Limits.RESERVATION_TTL,
        Limits.CIRCUITS_MAX,
        Limits.MEMBER_CIRCUITS_PER_PEER_MAX,
        CircuitLimit.NONE);
  }

  /// For a relay that strangers may use: go-libp2p's numbers, which the public network knows.
  public static RelayPolicy strangers() {
    return new RelayPolicy(
        128,
        8,
        32,
        Limits.RESERVATION_TTL,
        1024,
        16,
        new CircuitLimit(Duration.ofMinutes(2), 1 << 17));
  }
}
