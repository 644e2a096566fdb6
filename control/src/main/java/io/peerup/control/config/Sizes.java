package io.peerup.control.config;

import io.peerup.control.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers of bytes as people write them: `131072`, `128KiB`, `64MiB`, `2GiB`.
final class Sizes {
  private static final Pattern FORM = Pattern.compile("(\\d{1,15})(|KiB|MiB|GiB|TiB)");
  private static final String[] UNITS = {"", "KiB", "MiB", "GiB", "TiB"};

  private Sizes() {}

  static long parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw refused(text);
    }
    long amount = Long.parseLong(parts.group(1));
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(parts.group(2))) {
        if (amount > Long.MAX_VALUE >> (10 * i)) {
          throw refused(text);
        }
        return amount << (10 * i);
      }
    }
    throw refused(text);
  }

  /// The shortest form that [#parse] reads back.
  static String format(long bytes) {
    int unit = 0;
    long amount = bytes;
    while (amount != 0 && amount % 1024 == 0 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    return amount + UNITS[unit];
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "\""
            + Printable.of(text)
            + "\" is not a number of bytes; write it like 1048576, 64MiB or 2GiB");
  }
}
