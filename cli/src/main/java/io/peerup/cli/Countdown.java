package io.peerup.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One line of a terminal that says how long something will still be waited for, until it is
/// closed; then the line is empty again. A virtual thread writes it once a second.
final class Countdown implements AutoCloseable {

  private final PrintStream terminal;
  private final String what;
  private final Instant end;
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private int width;

  private Countdown(PrintStream terminal, String what, Instant end, InstantSource clock) {
    this.terminal = terminal;
    this.what = what;
    this.end = end;
    this.clock = clock;
  }

  static Countdown start(PrintStream terminal, String what, Instant end, InstantSource clock) {
    Countdown out = new Countdown(terminal, what, end, clock);
    Thread.ofVirtual().name("countdown").start(out::run);
    return out;
  }

  private void run() {
    try {
      do {
        show();
      } while (!closed.await(1, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void show() {
    Duration left = Duration.between(clock.instant(), end).truncatedTo(ChronoUnit.SECONDS);
    if (closed.getCount() > 0 && !left.isNegative()) {
      String line = what + " " + Voice.time(left) + " left";
      terminal.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      terminal.flush();
      width = line.length();
    }
  }

  @Override
  public synchronized void close() {
    if (closed.getCount() > 0) {
      closed.countDown();
      terminal.print("\r" + " ".repeat(width) + "\r");
      terminal.flush();
    }
  }
}
