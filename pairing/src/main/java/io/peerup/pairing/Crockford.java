package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import java.util.Arrays;

/// Crockford's base32: no I, L, O, U, so that what is read aloud or copied by hand survives.
final class Crockford {

  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int BITS = 5;

  private Crockford() {}

  /// The symbols that so many bytes make.
  static int symbols(int bytes) {
    return (bytes * 8 + BITS - 1) / BITS;
  }

  /// Symbols of the bytes, the last one filled up with zero bits.
  static String encode(byte[] bytes) {
    StringBuilder out = new StringBuilder(symbols(bytes.length));
    int buffer = 0;
    int bits = 0;
    for (byte b : bytes) {
      buffer = buffer << 8 | (b & 0xff);
      bits += 8;
      while (bits >= BITS) {
        bits -= BITS;
        out.append(ALPHABET.charAt(buffer >>> bits & 31));
      }
      buffer &= (1 << bits) - 1;
    }
    if (bits > 0) {
      out.append(ALPHABET.charAt(buffer << (BITS - bits) & 31));
    }
    return out.toString();
  }

  /// The symbol for a value of 0…31.
  static char symbol(int value) {
    return ALPHABET.charAt(value);
  }

  /// The values (0…31) of typed text: white space and dashes of any kind dropped, case ignored, O
  /// read as 0, I and L as 1. Throws [MalformedInput] at any other character.
  static byte[] read(String text) {
    byte[] values = new byte[text.length()];
    int count = 0;
    int position = 0;
    for (int c : text.codePoints().toArray()) {
      position++;
      if (isFiller(c)) {
        continue;
      }
      int value = ALPHABET.indexOf(canonical(c));
      if (value < 0) {
        throw new MalformedInput(
            "the code contains %s at position %d, which codes never do"
                .formatted(show(c), position),
            "copy the code again; it consists of digits and letters without I, L, O and U");
      }
      values[count++] = (byte) value;
    }
    return Arrays.copyOf(values, count);
  }

  /// The whole bytes in these values. What is left over (fewer than 8 bits) is in [#leftover].
  static byte[] bytes(byte[] values) {
    byte[] out = new byte[values.length * BITS / 8];
    int buffer = 0;
    int bits = 0;
    int at = 0;
    for (byte value : values) {
      buffer = buffer << BITS | value;
      bits += BITS;
      if (bits >= 8) {
        bits -= 8;
        out[at++] = (byte) (buffer >>> bits);
        buffer &= (1 << bits) - 1;
      }
    }
    return out;
  }

  /// The bits behind the last whole byte; zero in anything that [#encode] made.
  static int leftover(byte[] values) {
    int bits = values.length * BITS % 8;
    if (bits == 0) {
      return 0;
    }
    // At most 7 bits: they lie in the last two symbols.
    int last = values[values.length - 1];
    int both = values.length > 1 ? values[values.length - 2] << BITS | last : last;
    return both & (1 << bits) - 1;
  }

  private static boolean isFiller(int c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.getType(c) == Character.DASH_PUNCTUATION
        || c == '\u2212' // minus sign
        || c == '\u00ad' // soft hyphen
        || c == '\u200b' // zero-width space, which chat programs like to add
        || c == '\ufeff'; // byte order mark
  }

  private static int canonical(int c) {
    int upper = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
    return switch (upper) {
      case 'O' -> '0';
      case 'I', 'L' -> '1';
      default -> upper;
    };
  }

  private static String show(int c) {
    return c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "U+%04X".formatted(c);
  }
}
