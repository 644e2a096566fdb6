package io.peerup.bench;

import java.util.Locale;

/// A figure to reach.
///
/// @param what in words
/// @param bound the figure, `atLeast` or at most
/// @param reached what was measured
record Target(String what, boolean atLeast, double bound, String unit, Samples reached) {

  boolean holds() {
    return atLeast ? reached.median() >= bound : reached.median() <= bound;
  }

  /// A row of a Markdown table.
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %s %s%s | %s%s | %s |",
        what,
        atLeast ? "≥" : "≤",
        bound == Math.rint(bound) ? String.format(Locale.ROOT, "%.0f", bound) : bound,
        unit,
        reached.text(2),
        unit,
        holds() ? "yes" : "**no**");
  }
}
