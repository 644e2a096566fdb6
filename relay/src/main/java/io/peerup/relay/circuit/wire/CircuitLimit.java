package io.peerup.relay.circuit.wire;

import java.time.Duration;

/// What a relay says it will cut a circuit at. Zero means no bound in that respect.
///
/// @param duration how long a circuit may live, in whole seconds; js relays send milliseconds here,
///   so the number is only ever used to tell "limited" from "unlimited" and to show it
/// @param bytesEachWay bytes that may pass in each direction
public record CircuitLimit(Duration duration, long bytesEachWay) {

  /// No bound at all.
  public static final CircuitLimit NONE = new CircuitLimit(Duration.ZERO, 0);

  public CircuitLimit {
    if (duration.isNegative() || bytesEachWay < 0) {
      throw new IllegalArgumentException("a circuit limit cannot be negative");
    }
  }

  /// True if either bound exists.
  public boolean limited() {
    return !duration.isZero() || bytesEachWay != 0;
  }
}
