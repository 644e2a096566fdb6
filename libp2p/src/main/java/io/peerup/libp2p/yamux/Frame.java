package io.peerup.libp2p.yamux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The 12 bytes before every frame (yamux/README.md "Framing"): version, type, flags, stream id,
/// length; big-endian.
final class Frame {

  static final int HEADER_BYTES = 12;
  static final int VERSION = 0;

  /// Payload of `length` bytes follows. Stream id is not 0.
  static final int DATA = 0;

  /// `length` is a credit to add, or an error code if RST is set. Stream id is not 0.
  static final int WINDOW_UPDATE = 1;

  /// `length` is opaque and comes back: SYN asks, ACK answers. Stream id is 0.
  static final int PING = 2;

  /// `length` is the reason. Stream id is 0.
  static final int GO_AWAY = 3;

  // Flags, in the order in which a frame that carries several is processed; payload or credit comes
  // between ACK and FIN.
  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private Frame() {}

  static int version(byte[] source, int offset) {
    return source[offset] & 0xff;
  }

  static int type(byte[] source, int offset) {
    return source[offset + 1] & 0xff;
  }

  static int flags(byte[] source, int offset) {
    return (source[offset + 2] & 0xff) << 8 | (source[offset + 3] & 0xff);
  }

  /// Unsigned.
  static int streamId(byte[] source, int offset) {
    return (int) INT.get(source, offset + 4);
  }

  static long length(byte[] source, int offset) {
    return Integer.toUnsignedLong((int) INT.get(source, offset + 8));
  }

  static void write(byte[] target, int type, int flags, int streamId, int length) {
    INT.set(target, 0, VERSION << 24 | type << 16 | flags);
    INT.set(target, 4, streamId);
    INT.set(target, 8, length);
  }
}
