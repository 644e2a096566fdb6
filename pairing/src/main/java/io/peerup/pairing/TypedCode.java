package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import java.util.Arrays;

/// A code to be typed: sixteen symbols of Crockford's base32, `EJWJ-7KQK-W0C9-MGVF`. Seven find the
/// invite, eight are the secret (40 bits), one is a check that notices every wrong symbol and every
/// two swapped ones. Secret; `toString` shows none of it.
public final class TypedCode {

  static final int KIND = 2;
  static final int SYMBOLS = 16;

  private static final int SELECTOR_SYMBOLS = 7;
  private static final int GROUP_SYMBOLS = 4;
  // GF(32) as GF(2)[x]/(x⁵ + x² + 1).
  private static final int FIELD_POLYNOMIAL = 0b100101;

  private final String symbols;

  private TypedCode(byte[] values) {
    StringBuilder out = new StringBuilder(SYMBOLS);
    for (byte value : values) {
      out.append(Crockford.symbol(value));
    }
    this.symbols = out.toString();
  }

  /// A fresh code.
  public static TypedCode generate(KeyRandom random) {
    byte[] values = random.bytes(SYMBOLS);
    for (int i = 0; i < values.length; i++) {
      values[i] &= 31;
    }
    values[SYMBOLS - 1] = check(values);
    return new TypedCode(values);
  }

  /// Reads what somebody typed: case, dashes and white space do not matter, O counts as 0, I and L
  /// as 1. Throws [MalformedInput] with the exact reason.
  static TypedCode parse(String text) {
    byte[] values = Crockford.read(text);
    if (values.length != SYMBOLS) {
      throw new MalformedInput(
          "a typed code has %d characters, this one has %d".formatted(SYMBOLS, values.length),
          "compare it with the original");
    }
    if (values[SYMBOLS - 1] != check(values)) {
      throw new MalformedInput(
          "the code is mistyped: its check symbol does not fit", "compare it with the original");
    }
    return new TypedCode(values);
  }

  /// True if this is a typed code, whole and without a slip.
  static boolean matches(String text) {
    try {
      parse(text);
      return true;
    } catch (MalformedInput e) {
      return false;
    }
  }

  /// What finds the invite at the relay; public.
  public String selector() {
    return symbols.substring(0, SELECTOR_SYMBOLS);
  }

  /// What the protocol needs. Takes a while, see [PairingSecret#stretch].
  public PairingSecret secret() {
    byte[] secret = Crypto.ascii(symbols.substring(SELECTOR_SYMBOLS, SYMBOLS - 1));
    try {
      return PairingSecret.stretch(KIND, Crypto.ascii(selector()), secret);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /// The code itself, dashes after every four symbols. Secret: for the person it is meant for.
  public String text() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < SYMBOLS; i += GROUP_SYMBOLS) {
      out.append(i == 0 ? "" : "-").append(symbols, i, i + GROUP_SYMBOLS);
    }
    return out.toString();
  }

  /// The sum of α^(i+1) times symbol number i, over all but the last.
  private static byte check(byte[] values) {
    int sum = 0;
    for (int i = SYMBOLS - 2; i >= 0; i--) {
      sum = timesAlpha(sum ^ values[i]);
    }
    return (byte) sum;
  }

  private static int timesAlpha(int value) {
    int shifted = value << 1;
    return shifted > 31 ? shifted ^ FIELD_POLYNOMIAL : shifted;
  }

  @Override
  public String toString() {
    return "TypedCode[redacted]";
  }
}
