package io.peerup.control;

import java.time.Duration;

/// Durations as people write them: `90s`, `15m`, `1h30m`, `7d`, `500ms`, `0`.
public final class Durations {
  private Durations() {}

  /// @throws IllegalArgumentException with a sentence that shows the accepted form
  public static Duration parse(String text) {
    throw new UnsupportedOperationException(text);
  }

  /// The shortest form that [#parse] reads back: `1h30m`, `0s`.
  public static String format(Duration duration) {
    throw new UnsupportedOperationException(duration.toString());
  }
}
