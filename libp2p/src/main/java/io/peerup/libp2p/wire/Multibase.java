package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.util.Base64;
import java.util.HexFormat;

/// Text whose first letter names its base (multiformats/multibase), for the bases in use: `b`
/// base32, `k` base36, `z` base58btc, `u` base64url, `f` base16.
public final class Multibase {

  private Multibase() {}

  /// Throws [MalformedInput] on an unknown base and on text that is not the one form of its value.
  public static byte[] decode(String text) {
    if (text.isEmpty()) {
      throw new MalformedInput("multibase text is empty");
    }
    String digits = text.substring(1);
    return switch (text.charAt(0)) {
      case 'b' -> Base32.decode(digits);
      case 'k' -> Radix.BASE36.decode(digits);
      case 'z' -> Radix.BASE58.decode(digits);
      case 'u' -> base64Url(digits);
      case 'f' -> base16(digits);
      default -> throw new MalformedInput("text is in no known multibase encoding");
    };
  }

  /// Multibase `u`.
  public static String base64Url(byte[] value) {
    return "u" + Base64.getUrlEncoder().withoutPadding().encodeToString(value);
  }

  private static byte[] base64Url(String digits) {
    byte[] out;
    try {
      out = Base64.getUrlDecoder().decode(digits);
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("text is not base64url", e);
    }
    // The JDK also takes padding and stray bits at the end.
    if (!Base64.getUrlEncoder().withoutPadding().encodeToString(out).equals(digits)) {
      throw new MalformedInput("base64url text is padded or has an impossible end");
    }
    return out;
  }

  private static byte[] base16(String digits) {
    try {
      byte[] out = HexFormat.of().parseHex(digits);
      if (!HexFormat.of().formatHex(out).equals(digits)) {
        throw new MalformedInput("base16 text is not in lower case");
      }
      return out;
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("text is not base16", e);
    }
  }
}
