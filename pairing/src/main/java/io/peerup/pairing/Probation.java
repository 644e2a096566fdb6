package io.peerup.pairing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How long strangers may stay at a relay: at most 10 at a time, 2 from one source, 15 s each, 3 s
/// until they say something, a minute more while they have a circuit. A machine: the relay asks it
/// when a stranger connects, tells it what happens, and closes whom it names.
///
/// @param <K> what stands for a stranger's connection; compared by `equals`
public final class Probation<K> {

  /// The answer to a newcomer.
  ///
  /// @param admitted whether it may stay; if not, close its connection
  /// @param close others whose connections to close: their time is over, or they make room
  public record Admission<K>(boolean admitted, List<K> close) {
    public Admission {
      close = List.copyOf(close);
    }
  }

  private record Stay(SourcePrefix source, Instant since, Instant ends) {
    Stay until(Instant end) {
      return new Stay(source, since, end);
    }

    Instant usualEnd() {
      return since.plus(Limits.PROBATION_TIME);
    }
  }

  // In order of arrival.
  private final Map<K, Stay> stays = new LinkedHashMap<>();

  /// A stranger connects. When all places are taken, the oldest stranger of the most crowded source
  /// goes, if that source then still has as many as the newcomer's: so a crowd from one place never
  /// shuts out another, and strangers from equally many places do not displace each other.
  public Admission<K> arrive(K stranger, SourcePrefix source, Instant now) {
    List<K> close = new ArrayList<>(expire(now));
    long fromSource = count(source);
    if (stays.containsKey(stranger)
        || (!source.isLoopback() && fromSource >= Limits.PROBATION_PER_SOURCE_MAX)) {
      return new Admission<>(false, close);
    }
    if (stays.size() >= Limits.PROBATION_MAX) {
      SourcePrefix crowded = mostCrowded();
      if (count(crowded) <= fromSource + 1) {
        return new Admission<>(false, close);
      }
      close.add(removeOldest(crowded));
    }
    stays.put(stranger, new Stay(source, now, now.plus(Limits.FIRST_FRAME_TIME)));
    return new Admission<>(true, close);
  }

  /// Its first whole frame came: it has the rest of its 15 s.
  public void spoke(K stranger) {
    stays.computeIfPresent(stranger, (_, s) -> s.until(later(s.ends(), s.usualEnd())));
  }

  /// It has a circuit to a member: it may stay for it, [Limits#CIRCUIT_VISIT_TIME] more.
  public void circuitBegan(K stranger) {
    stays.computeIfPresent(
        stranger, (_, s) -> s.until(s.usualEnd().plus(Limits.CIRCUIT_VISIT_TIME)));
  }

  /// Its circuit ended: it has the rest of its 15 s, and a moment in any case, because the member
  /// may be vouching for it.
  public void circuitEnded(K stranger, Instant now) {
    stays.computeIfPresent(
        stranger,
        (_, s) -> {
          Instant end = later(s.usualEnd(), now.plus(Limits.FIRST_FRAME_TIME));
          return end.isBefore(s.ends()) ? s.until(end) : s;
        });
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /// It is gone, or a member now. Frees its place.
  public void leave(K stranger) {
    stays.remove(stranger);
  }

  /// True while it is on probation.
  public boolean contains(K stranger) {
    return stays.containsKey(stranger);
  }

  /// Those whose time is over at `now`; forgotten by this call. Close their connections.
  public List<K> expire(Instant now) {
    List<K> over =
        stays.entrySet().stream()
            .filter(e -> !now.isBefore(e.getValue().ends()))
            .map(Map.Entry::getKey)
            .toList();
    over.forEach(stays::remove);
    return over;
  }

  /// When to call [#expire] next, or empty when nobody is here.
  public Optional<Instant> nextEnd() {
    return stays.values().stream().map(Stay::ends).min(Comparator.naturalOrder());
  }

  /// How many are here.
  public int size() {
    return stays.size();
  }

  private long count(SourcePrefix source) {
    return stays.values().stream().filter(s -> s.source().equals(source)).count();
  }

  /// The source with the most strangers; of equals the one that came first.
  private SourcePrefix mostCrowded() {
    SourcePrefix most = stays.values().iterator().next().source();
    for (Stay stay : stays.values()) {
      if (count(stay.source()) > count(most)) {
        most = stay.source();
      }
    }
    return most;
  }

  private K removeOldest(SourcePrefix source) {
    for (Map.Entry<K, Stay> entry : stays.entrySet()) {
      if (entry.getValue().source().equals(source)) {
        K oldest = entry.getKey();
        stays.remove(oldest);
        return oldest;
      }
    }
    throw new IllegalStateException("internal error: a crowded source without strangers");
  }
}
