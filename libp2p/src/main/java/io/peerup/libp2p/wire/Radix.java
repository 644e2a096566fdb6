package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.util.Arrays;

/// Bytes as one big number in an alphabet: base58btc and base36. Leading zero bytes are leading
/// first letters. Both directions take time quadratic in the length: bound the text before.
public enum Radix {
  BASE58("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
  BASE36("0123456789abcdefghijklmnopqrstuvwxyz");

  /// Longest text that is decoded, whatever the caller forgot: a multibase value in an address.
  public static final int CHARS_MAX = 1024;

  private final String alphabet;

  Radix(String alphabet) {
    this.alphabet = alphabet;
  }

  public String encode(byte[] value) {
    byte[] number = value.clone();
    int zeros = leadingZeros(number);
    char[] out = new char[zeros + (number.length - zeros) * 2];
    int at = out.length;
    int start = zeros;
    while (start < number.length) {
      out[--at] = alphabet.charAt(divide(number, start, 256, alphabet.length()));
      while (start < number.length && number[start] == 0) {
        start++;
      }
    }
    for (int i = 0; i < zeros; i++) {
      out[--at] = alphabet.charAt(0);
    }
    return new String(out, at, out.length - at);
  }

  /// Throws [MalformedInput] on a letter outside the alphabet and on texts above [#CHARS_MAX].
  public byte[] decode(String text) {
    if (text.length() > CHARS_MAX) {
      throw new MalformedInput(
          "base" + alphabet.length() + " text of " + text.length() + " characters is too long");
    }
    byte[] digits = new byte[text.length()];
    for (int i = 0; i < digits.length; i++) {
      int digit = alphabet.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new MalformedInput(
            "not a letter of base" + alphabet.length() + " at position " + (i + 1));
      }
      digits[i] = (byte) digit;
    }
    int zeros = leadingZeros(digits);
    byte[] out = new byte[digits.length];
    int at = out.length;
    int start = zeros;
    while (start < digits.length) {
      out[--at] = (byte) divide(digits, start, alphabet.length(), 256);
      while (start < digits.length && digits[start] == 0) {
        start++;
      }
    }
    return Arrays.copyOfRange(out, at - zeros, out.length);
  }

  /// Divides the number in place and returns the remainder.
  private static int divide(byte[] number, int start, int base, int divisor) {
    int remainder = 0;
    for (int i = start; i < number.length; i++) {
      int value = remainder * base + (number[i] & 0xff);
      number[i] = (byte) (value / divisor);
      remainder = value % divisor;
    }
    return remainder;
  }

  private static int leadingZeros(byte[] digits) {
    int zeros = 0;
    while (zeros < digits.length && digits[zeros] == 0) {
      zeros++;
    }
    return zeros;
  }
}
