package io.peerup.libp2p.multistream;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.Varint;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Tokens on the wire: varint of the length with the newline, UTF-8 text, one newline.
final class Tokens {

  static final String HEADER = "/multistream/1.0.0";
  static final String NOT_AVAILABLE = "na";

  /// The legacy question for all names. Never a protocol of its own.
  static final String LIST = "ls";

  private Tokens() {}

  static byte[] encode(String... tokens) {
    ByteWriter out = new ByteWriter();
    for (String token : tokens) {
      byte[] text = token.getBytes(StandardCharsets.UTF_8);
      out.varint(text.length + 1L).bytes(text).u8('\n');
    }
    return out.toByteArray();
  }

  /// Whether it may be proposed, by us or by the remote side.
  static boolean isProposable(String protocol) {
    return !protocol.isEmpty()
        && protocol.indexOf('\n') < 0
        && !protocol.equals(NOT_AVAILABLE)
        && !protocol.equals(LIST)
        && !protocol.equals(HEADER)
        && protocol.getBytes(StandardCharsets.UTF_8).length < Limits.TOKEN_BYTES_MAX;
  }

  /// A remote token for a message: bounded, and nothing that could forge a log line.
  static String shown(String token) {
    String head = token.length() > 64 ? token.substring(0, 64) + "…" : token;
    StringBuilder out = new StringBuilder("'");
    head.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(out::appendCodePoint);
    return out.append('\'').toString();
  }

  /// Takes exactly the bytes of one token after the other from a stream of chunks, and never one
  /// more: what follows the last token is the application's.
  static final class Reader {

    private Varint.Decoder length = new Varint.Decoder();
    private byte @Nullable [] body;
    private int filled;

    /// Takes bytes up to the end of the current token; returns how many.
    int consume(byte[] in, int offset, int available) {
      int at = offset;
      int end = offset + available;
      while (body == null && at < end) {
        readLength(in[at++]);
      }
      if (body != null) {
        int count = Math.min(body.length - filled, end - at);
        System.arraycopy(in, at, body, filled, count);
        filled += count;
        at += count;
      }
      return at - offset;
    }

    private void readLength(byte next) {
      try {
        if (!length.accept(next)) {
          return;
        }
      } catch (MalformedInput e) {
        throw new ProtocolViolation("multistream token length is malformed", e);
      }
      if (length.value() == 0) {
        throw new ProtocolViolation("multistream token of no bytes: its newline is missing");
      }
      if (length.value() > Limits.TOKEN_BYTES_MAX) {
        throw new ProtocolViolation(
            "multistream token of "
                + length.value()
                + " bytes, at most "
                + Limits.TOKEN_BYTES_MAX
                + " are allowed");
      }
      body = new byte[(int) length.value()];
    }

    /// The text of the token if it is complete (the reader then stands before the next one), else
    /// null.
    @Nullable String take() {
      byte[] whole = body;
      if (whole == null || filled < whole.length) {
        return null;
      }
      body = null;
      filled = 0;
      length = new Varint.Decoder();
      if (whole[whole.length - 1] != '\n') {
        throw new ProtocolViolation("multistream token does not end with a newline");
      }
      try {
        // Only the one newline goes; a name that ends with another is simply another name.
        return StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(whole, 0, whole.length - 1))
            .toString();
      } catch (CharacterCodingException e) {
        throw new ProtocolViolation("multistream token is not UTF-8", e);
      }
    }
  }
}
