package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;

/// RFC 4648 base32, lower case, without padding, as multibase `b` and onion addresses have it.
public final class Base32 {

  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

  private Base32() {}

  public static String encode(byte[] value) {
    StringBuilder out = new StringBuilder((value.length * 8 + 4) / 5);
    int buffer = 0;
    int bits = 0;
    for (byte next : value) {
      buffer = buffer << 8 | (next & 0xff);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        out.append(ALPHABET.charAt(buffer >>> bits & 31));
      }
      buffer &= (1 << bits) - 1;
    }
    if (bits > 0) {
      out.append(ALPHABET.charAt(buffer << (5 - bits) & 31));
    }
    return out.toString();
  }

  /// Throws [MalformedInput] on a foreign letter, an impossible length, or padding bits that are
  /// not zero: each value has one text.
  public static byte[] decode(String text) {
    byte[] out = new byte[text.length() * 5 / 8];
    int at = 0;
    int buffer = 0;
    int bits = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new MalformedInput("not a letter of base32 at position " + (i + 1));
      }
      buffer = buffer << 5 | digit;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        out[at++] = (byte) (buffer >>> bits);
        buffer &= (1 << bits) - 1;
      }
    }
    if (bits >= 5 || buffer != 0) {
      throw new MalformedInput("base32 text has an impossible end");
    }
    return out;
  }
}
