package io.peerup.libp2p.host;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Allows bursts, then a steady rate. Thread-safe.
final class TokenBucket {

  private final int burst;
  private final long nanosPerToken;
  private final LongSupplier nanoTime;
  private double tokens;
  private long last;

  /// @param burst tokens at the start and at most
  /// @param interval time after which one more is there
  TokenBucket(int burst, Duration interval, LongSupplier nanoTime) {
    this.burst = burst;
    this.nanosPerToken = interval.toNanos();
    this.nanoTime = nanoTime;
    this.tokens = burst;
    this.last = nanoTime.getAsLong();
  }

  /// Takes a token if there is one.
  synchronized boolean take() {
    long now = nanoTime.getAsLong();
    tokens = Math.min(burst, tokens + (double) (now - last) / nanosPerToken);
    last = now;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }
}
