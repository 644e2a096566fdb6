package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.peerup.libp2p.wire.Varint;

/// What a datagram of a QUIC connection begins with: a varint, the id of the stream that it belongs
/// to plus one. RFC 9297 binds datagrams to requests in the same way. 0 says nothing at all: it is
/// our keep-alive.
final class DatagramHeader {

  /// The first byte of a keep-alive, and the number that no stream has.
  static final int NOTHING = 0;

  private static final int BITS = 7;
  private static final int MORE = 1 << BITS;

  private DatagramHeader() {}

  static long number(long streamId) {
    return streamId + 1;
  }

  static int bytes(long number) {
    return Varint.size(number);
  }

  /// A whole datagram.
  static byte[] with(long number, byte[] content) {
    int header = bytes(number);
    byte[] whole = new byte[header + content.length];
    Varint.write(number, whole, 0);
    System.arraycopy(content, 0, whole, header, content.length);
    return whole;
  }

  static boolean isKeepAlive(ByteBuf datagram) {
    return datagram.isReadable() && datagram.getByte(datagram.readerIndex()) == NOTHING;
  }

  /// Takes the number, and not a byte more. [#NOTHING] for a keep-alive and for what is no number.
  /// Strangers choose the bytes, so there is no exception to pay for.
  static long read(ByteBuf in) {
    long number = 0;
    for (int count = 0; count < Varint.BYTES_MAX && in.isReadable(); count++) {
      int next = in.readUnsignedByte();
      number |= (long) (next & (MORE - 1)) << (BITS * count);
      if (next < MORE) {
        return next == 0 ? NOTHING : number;
      }
    }
    return NOTHING;
  }
}
