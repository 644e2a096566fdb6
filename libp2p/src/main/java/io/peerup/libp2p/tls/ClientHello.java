package io.peerup.libp2p.tls;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a dialler's first message names in ALPN (RFC 8446 section 4.1.2, RFC 7301). It comes in the
/// open, and the end of the handshake proves that nobody has changed it; how it is cut into records
/// proves nothing, so it is put together from however many. Not thread-safe.
public final class ClientHello {

  private static final int HANDSHAKE_RECORD = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int MESSAGE_HEADER_BYTES = 4;
  private static final int RANDOM_BYTES = 32;
  private static final int ALPN = 16;

  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private boolean told;

  /// Takes a whole record. Returns the names once, when the message is whole, and otherwise
  /// nothing. Throws [ProtocolViolation] if it is no such message, or longer than
  /// [Limits#HELLO_BYTES_MAX].
  public Optional<List<String>> record(byte[] in, int offset, int length) {
    if (told || in[offset] != HANDSHAKE_RECORD) {
      return Optional.empty();
    }
    if (message.size() + length > Limits.HELLO_BYTES_MAX) {
      throw new ProtocolViolation(
          "TLS: a first message of more than " + Limits.HELLO_BYTES_MAX + " bytes");
    }
    message.write(in, offset + Limits.HEADER_BYTES, length - Limits.HEADER_BYTES);
    try {
      Optional<List<String>> names = names(message.toByteArray());
      told = names.isPresent();
      return names;
    } catch (MalformedInput e) {
      throw new ProtocolViolation("TLS: the first message is malformed: " + e.getMessage(), e);
    }
  }

  private static Optional<List<String>> names(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    if (in.remaining() < MESSAGE_HEADER_BYTES) {
      return Optional.empty();
    }
    if (in.u8() != CLIENT_HELLO) {
      throw new MalformedInput("it is not a client's hello");
    }
    int length = in.u8() << 16 | in.u16();
    if (length > Limits.HELLO_BYTES_MAX) {
      throw new MalformedInput("it claims " + length + " bytes");
    }
    if (in.remaining() < length) {
      return Optional.empty();
    }
    ByteReader hello = new ByteReader(in.bytes(length));
    var _ = hello.bytes(2 + RANDOM_BYTES);
    var _ = hello.bytes(hello.u8()); // session id
    var _ = hello.bytes(hello.u16()); // cipher suites
    var _ = hello.bytes(hello.u8()); // compression
    List<String> names = new ArrayList<>();
    ByteReader extensions = new ByteReader(hello.bytes(hello.u16()));
    while (extensions.hasRemaining()) {
      int type = extensions.u16();
      byte[] content = extensions.bytes(extensions.u16());
      if (type == ALPN) {
        ByteReader alpn = new ByteReader(content);
        ByteReader list = new ByteReader(alpn.bytes(alpn.u16()));
        while (list.hasRemaining()) {
          names.add(new String(list.bytes(list.u8()), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return Optional.of(names);
  }
}
