package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.tls.Limits;
import io.peerup.libp2p.tls.RecordReader;
import io.peerup.libp2p.tls.TlsEngine;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The encrypted pipe above another one, after the TLS handshake: joins small writes to one record
/// a flush, splits large ones, and opens what comes in. On the loop of the pipe below.
final class TlsDuplex implements Security.SecureDuplex {

  /// First size of the buffer for small writes, which is also kept while nothing is written.
  private static final int PENDING_BYTES = 256;

  /// Room for one sealed record, one a loop thread: nothing stays in it between calls.
  private static final ThreadLocal<byte[]> SEALED =
      ThreadLocal.withInitial(() -> new byte[TlsEngine.SEALED_BYTES_MAX]);

  /// Room for what one record says, by loop thread. More than one is in use while what a record
  /// says is a record of another connection, a circuit's.
  private static final ThreadLocal<ArrayDeque<byte[]>> PLAIN =
      ThreadLocal.withInitial(ArrayDeque::new);

  private final Duplex below;
  private final TlsEngine engine;
  private final RecordReader records = new RecordReader();
  private byte[] pending = new byte[PENDING_BYTES];
  private int pendingBytes;
  private @Nullable Receiver receiver;
  private boolean ended;

  TlsDuplex(Duplex below, TlsEngine engine) {
    this.below = below;
    this.engine = engine;
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
    int at = offset;
    int left = length;
    while (!ended && pendingBytes + left >= Limits.SEALED_AT_A_TIME_BYTES_MAX) {
      int count = Limits.SEALED_AT_A_TIME_BYTES_MAX - pendingBytes;
      if (pendingBytes == 0) {
        seal(data, at, count);
      } else {
        hold(data, at, count);
        seal(pending, 0, pendingBytes);
        pendingBytes = 0;
      }
      at += count;
      left -= count;
    }
    if (!ended && left > 0) {
      hold(data, at, left);
    }
  }

  @Override
  public void flush() {
    if (pendingBytes > 0 && !ended) {
      seal(pending, 0, pendingBytes);
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
      ended = true;
      engine.close();
      send();
      engine.release();
      below.close();
    }
  }

  @Override
  public void abort() {
    ended = true;
    engine.release();
    below.abort();
  }

  @Override
  public void onBytes(byte[] data, int offset, int length) {
    if (ended) {
      return;
    }
    try {
      records.consume(
          data,
          offset,
          length,
          (bytes, at, count) -> {
            open(bytes, at, count);
            return !ended;
          });
    } catch (OverlayException e) {
      fail(e);
    }
  }

  @Override
  public void onIdle() {
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

  private void open(byte[] record, int offset, int length) {
    ArrayDeque<byte[]> free = PLAIN.get();
    byte[] plain = free.isEmpty() ? new byte[Limits.RECORD_BYTES_MAX] : free.pop();
    try {
      int count;
      try {
        count = engine.open(record, offset, length, plain);
      } finally {
        send(); // an answer to a change of keys, or an alert
      }
      if (count > 0 && receiver != null) {
        receiver.onBytes(plain, 0, count);
      }
    } finally {
      free.push(plain);
    }
  }

  private void seal(byte[] plain, int offset, int length) {
    byte[] sealed = SEALED.get();
    try {
      int count = engine.seal(plain, offset, length, sealed);
      below.write(sealed, 0, count);
    } catch (OverlayException e) {
      fail(e);
    }
  }

  private void hold(byte[] data, int offset, int length) {
    if (pendingBytes + length > pending.length) {
      int room = Math.max(pending.length * 4, pendingBytes + length);
      pending = Arrays.copyOf(pending, Math.min(Limits.SEALED_AT_A_TIME_BYTES_MAX, room));
    }
    System.arraycopy(data, offset, pending, pendingBytes, length);
    pendingBytes += length;
  }

  private void send() {
    byte[] bytes = engine.takeOutput();
    if (bytes.length > 0) {
      below.write(bytes, 0, bytes.length);
      below.flush();
    }
  }

  private void fail(OverlayException cause) {
    if (!ended) {
      ended = true;
      engine.release();
      below.abort();
      if (receiver != null) {
        receiver.onEnded(cause);
      }
    }
  }
}
