package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.peerup.libp2p.muxer.MuxSink;
import java.util.Arrays;
import java.util.function.IntConsumer;

/// What one stream has read from quiche and its reader has not taken yet. On the connection's loop.
final class QuicInbox {

  private static final byte[] NONE = {};

  private final IntConsumer meter;
  private byte[] left = NONE;
  private int leftAt;

  /// @param meter told by how many bytes more are held, or fewer when negative
  QuicInbox(IntConsumer meter) {
    this.meter = meter;
  }

  int size() {
    return left.length - leftAt;
  }

  boolean isEmpty() {
    return size() == 0;
  }

  /// Keeps a copy of the piece, without the first bytes of it.
  void keep(ByteBuf piece, int skipped) {
    int count = piece.readableBytes() - skipped;
    byte[] all = Arrays.copyOfRange(left, leftAt, left.length + count);
    piece.getBytes(piece.readerIndex() + skipped, all, size(), count);
    left = all;
    leftAt = 0;
    meter.accept(count);
  }

  /// Offers everything; returns how many bytes were taken.
  int offer(MuxSink sink) {
    int taken = sink.take(left, leftAt, size());
    took(taken);
    return taken;
  }

  void drop() {
    took(size());
  }

  private void took(int count) {
    meter.accept(-count);
    leftAt += count;
    if (leftAt == left.length) {
      left = NONE;
      leftAt = 0;
    }
  }
}
