package io.peerup.pairing.rendezvous;

import io.peerup.libp2p.MalformedInput;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// The public part of a code: which invite is meant. Selectors of different kinds never meet.
///
/// @param kind 1 spoken (a nameplate of 4 or 5 digits), 2 typed (7 symbols), 5 full (16 bytes)
/// @param hex the selector's bytes in hexadecimal, so that equality is by content
public record Selector(int kind, String hex) {

  /// A code whose number the relay allots and people say aloud.
  public static final int SPOKEN = 1;

  /// A code of sixteen symbols.
  public static final int TYPED = 2;

  /// The long form for a QR code or the clipboard.
  public static final int FULL = 5;

  public Selector {
    int bytes = hex.length() / 2;
    boolean fits =
        switch (kind) {
          case SPOKEN -> isNameplate(hex);
          case TYPED -> bytes == 7;
          case FULL -> bytes == 16;
          default -> false;
        };
    if (!fits) {
      throw new MalformedInput("not a selector of a code of kind " + kind);
    }
  }

  /// The selector with these bytes. Throws [MalformedInput] if the kind has no such selectors.
  public static Selector of(int kind, byte[] bytes) {
    return new Selector(kind, HexFormat.of().formatHex(bytes));
  }

  /// The selector that is written with these ASCII characters.
  public static Selector ofText(int kind, String ascii) {
    return of(kind, ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /// A fresh copy.
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  private static boolean isNameplate(String hex) {
    // 1000…99999 in ASCII digits, no leading zero.
    return hex.matches("3[1-9](3[0-9]){3,4}");
  }

  /// The first two bytes only: enough to tell invites apart in a log.
  @Override
  public String toString() {
    return kind + ":" + hex.substring(0, 4) + "…";
  }
}
