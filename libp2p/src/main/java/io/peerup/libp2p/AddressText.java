package io.peerup.libp2p;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntPredicate;

/// Numbers, names and percent signs inside multiaddrs. Strict, because addresses come from
/// strangers and end up in terminals and logs: no control letters, no marks that change direction.
final class AddressText {

  private AddressText() {}

  static int decimal(String text, int max) {
    boolean wellFormed =
        !text.isEmpty()
            && text.length() <= 5
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    int value = wellFormed ? Integer.parseInt(text) : Integer.MAX_VALUE;
    if (value > max) {
      throw new MalformedInput("not a number of 0 to " + max);
    }
    return value;
  }

  static byte[] utf8(String text, IntPredicate letters) {
    return notEmpty(checkLetters(text, letters).getBytes(StandardCharsets.UTF_8));
  }

  static String utf8(byte[] bytes, IntPredicate letters) {
    try {
      return checkLetters(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(notEmpty(bytes))).toString(),
          letters);
    } catch (CharacterCodingException e) {
      throw new MalformedInput("text is not UTF-8", e);
    }
  }

  static byte[] notEmpty(byte[] bytes) {
    if (bytes.length == 0) {
      throw new MalformedInput("empty value");
    }
    return bytes;
  }

  private static String checkLetters(String text, IntPredicate letters) {
    if (!text.codePoints().allMatch(letters)) {
      throw new MalformedInput("letter that is not allowed");
    }
    return text;
  }

  /// A letter of a DNS name.
  static boolean isNameLetter(int letter) {
    return Character.isLetterOrDigit(letter) || letter == '-' || letter == '.' || letter == '_';
  }

  /// Printable, and no slash.
  static boolean isLabelLetter(int letter) {
    return (letter != '/' && letter > ' ' && letter < 0x7f) || Character.isLetterOrDigit(letter);
  }

  static boolean isPathLetter(int letter) {
    return switch (Character.getType(letter)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  static byte[] percentDecode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter == '%') {
        boolean complete = i + 2 < text.length();
        int high = complete ? hexDigit(text.charAt(i + 1)) : -1;
        int low = complete ? hexDigit(text.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw new MalformedInput("percent sign without two hex digits");
        }
        out.write(high << 4 | low);
        i += 2;
      } else if (letter > ' ' && letter < 0x7f && letter != '/') {
        out.write(letter);
      } else {
        throw new MalformedInput("path is not percent-encoded");
      }
    }
    return out.toByteArray();
  }

  static String percentEncode(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (byte next : bytes) {
      char letter = (char) (next & 0xff);
      // RFC 3986 §2.3, unreserved.
      boolean plain =
          letter < 0x80 && (Character.isLetterOrDigit(letter) || "-._~".indexOf(letter) >= 0);
      if (plain) {
        out.append(letter);
      } else {
        out.append(String.format(Locale.ROOT, "%%%02X", (int) letter));
      }
    }
    return out.toString();
  }

  private static int hexDigit(char letter) {
    return letter < 0x80 ? Character.digit(letter, 16) : -1;
  }
}
