package io.peerup.cli.p2p;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Being there for others.
final class Staying {

  private Staying() {}

  /// Blocks for this long, or until the process is told to end.
  static void until(Optional<Duration> timeout) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    if (timeout.isPresent()) {
      var _ = never.await(timeout.get().toMillis(), TimeUnit.MILLISECONDS);
    } else {
      never.await();
    }
  }
}
