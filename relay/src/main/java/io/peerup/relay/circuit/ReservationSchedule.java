package io.peerup.relay.circuit;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Refused;
import io.peerup.relay.circuit.wire.RelayStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When to ask one relay for a reservation: at once, at half of the reservation's life, later and
/// later after failures, never again after PERMISSION_DENIED. No clock, no socket; not thread-safe.
final class ReservationSchedule {

  /// What to do now.
  sealed interface Step {
    /// Ask the relay now, then tell [#reserved] or [#failed].
    record Ask() implements Step {}

    /// Come back then, or when something happened.
    record Wait(Instant until) implements Step {}

    /// Nothing, until [#retry].
    record Rest() implements Step {}
  }

  private final RandomGenerator random;
  private Optional<Instant> next = Optional.of(Instant.MIN);
  private boolean held;
  private int unreachable;
  private int refused;

  ReservationSchedule(RandomGenerator random) {
    this.random = random;
  }

  Step next(Instant now) {
    if (next.isEmpty()) {
      return new Step.Rest();
    }
    return now.isBefore(next.get()) ? new Step.Wait(next.get()) : new Step.Ask();
  }

  /// The relay said yes.
  void reserved(Instant now, Instant expires) {
    unreachable = 0;
    refused = 0;
    held = true;
    Duration life = Duration.between(now, expires);
    Duration untilTwoMinutesRemain = life.minus(Limits.REFRESH_BEFORE_EXPIRY);
    Duration quarter = life.dividedBy(4);
    // Half of the life, or earlier so that two minutes remain, but never so early that a relay with
    // a short time to live is asked without pause.
    Duration wait =
        min(
            life.dividedBy(2),
            untilTwoMinutesRemain.compareTo(quarter) > 0 ? untilTwoMinutesRemain : quarter);
    next = Optional.of(now.plus(jittered(wait)));
  }

  /// The relay said no, or nothing.
  void failed(OverlayException why, Instant now) {
    held = false;
    int status = why instanceof Refused no ? no.status() : 0;
    if (status == RelayStatus.PERMISSION_DENIED.code()) {
      next = Optional.empty();
    } else if (status != 0) {
      Duration wait = doubled(Limits.REFUSED_BACKOFF_MIN, refused++, Limits.REFUSED_BACKOFF_MAX);
      next = Optional.of(now.plus(jittered(wait)));
    } else {
      Duration wait =
          doubled(Limits.UNREACHABLE_BACKOFF_MIN, unreachable++, Limits.UNREACHABLE_BACKOFF_MAX);
      next = Optional.of(now.plus(jittered(wait)));
    }
  }

  /// The connection that carried the reservation is gone. Asks again almost at once, but not in the
  /// same instant as every other client of a relay that restarted.
  void lost(Instant now) {
    if (held) {
      held = false;
      next = Optional.of(now.plus(jittered(Limits.UNREACHABLE_BACKOFF_MIN)));
    }
  }

  /// Something changed (authorisation, network, a person asks): forget the past and ask now.
  void retry() {
    unreachable = 0;
    refused = 0;
    next = Optional.of(Instant.MIN);
  }

  /// True between a yes and the next no or loss.
  boolean held() {
    return held;
  }

  private static Duration doubled(Duration first, int times, Duration last) {
    return min(first.multipliedBy(1L << Math.min(times, 20)), last);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /// Between 80 % and 100 % of the wait.
  private Duration jittered(Duration wait) {
    long millis = wait.toMillis();
    return Duration.ofMillis(millis - (millis >= 5 ? random.nextLong(millis / 5) : 0));
  }
}
