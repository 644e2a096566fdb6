package io.peerup.libp2p.transport;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A stream that brings these bytes, then the end; it takes 1 MiB.
final class FedStream extends FramedStream {

  private final byte[] bytes;
  private final @Nullable Connection connection;
  int at;
  long written;

  /// The far side has enough.
  static final class Full extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  FedStream(byte[] bytes) {
    this(bytes, null);
  }

  /// As if it were a stream of this connection.
  FedStream(byte[] bytes, @Nullable Connection connection) {
    this.bytes = bytes;
    this.connection = connection;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    if (at == bytes.length) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, bytes.length - at);
    System.arraycopy(bytes, at, target, offset, count);
    at += count;
    return count;
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    if (written > 1 << 20) {
      throw new Full();
    }
    written += length;
  }

  @Override
  public Connection connection() {
    if (connection == null) {
      throw new UnsupportedOperationException();
    }
    return connection;
  }

  @Override
  public String protocol() {
    return "/test/1";
  }

  @Override
  public Direction direction() {
    return Direction.INBOUND;
  }

  @Override
  public void closeWrite() {}

  @Override
  public void reset(long code) {}

  @Override
  public void close() {}

  @Override
  public void deadline(Duration fromNow) {}

  @Override
  public void clearDeadline() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public String toString() {
    return "a fed stream";
  }
}
