package io.peerup.cli.p2p;

import io.peerup.libp2p.DeadlineExceeded;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// One span of time that all steps of a command share.
final class Deadline {

  private final InstantSource clock;
  private final Instant end;
  private final Duration whole;

  Deadline(InstantSource clock, Duration whole) {
    this.clock = clock;
    this.whole = whole;
    this.end = clock.instant().plus(whole);
  }

  /// What is left for `doing`. Throws [DeadlineExceeded] if that is nothing.
  Duration left(String doing) {
    Duration left = Duration.between(clock.instant(), end);
    if (left.compareTo(Duration.ofMillis(1)) < 0) {
      throw new DeadlineExceeded(
          doing + ": not done within " + seconds(whole) + " s", "give it longer with --timeout");
    }
    return left;
  }

  private static String seconds(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    return seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.valueOf(seconds);
  }
}
