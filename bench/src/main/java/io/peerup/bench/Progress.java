package io.peerup.bench;

import java.util.Locale;

/// Says on standard output what is going on, with the time since the start.
final class Progress {

  private final long start = System.nanoTime();

  void say(String line) {
    System.out.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - start) / 1e9, line);
  }
}
