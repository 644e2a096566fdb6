package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.noise.Limits;
import io.peerup.libp2p.noise.NoiseCipher;
import io.peerup.libp2p.noise.NoiseFramer;
import io.peerup.libp2p.noise.NoiseSession;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The encrypted pipe above another one, after the Noise handshake (noise/README.md): joins small
/// writes to one record a flush, splits large ones, and opens what comes in. On the loop of the
/// pipe below.
final class NoiseDuplex implements Security.SecureDuplex {

  /// From here on a record leaves at once: joining more to it would save little, and an idle
  /// connection should not own a large buffer.
  private static final int SEAL_AT_BYTES = 16 * 1024;

  /// A receive buffer grown beyond this is given back when nothing more is to be read.
  private static final int KEEP_BYTES = 8 * 1024;

  /// First size of the buffer for small writes, which is also kept while nothing is written.
  private static final int PENDING_BYTES = 256;

  private static final int LENGTH_BYTES = 2;

  /// Arrays to build one record in, one pair a loop thread: nothing stays in them between calls.
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    final byte[] plain = new byte[Limits.PLAINTEXT_BYTES_MAX];
    final byte[] record = new byte[LENGTH_BYTES + Limits.FRAME_BYTES_MAX];
  }

  private final Duplex below;
  private final NoiseCipher sender;
  private final NoiseCipher opener;
  private NoiseFramer framer = new NoiseFramer(Limits.FRAME_BYTES_MAX);
  private boolean withinFrame;
  private boolean framerIsLarge;
  private byte[] pending = new byte[PENDING_BYTES];
  private int pendingBytes;
  private @Nullable Receiver receiver;
  private boolean ended;

  NoiseDuplex(Duplex below, NoiseSession session) {
    this.below = below;
    this.sender = session.sender();
    this.opener = session.receiver();
  }

  @Override
  public Loop loop() {
    return below.loop();
  }

  @Override
  public void receiver(Receiver next) {
    receiver = next;
  }

  @Override
  public void write(byte[] data, int offset, int length) {
    if (ended) {
      return;
    }
    int at = offset;
    int left = length;
    while (pendingBytes + left >= SEAL_AT_BYTES) {
      Scratch scratch = SCRATCH.get();
      System.arraycopy(pending, 0, scratch.plain, 0, pendingBytes);
      int count = Math.min(left, scratch.plain.length - pendingBytes);
      System.arraycopy(data, at, scratch.plain, pendingBytes, count);
      seal(scratch, scratch.plain, pendingBytes + count);
      pendingBytes = 0;
      at += count;
      left -= count;
    }
    if (pendingBytes + left > pending.length) {
      pending =
          Arrays.copyOf(
              pending, Math.min(SEAL_AT_BYTES, Math.max(pending.length * 4, pendingBytes + left)));
    }
    System.arraycopy(data, at, pending, pendingBytes, left);
    pendingBytes += left;
  }

  @Override
  public void flush() {
    if (pendingBytes > 0 && !ended) {
      seal(SCRATCH.get(), pending, pendingBytes);
      pendingBytes = 0;
      if (pending.length > PENDING_BYTES) {
        pending = new byte[PENDING_BYTES];
      }
    }
    below.flush();
  }

  @Override
  public boolean writable() {
    return below.writable();
  }

  @Override
  public void reading(boolean on) {
    below.reading(on);
  }

  @Override
  public void close() {
    if (!ended) {
      flush();
      end();
      below.close();
    }
  }

  @Override
  public void abort() {
    end();
    below.abort();
  }

  @Override
  public void onBytes(byte[] data, int offset, int length) {
    int at = offset;
    int end = offset + length;
    try {
      while (at < end && !ended) {
        at += framer.consume(data, at, end - at);
        withinFrame = !framer.complete();
        if (!withinFrame) {
          open();
        }
      }
    } catch (OverlayException e) {
      fail(e);
    }
  }

  @Override
  public void onIdle() {
    if (framerIsLarge && !withinFrame) {
      framer = new NoiseFramer(Limits.FRAME_BYTES_MAX);
      framerIsLarge = false;
    }
    if (receiver != null) {
      receiver.onIdle();
    }
  }

  @Override
  public void onWritable() {
    if (receiver != null) {
      receiver.onWritable();
    }
  }

  @Override
  public void onEnded(OverlayException cause) {
    fail(cause);
  }

  private void open() {
    int frameBytes = framer.bodyLength();
    framerIsLarge |= frameBytes > KEEP_BYTES;
    byte[] body = framer.body();
    int plainBytes = opener.decrypt(body, 0, frameBytes, body, 0);
    if (plainBytes > 0 && receiver != null) {
      receiver.onBytes(body, 0, plainBytes);
    }
    framer.next();
  }

  private void seal(Scratch scratch, byte[] plain, int length) {
    int sealed = sender.encrypt(plain, 0, length, scratch.record, LENGTH_BYTES);
    scratch.record[0] = (byte) (sealed >>> 8);
    scratch.record[1] = (byte) sealed;
    below.write(scratch.record, 0, LENGTH_BYTES + sealed);
  }

  private void fail(OverlayException cause) {
    if (!ended) {
      end();
      below.abort();
      if (receiver != null) {
        receiver.onEnded(cause);
      }
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      pendingBytes = 0;
      sender.destroy();
      opener.destroy();
    }
  }
}
