package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.peerup.libp2p.KeyRandom;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Connection ids on one socket, and by them: which of Netty's two codecs a packet is for. Ids of
/// connections that we dialled have the first bit set, those of connections that we accepted have
/// not; the rest is random. On the socket's loop.
final class QuicIds implements QuicConnectionIdGenerator {

  /// Where a packet belongs.
  enum Target {
    DIALLED,
    ACCEPTED,
    /// Not QUIC (RFC 9443): later this is where STUN goes.
    OTHER,
    /// QUIC that we owe no answer.
    DROP
  }

  private static final int DIALLED_BIT = 0x80;
  private static final int LONG_HEADER_BIT = 0x80;
  private static final int FIXED_BIT = 0x40;
  private static final int TYPE_BITS = 0x30;
  private static final int VERSION_1 = 1;

  // Long header: first byte, version, length of the destination id, that id.
  private static final int VERSION_AT = 1;
  private static final int ID_LENGTH_AT = 5;
  private static final int ID_AT = 6;

  private final KeyRandom random;
  private final Set<ByteBuffer> dialled = new HashSet<>();

  QuicIds(KeyRandom random) {
    this.random = random;
  }

  /// The id of a connection that we begin to dial.
  byte[] dial() {
    byte[] id = random.bytes(QuicLimits.CONNECTION_ID_BYTES);
    id[0] |= (byte) DIALLED_BIT;
    dialled.add(ByteBuffer.wrap(id));
    return id;
  }

  /// The connection is over.
  void forget(byte[] id) {
    dialled.remove(ByteBuffer.wrap(id));
  }

  /// The id that a packet is for, read like [#target], or null if it has none that we could have
  /// issued.
  static @Nullable ByteBuffer destination(ByteBuf packet) {
    int at = packet.readerIndex();
    int idAt = at + 1;
    if (packet.isReadable() && (packet.getByte(at) & LONG_HEADER_BIT) != 0) {
      if (packet.readableBytes() < ID_AT
          || packet.getByte(at + ID_LENGTH_AT) != QuicLimits.CONNECTION_ID_BYTES) {
        return null;
      }
      idAt = at + ID_AT;
    }
    if (packet.writerIndex() - idAt < QuicLimits.CONNECTION_ID_BYTES) {
      return null;
    }
    byte[] id = new byte[QuicLimits.CONNECTION_ID_BYTES];
    packet.getBytes(idAt, id);
    return ByteBuffer.wrap(id);
  }

  /// The bytes of an id in Netty's hands, which shows them in its text only.
  static ByteBuffer bytes(QuicConnectionAddress address) {
    String text = address.toString();
    return ByteBuffer.wrap(HexFormat.of().parseHex(text, text.indexOf('=') + 1, text.length() - 1));
  }

  /// Connections that we dialled and that are not over.
  int dialled() {
    return dialled.size();
  }

  Target target(ByteBuf packet) {
    int at = packet.readerIndex();
    int length = packet.readableBytes();
    if (length == 0) {
      return Target.DROP;
    }
    int first = packet.getByte(at);
    if ((first & LONG_HEADER_BIT) == 0) {
      if ((first & FIXED_BIT) == 0) {
        return Target.OTHER;
      }
      if (length <= QuicLimits.CONNECTION_ID_BYTES) {
        return Target.DROP;
      }
      return (packet.getByte(at + 1) & DIALLED_BIT) != 0 ? Target.DIALLED : Target.ACCEPTED;
    }
    int idLength = length < ID_AT ? -1 : packet.getByte(at + ID_LENGTH_AT);
    if (idLength < 0 || idLength > QuicLimits.CONNECTION_ID_BYTES || length < ID_AT + idLength) {
      return Target.DROP;
    }
    if (idLength == QuicLimits.CONNECTION_ID_BYTES
        && (packet.getByte(at + ID_AT) & DIALLED_BIT) != 0) {
      byte[] id = new byte[idLength];
      packet.getBytes(at + ID_AT, id);
      if (dialled.contains(ByteBuffer.wrap(id))) {
        return Target.DIALLED;
      }
    }
    // The opener of a connection chose this id, so it may have any first bit.
    boolean begins = packet.getInt(at + VERSION_AT) != VERSION_1 || (first & TYPE_BITS) == 0;
    return begins && length < QuicLimits.INITIAL_BYTES_MIN ? Target.DROP : Target.ACCEPTED;
  }

  @Override
  public ByteBuffer newId(int length) {
    byte[] id = random.bytes(length);
    id[0] &= (byte) ~DIALLED_BIT;
    return ByteBuffer.wrap(id);
  }

  @Override
  public ByteBuffer newId(ByteBuffer input, int length) {
    return newId(length);
  }

  @Override
  public int maxConnectionIdLength() {
    return QuicLimits.CONNECTION_ID_BYTES;
  }

  @Override
  public boolean isIdempotent() {
    return false;
  }
}
