package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;

/// Bytes as one big number in an alphabet: base58btc and base36. Leading zero bytes are leading
/// first letters. Both directions take time quadratic in the length: bound the text before.
public enum Radix {
  BASE58("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
  BASE36("0123456789abcdefghijklmnopqrstuvwxyz");

  /// Longest text that is decoded, whatever the caller forgot: a multibase value in an address.
  public static final int CHARS_MAX = 1024;

  /// Letters at a time: 58 to the fifth power, times four bytes, still fits a `long`.
  private static final int GROUP = 5;

  private final String alphabet;

  Radix(String alphabet) {
    this.alphabet = alphabet;
  }

  public String encode(byte[] value) {
    int zeros = 0;
    while (zeros < value.length && value[zeros] == 0) {
      zeros++;
    }
    int[] number = new int[(value.length - zeros + 3) / 4];
    for (int i = value.length - 1, place = 0; i >= zeros; i--, place++) {
      number[number.length - 1 - place / 4] |= (value[i] & 0xff) << (place % 4 * 8);
    }
    char[] out = new char[zeros + (value.length - zeros) * 2 + GROUP];
    int at = out.length;
    for (int start = 0; start < number.length; ) {
      long group = divide(number, start, power(GROUP));
      for (int i = 0; i < GROUP; i++) {
        out[--at] = alphabet.charAt((int) (group % alphabet.length()));
        group /= alphabet.length();
      }
      while (start < number.length && number[start] == 0) {
        start++;
      }
    }
    // The highest group may begin with letters that stand for nothing.
    while (at < out.length && out[at] == alphabet.charAt(0)) {
      at++;
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
    int zeros = 0;
    while (zeros < text.length() && text.charAt(zeros) == alphabet.charAt(0)) {
      zeros++;
    }
    // A letter is less than six bits.
    int[] number = new int[(text.length() - zeros) * 6 / 32 + 1];
    for (int at = zeros; at < text.length(); ) {
      int end = Math.min(at + GROUP, text.length());
      long factor = power(end - at);
      long group = 0;
      for (; at < end; at++) {
        group = group * alphabet.length() + digit(text, at);
      }
      multiplyAndAdd(number, factor, group);
    }
    int leading = 0;
    while (leading < number.length * 4 && byteAt(number, leading) == 0) {
      leading++;
    }
    byte[] out = new byte[zeros + number.length * 4 - leading];
    for (int i = zeros; i < out.length; i++) {
      out[i] = byteAt(number, leading + i - zeros);
    }
    return out;
  }

  private int digit(String text, int at) {
    int digit = alphabet.indexOf(text.charAt(at));
    if (digit < 0) {
      throw new MalformedInput(
          "not a letter of base" + alphabet.length() + " at position " + (at + 1));
    }
    return digit;
  }

  private long power(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= alphabet.length();
    }
    return power;
  }

  /// Divides the number in place and returns the remainder.
  private static long divide(int[] number, int start, long divisor) {
    long remainder = 0;
    for (int i = start; i < number.length; i++) {
      long value = (remainder << 32) | Integer.toUnsignedLong(number[i]);
      number[i] = (int) (value / divisor);
      remainder = value % divisor;
    }
    return remainder;
  }

  private static void multiplyAndAdd(int[] number, long factor, long addend) {
    long carry = addend;
    for (int i = number.length - 1; i >= 0; i--) {
      long value = Integer.toUnsignedLong(number[i]) * factor + carry;
      number[i] = (int) value;
      carry = value >>> 32;
    }
  }

  private static byte byteAt(int[] number, int index) {
    return (byte) (number[index / 4] >> (24 - index % 4 * 8));
  }
}
