package io.peerup.node.services;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// One end of a pair of streams in memory that carry whole frames; a window of a few of them.
final class PipeStream implements Stream {

  private static final int WINDOW = 16;

  private final BlockingQueue<byte[]> in;
  private final BlockingQueue<byte[]> out;
  private final AtomicBoolean over;

  private PipeStream(BlockingQueue<byte[]> in, BlockingQueue<byte[]> out, AtomicBoolean over) {
    this.in = in;
    this.out = out;
    this.over = over;
  }

  static PipeStream[] pair() {
    BlockingQueue<byte[]> up = new ArrayBlockingQueue<>(WINDOW);
    BlockingQueue<byte[]> down = new ArrayBlockingQueue<>(WINDOW);
    AtomicBoolean over = new AtomicBoolean();
    return new PipeStream[] {new PipeStream(down, up, over), new PipeStream(up, down, over)};
  }

  @Override
  public byte[] readFrame(int bytesMax) {
    try {
      while (true) {
        byte[] frame = in.poll(5, TimeUnit.MILLISECONDS);
        if (frame != null && frame.length > bytesMax) {
          throw new ProtocolViolation("a frame of " + frame.length + " bytes");
        }
        if (frame != null) {
          return frame;
        }
        if (over.get()) {
          throw new StreamReset("reset");
        }
      }
    } catch (InterruptedException e) {
      throw new StreamReset("interrupted");
    }
  }

  @Override
  public void writeFrame(byte[] body) {
    try {
      while (!out.offer(body, 5, TimeUnit.MILLISECONDS)) {
        if (over.get()) {
          throw new StreamReset("reset");
        }
      }
    } catch (InterruptedException e) {
      throw new StreamReset("interrupted");
    }
  }

  @Override
  public void reset(long code) {
    over.set(true);
  }

  @Override
  public void close() {
    over.set(true);
  }

  @Override
  public boolean isOpen() {
    return !over.get();
  }

  @Override
  public void deadline(Duration fromNow) {}

  @Override
  public void clearDeadline() {}

  @Override
  public void closeWrite() {}

  @Override
  public Connection connection() {
    throw new UnsupportedOperationException();
  }

  @Override
  public String protocol() {
    return ServiceMessages.PROTOCOL;
  }

  @Override
  public Direction direction() {
    return Direction.OUTBOUND;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] readExactly(int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public InputStream inputStream() {
    throw new UnsupportedOperationException();
  }

  @Override
  public OutputStream outputStream() {
    throw new UnsupportedOperationException();
  }
}
