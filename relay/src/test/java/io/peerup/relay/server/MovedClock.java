package io.peerup.relay.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// The time of this machine, and ahead of it by what a test says: for what takes minutes.
final class MovedClock implements InstantSource {

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  @Override
  public Instant instant() {
    return InstantSource.system().instant().plus(ahead.get());
  }

  void advance(Duration amount) {
    ahead.updateAndGet(amount::plus);
  }
}
