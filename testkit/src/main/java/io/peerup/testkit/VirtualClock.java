package io.peerup.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until a test moves it. Thread-safe.
public final class VirtualClock implements InstantSource {

  /// Where a clock starts unless told otherwise.
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicReference<Instant> now;

  public VirtualClock() {
    this(START);
  }

  public VirtualClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /// Moves the clock on and returns the new time. Time never goes backwards: a negative amount is
  /// an error of the test.
  public Instant advance(Duration amount) {
    if (amount.isNegative()) {
      throw new IllegalArgumentException("a clock cannot go back by " + amount);
    }
    return now.updateAndGet(time -> time.plus(amount));
  }
}
