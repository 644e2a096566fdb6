package io.peerup.pairing;

import io.peerup.pairing.QuickCode.Symbol;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How 64 bits are shown to people: four symbols from the upper 24, six digits from the lower 40.
/// What the bits are worth is the caller's business.
final class ShortCode {

  private static final int SYMBOL_COUNT = 4;
  private static final int TABLE_SIZE = 64;
  private static final List<Symbol> TABLE = load();

  private ShortCode() {}

  static List<Symbol> symbols(long bits) {
    List<Symbol> symbols = new ArrayList<>();
    for (int i = 0; i < SYMBOL_COUNT; i++) {
      symbols.add(TABLE.get((int) (bits >>> (58 - 6 * i)) & (TABLE_SIZE - 1)));
    }
    return symbols;
  }

  /// `ddd-ddd`.
  static String digits(long bits) {
    long number = (bits & ((1L << 40) - 1)) % 1_000_000;
    String digits = String.format(Locale.ROOT, "%06d", number);
    return digits.substring(0, 3) + "-" + digits.substring(3);
  }

  private static List<Symbol> load() {
    try (InputStream in = ShortCode.class.getResourceAsStream("emoji.tsv")) {
      if (in == null) {
        throw new IllegalStateException("internal error: emoji.tsv is not in the jar");
      }
      List<Symbol> table =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split("\t", 2))
              .map(parts -> new Symbol(parts[0], parts[1]))
              .toList();
      if (table.size() != TABLE_SIZE) {
        throw new IllegalStateException("internal error: emoji.tsv has " + table.size() + " rows");
      }
      return table;
    } catch (IOException e) {
      throw new IllegalStateException("internal error: emoji.tsv cannot be read", e);
    }
  }
}
