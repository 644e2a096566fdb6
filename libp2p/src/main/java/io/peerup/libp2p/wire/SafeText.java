package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/// Text that strangers send and people read: UTF-8, in NFC, printable, with the plain space as the
/// only white space. It refuses what could move a cursor, reorder a line or hide in it.
public final class SafeText {

  private SafeText() {}

  /// Strictly decodes UTF-8 of at most `bytesMax` bytes, then [#check]s it. Throws
  /// [MalformedInput], naming the text as `what`.
  public static String decode(byte[] utf8, int bytesMax, String what) {
    if (utf8.length > bytesMax) {
      throw new MalformedInput(what + " is longer than " + bytesMax + " bytes");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedInput(what + " is not valid UTF-8", e);
    }
    return check(text, bytesMax, what);
  }

  /// Returns the text if it is not empty, in NFC, printable, neither begins nor ends with a space,
  /// and takes at most `bytesMax` bytes of UTF-8. Throws [MalformedInput], naming it as `what`.
  public static String check(String text, int bytesMax, String what) {
    if (text.isEmpty()) {
      throw new MalformedInput(what + " is empty");
    }
    // Each char makes at least one byte, so this bounds the work below.
    if (text.length() > bytesMax || text.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
      throw new MalformedInput(what + " is longer than " + bytesMax + " bytes");
    }
    text.codePoints()
        .filter(c -> !isPrintable(c))
        .findFirst()
        .ifPresent(c -> {
          throw new MalformedInput(
              what + " contains the character U+%04X, which is not allowed".formatted(c));
        });
    if (text.startsWith(" ") || text.endsWith(" ")) {
      throw new MalformedInput(what + " begins or ends with a space");
    }
    if (!Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
      throw new MalformedInput(what + " is not in Unicode normal form C");
    }
    return text;
  }

  /// True for what [#check] lets into a text. False for controls, bidirectional and other invisible
  /// format characters, separators other than the plain space, lone surrogates, and code points
  /// without a public meaning.
  public static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> codePoint == ' ';
      default -> true;
    };
  }
}
