package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/// What codes that are pasted have in common: text that mail programs and chats have been at, and
/// the same fields inside.
final class Pasted {

  private static final String HTTPS = "https://";
  private static final String LEADING = "<([{\"'«„“‘";
  private static final String TRAILING = ">)]}\"'»“”’.,;:!?…";

  private Pasted() {}

  /// Takes away what a link picks up on its way: white space and invisible characters anywhere,
  /// brackets, quotes and punctuation around it, percent-encoding.
  static String clean(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .filter(c ->
            !Character.isWhitespace(c)
                && !Character.isSpaceChar(c)
                && Character.getType(c) != Character.FORMAT)
        .forEach(out::appendCodePoint);
    while (!out.isEmpty() && LEADING.indexOf(out.charAt(0)) >= 0) {
      out.deleteCharAt(0);
    }
    while (!out.isEmpty() && TRAILING.indexOf(out.charAt(out.length() - 1)) >= 0) {
      out.setLength(out.length() - 1);
    }
    return percentDecoded(out.toString());
  }

  /// True if the cleaned text is a link of this scheme.
  static boolean has(String scheme, String cleaned) {
    return cleaned.toLowerCase(Locale.ROOT).startsWith(scheme);
  }

  /// True if it is a web address with something behind a `#`, which browsers keep to themselves.
  static boolean isWebLink(String cleaned) {
    return has(HTTPS, cleaned) && cleaned.indexOf('#') > HTTPS.length();
  }

  /// What stands behind the `#`.
  static String fragment(String cleaned) {
    return cleaned.substring(cleaned.indexOf('#') + 1);
  }

  /// Strict base64url without padding: one text for one value. Throws [MalformedInput].
  static byte[] base64(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("characters that such a code never has", e);
    }
    if (!text(bytes).equals(text)) {
      throw new MalformedInput("an ending that such a code never has");
    }
    return bytes;
  }

  static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static void writeRelays(ByteWriter out, List<Multiaddr> relays) {
    out.varint(relays.size());
    relays.forEach(relay -> out.lengthPrefixed(relay.bytes()));
  }

  static List<Multiaddr> readRelays(ByteReader in, int min) {
    int count = (int) in.varint(Limits.CODE_RELAYS_MAX);
    List<Multiaddr> relays = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      relays.add(Multiaddr.fromBytes(in.lengthPrefixed(Limits.MULTIADDR_BYTES_MAX)));
    }
    return checkRelays(relays, min);
  }

  /// Each must say who the relay is: without that a pasted code would trust whoever answers.
  static List<Multiaddr> checkRelays(List<Multiaddr> relays, int min) {
    if (relays.size() < min || relays.size() > Limits.CODE_RELAYS_MAX) {
      throw new MalformedInput(
          "such a code names %d to %d relays".formatted(min, Limits.CODE_RELAYS_MAX));
    }
    if (relays.stream().anyMatch(relay -> relay.peer().isEmpty())) {
      throw new MalformedInput("a relay without its peer id");
    }
    return List.copyOf(relays);
  }

  static String readNamespace(byte[] label) {
    return label.length == 0
        ? ""
        : Names.checkNamespace(new String(label, StandardCharsets.ISO_8859_1));
  }

  static Instant readExpiry(ByteReader in) {
    long seconds = in.u64();
    // Within what a calendar can write: year 9999.
    if (seconds < 0 || seconds > Limits.EPOCH_SECOND_MAX) {
      throw new MalformedInput("an end outside the calendar");
    }
    return Instant.ofEpochSecond(seconds);
  }

  private static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && i + 2 < text.length()) {
        int high = Character.digit(text.charAt(i + 1), 16);
        int low = Character.digit(text.charAt(i + 2), 16);
        if (high >= 0 && high < 8 && low >= 0) {
          out.append((char) (high << 4 | low));
          i += 2;
          continue;
        }
      }
      out.append(c);
    }
    return out.toString();
  }
}
