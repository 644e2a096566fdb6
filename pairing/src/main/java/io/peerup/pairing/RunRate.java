package io.peerup.pairing;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// How many pairing runs a source may begin: [Limits#RUNS_PER_SOURCE_MAX] within
/// [Limits#RUN_RATE_WINDOW]. Each run costs the inviter a few elliptic-curve operations, known
/// invite or not. A machine; forgets sources that are quiet.
///
/// @param <S> what a source is
public final class RunRate<S> {

  private final Map<S, Deque<Instant>> recent = new HashMap<>();

  /// True if a run may begin now, which counts it. If not: reset its stream.
  public boolean begin(S source, Instant now) {
    Instant from = now.minus(Limits.RUN_RATE_WINDOW);
    recent.values().forEach(times -> times.removeIf(time -> !time.isAfter(from)));
    recent.values().removeIf(Deque::isEmpty);
    Deque<Instant> times = recent.computeIfAbsent(source, _ -> new ArrayDeque<>());
    if (times.size() >= Limits.RUNS_PER_SOURCE_MAX) {
      return false;
    }
    times.addLast(now);
    return true;
  }
}
