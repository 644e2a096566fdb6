package io.peerup.pairing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// How often each source may do something: so many times within a window that moves along. A
/// machine; forgets sources that are quiet, and refuses new ones while it counts too many.
public final class SourceRate {

  private final int perSourceMax;
  private final Duration window;
  private final int sourcesMax;
  private final Map<SourcePrefix, Deque<Instant>> recent = new HashMap<>();

  public SourceRate(int perSourceMax, Duration window, int sourcesMax) {
    this.perSourceMax = perSourceMax;
    this.window = window;
    this.sourcesMax = sourcesMax;
  }

  /// True if this source may now, which counts it.
  public boolean count(SourcePrefix source, Instant now) {
    Instant forgotten = now.minus(window);
    recent.values().removeIf(times -> !times.getLast().isAfter(forgotten));
    Deque<Instant> times = recent.get(source);
    if (times == null) {
      if (recent.size() >= sourcesMax) {
        return false;
      }
      times = new ArrayDeque<>();
      recent.put(source, times);
    }
    while (!times.isEmpty() && !times.getFirst().isAfter(forgotten)) {
      times.removeFirst();
    }
    if (times.size() >= perSourceMax) {
      return false;
    }
    times.addLast(now);
    return true;
  }
}
