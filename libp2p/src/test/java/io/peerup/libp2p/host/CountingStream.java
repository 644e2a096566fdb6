package io.peerup.libp2p.host;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Stream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A stream that writes in small pieces and counts what it got rid of.
record CountingStream(Stream stream, AtomicLong written) implements Stream {

  @Override
  public void write(byte[] source, int offset, int length) {
    for (int at = 0; at < length; ) {
      int count = Math.min(1000, length - at);
      stream.write(source, offset + at, count);
      written.addAndGet(count);
      at += count;
    }
  }

  @Override
  public Connection connection() {
    return stream.connection();
  }

  @Override
  public String protocol() {
    return stream.protocol();
  }

  @Override
  public Direction direction() {
    return stream.direction();
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    return stream.read(target, offset, length);
  }

  @Override
  public byte[] readExactly(int count) {
    return stream.readExactly(count);
  }

  @Override
  public byte[] readFrame(int bytesMax) {
    return stream.readFrame(bytesMax);
  }

  @Override
  public void writeFrame(byte[] body) {
    stream.writeFrame(body);
  }

  @Override
  public void closeWrite() {
    stream.closeWrite();
  }

  @Override
  public void reset(long code) {
    stream.reset(code);
  }

  @Override
  public void close() {
    stream.close();
  }

  @Override
  public void deadline(Duration fromNow) {
    stream.deadline(fromNow);
  }

  @Override
  public void clearDeadline() {
    stream.clearDeadline();
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  @Override
  public InputStream inputStream() {
    return stream.inputStream();
  }

  @Override
  public OutputStream outputStream() {
    return stream.outputStream();
  }
}
