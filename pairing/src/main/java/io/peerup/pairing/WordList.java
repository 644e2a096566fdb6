package io.peerup.pairing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/// The PGP word list: a word of two syllables for each byte at an even place, one of three for each
/// at an odd place, so that a swapped, lost or doubled word is noticed. No two words of a half are
/// one slip of the keyboard apart.
final class WordList {

  private static final int WORDS = 256;
  private static final int SUGGESTIONS_MAX = 3;
  private static final int DISTANCE_MAX = 2;
  private static final int PREFIX_CHARS = 4;
  // Longer words are no slip of any word in the list.
  private static final int WORD_CHARS_MAX = 32;

  private static final List<List<String>> HALVES = load();

  private WordList() {}

  /// The word for a byte at this place.
  static String word(int place, byte value) {
    return half(place).get(value & 0xff);
  }

  /// The byte that this word means at this place, or -1.
  static int value(int place, String word) {
    return half(place).indexOf(word);
  }

  /// Words of this place that somebody may have meant, the nearest first.
  static List<String> suggestions(int place, String word) {
    if (word.length() > WORD_CHARS_MAX) {
      return List.of();
    }
    return half(place).stream()
        .filter(each -> distance(each, word) <= DISTANCE_MAX || begin(each).equals(begin(word)))
        .sorted(Comparator.comparingInt(each -> distance(each, word)))
        .limit(SUGGESTIONS_MAX)
        .toList();
  }

  private static List<String> half(int place) {
    return HALVES.get(place % 2);
  }

  private static String begin(String word) {
    return word.substring(0, Math.min(PREFIX_CHARS, word.length()));
  }

  /// How many letters must be put in, taken out or replaced (Levenshtein).
  private static int distance(String one, String other) {
    int[] before = new int[other.length() + 1];
    for (int j = 0; j < before.length; j++) {
      before[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] now = new int[before.length];
      now[0] = i;
      for (int j = 1; j < now.length; j++) {
        int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(replaced, 1 + Math.min(before[j], now[j - 1]));
      }
      before = now;
    }
    return before[other.length()];
  }

  private static List<List<String>> load() {
    try (InputStream in = WordList.class.getResourceAsStream("pgp_words.tsv")) {
      if (in == null) {
        throw new IllegalStateException("internal error: pgp_words.tsv is not in the jar");
      }
      List<String[]> rows =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split("\t", 2))
              .toList();
      if (rows.size() != WORDS) {
        throw new IllegalStateException("internal error: pgp_words.tsv has other rows");
      }
      return List.of(
          rows.stream().map(row -> row[0]).toList(), rows.stream().map(row -> row[1]).toList());
    } catch (IOException e) {
      throw new IllegalStateException("internal error: pgp_words.tsv cannot be read", e);
    }
  }
}
