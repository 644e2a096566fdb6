package io.peerup.control.config;

/// How many slips of the finger lie between two words: insertions, deletions, replacements and
/// swaps of neighbours (optimal string alignment). A dash and an underscore count as the same.
final class EditDistance {
  /// Beyond this a word is no slip but something else, and the table would grow with its square.
  static final int WORD_CHARACTERS = 64;

  private EditDistance() {}

  static int between(String left, String right) {
    String a = left.replace('_', '-');
    String b = right.replace('_', '-');
    if (a.length() > WORD_CHARACTERS || b.length() > WORD_CHARACTERS) {
      return Math.max(a.length(), b.length());
    }
    int[][] distance = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        distance[i][j] = i == 0 || j == 0 ? i + j : step(distance, a, b, i, j);
      }
    }
    return distance[a.length()][b.length()];
  }

  private static int step(int[][] distance, String a, String b, int i, int j) {
    int replace = distance[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replace, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, distance[i - 2][j - 2] + 1) : best;
  }
}
