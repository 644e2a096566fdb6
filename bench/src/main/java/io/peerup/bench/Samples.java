package io.peerup.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// What one scenario measured, one value a round.
final class Samples {

  private final List<Double> values = new ArrayList<>();

  static Samples of(double... values) {
    Samples samples = new Samples();
    Arrays.stream(values).forEach(samples::add);
    return samples;
  }

  void add(double value) {
    values.add(value);
  }

  int count() {
    return values.size();
  }

  double median() {
    return percentile(values, 0.5);
  }

  double min() {
    return Collections.min(values);
  }

  double max() {
    return Collections.max(values);
  }

  /// Round by round, divided by the other's.
  Samples dividedBy(Samples other) {
    Samples ratios = new Samples();
    for (int i = 0; i < Math.min(values.size(), other.values.size()); i++) {
      ratios.add(values.get(i) / other.values.get(i));
    }
    return ratios;
  }

  /// Round by round, less so many of the other's.
  Samples minus(double factor, Samples other) {
    Samples rest = new Samples();
    for (int i = 0; i < Math.min(values.size(), other.values.size()); i++) {
      rest.add(values.get(i) - factor * other.values.get(i));
    }
    return rest;
  }

  Samples times(double factor) {
    return Samples.of(values.stream().mapToDouble(each -> each * factor).toArray());
  }

  /// Median, then the smallest and largest.
  String text(int decimals) {
    String format = "%,." + decimals + "f";
    return String.format(
        Locale.ROOT, format + " (" + format + "–" + format + ")", median(), min(), max());
  }

  /// The value below which `share` of all lie; the mean of the middle two for the median of an even
  /// number.
  static double percentile(List<Double> all, double share) {
    List<Double> sorted = all.stream().sorted().toList();
    double at = share * (sorted.size() - 1);
    int low = (int) Math.floor(at);
    int high = (int) Math.ceil(at);
    return sorted.get(low) + (at - low) * (sorted.get(high) - sorted.get(low));
  }
}
