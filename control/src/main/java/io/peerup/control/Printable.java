package io.peerup.control;

/// Text from elsewhere, made safe for a terminal.
public final class Printable {
  private Printable() {}

  /// `text` with every character that could steer a terminal or reorder a line (control, format and
  /// bidirectional characters, line and paragraph separators, lone surrogates, unassigned and
  /// private code points) written as its number, such as `<U+202E>`.
  public static String of(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (isSafe(c)) {
            out.appendCodePoint(c);
          } else {
            out.append(String.format("<U+%04X>", c));
          }
        });
    return out.toString();
  }

  private static boolean isSafe(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
