package io.peerup.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/// Durations in milliseconds, taken by many threads, and how far they are from another set.
public final class Samples {

  private final List<Double> values = Collections.synchronizedList(new ArrayList<>());

  public void add(double millis) {
    values.add(millis);
  }

  public int size() {
    return values.size();
  }

  private double[] sorted() {
    double[] out;
    synchronized (values) {
      out = values.stream().mapToDouble(Double::doubleValue).toArray();
    }
    Arrays.sort(out);
    return out;
  }

  public double median() {
    double[] all = sorted();
    return (all[(all.length - 1) / 2] + all[all.length / 2]) / 2;
  }

  /// The Kolmogorov-Smirnov distance: the most by which the share of values up to any bound differs
  /// between the two. The best guess "above some bound it is the one, below it is the other" is
  /// right in `(1 + distance) / 2` of all cases.
  public double distance(Samples other) {
    double[] a = sorted();
    double[] b = other.sorted();
    double most = 0;
    for (int i = 0, j = 0; i < a.length && j < b.length; ) {
      double at = Math.min(a[i], b[j]);
      while (i < a.length && a[i] <= at) {
        i++;
      }
      while (j < b.length && b[j] <= at) {
        j++;
      }
      most = Math.max(most, Math.abs((double) i / a.length - (double) j / b.length));
    }
    return most;
  }

  /// The distance that two sets of this size from one distribution stay below with a probability of
  /// more than 0.9999 (the limit of Kolmogorov and Smirnov for both sets alike).
  public static double noise(int size) {
    return 2.23 * Math.sqrt(2.0 / size);
  }

  /// The difference that the medians of two of these sets stay below with a probability of more
  /// than 0.9999, if all of them are of one distribution: the median of `n` values lies within
  /// 2.23/√n of the middle of the distribution, counted in shares of its values.
  public static double medianNoise(Collection<Samples> sets) {
    Samples all = new Samples();
    sets.forEach(each -> all.values.addAll(each.values));
    int size = sets.stream().mapToInt(Samples::size).min().orElseThrow();
    double[] sorted = all.sorted();
    double share = Math.min(0.5, 2.23 / Math.sqrt(size));
    return sorted[(int) Math.floor((sorted.length - 1) * (0.5 + share))]
        - sorted[(int) Math.floor((sorted.length - 1) * (0.5 - share))];
  }
}
