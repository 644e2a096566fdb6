package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One end of a pipe in memory. Bytes leave at a flush, as one piece or cut into pieces, and may be
/// altered on the way.
final class MemoryDuplex implements Duplex {

  private final MemoryLoop loop;
  private final ByteArrayOutputStream queued = new ByteArrayOutputStream();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private @Nullable MemoryDuplex other;
  private @Nullable Receiver receiver;
  private UnaryOperator<byte[]> alteration = bytes -> bytes;
  private int piece = Integer.MAX_VALUE;
  private int flights;
  private boolean ended;

  private MemoryDuplex(MemoryLoop loop) {
    this.loop = loop;
  }

  /// Two connected ends on one loop.
  static MemoryDuplex[] pair(MemoryLoop loop) {
    MemoryDuplex one = new MemoryDuplex(loop);
    MemoryDuplex two = new MemoryDuplex(loop);
    one.other = two;
    two.other = one;
    return new MemoryDuplex[] {one, two};
  }

  /// From now on, what this end sends arrives in pieces of at most `bytes`.
  MemoryDuplex cut(int bytes) {
    piece = bytes;
    return this;
  }

  /// From now on, what this end sends is altered so.
  void alter(UnaryOperator<byte[]> change) {
    alteration = change;
  }

  /// Everything this end has sent.
  byte[] sent() {
    return sent.toByteArray();
  }

  /// How many times bytes left this end.
  int flights() {
    return flights;
  }

  boolean ended() {
    return ended;
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public void receiver(Receiver next) {
    receiver = next;
  }

  @Override
  public void write(byte[] data, int offset, int length) {
    if (!ended) {
      queued.write(data, offset, length);
    }
  }

  @Override
  public void flush() {
    byte[] bytes = queued.toByteArray();
    queued.reset();
    if (bytes.length > 0) {
      flights++;
      sent.writeBytes(bytes);
      byte[] altered = alteration.apply(bytes);
      MemoryDuplex to = peer();
      loop.execute(() -> to.arrive(altered, piece));
    }
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public void reading(boolean on) {}

  @Override
  public void close() {
    flush();
    abort();
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      MemoryDuplex to = peer();
      loop.execute(() -> to.end(new PeerUnreachable("closed by peer")));
    }
  }

  private void arrive(byte[] bytes, int pieceBytes) {
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      int count = Math.min(pieceBytes, bytes.length - at);
      if (receiver != null && !ended) {
        // A lent array must not be kept: it is overwritten right after the call.
        byte[] lent = Arrays.copyOfRange(bytes, at, at + count);
        receiver.onBytes(lent, 0, count);
        Arrays.fill(lent, (byte) 0xee);
      }
      if (count == bytes.length - at) {
        break;
      }
    }
    if (receiver != null && !ended) {
      receiver.onIdle();
    }
  }

  private void end(OverlayException cause) {
    if (!ended) {
      ended = true;
      if (receiver != null) {
        receiver.onEnded(cause);
      }
    }
  }

  private MemoryDuplex peer() {
    if (other == null) {
      throw new IllegalStateException("not connected");
    }
    return other;
  }
}
