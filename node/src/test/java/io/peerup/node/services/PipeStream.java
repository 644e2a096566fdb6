package io.peerup.node.services;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One end of a pair of streams in memory that carry whole frames, a window of a few of them, and
/// if asked for, datagrams beside them.
final class PipeStream implements Stream {

  private static final int WINDOW = 16;

  private final BlockingQueue<byte[]> in;
  private final BlockingQueue<byte[]> out;
  private final AtomicBoolean over;
  private final AtomicInteger sentBeside = new AtomicInteger();
  private volatile Consumer<byte[]> receiver = _ -> {};
  private volatile @Nullable Datagrams beside;

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

  /// A pair that speaks [ServiceMessages#BESIDE], over a connection that carries datagrams so long.
  static PipeStream[] pairWithDatagrams(int bytesMax) {
    PipeStream[] ends = pair();
    ends[0].beside = ends[0].new Beside(ends[1], bytesMax);
    ends[1].beside = ends[1].new Beside(ends[0], bytesMax);
    return ends;
  }

  /// Datagrams that left this end beside the stream.
  int sentBeside() {
    return sentBeside.get();
  }

  private final class Beside implements Datagrams {
    private final PipeStream far;
    private final int bytesMax;

    Beside(PipeStream far, int bytesMax) {
      this.far = far;
      this.bytesMax = bytesMax;
    }

    @Override
    public int bytesMax() {
      return bytesMax;
    }

    @Override
    public boolean send(byte[] datagram) {
      if (over.get() || datagram.length > bytesMax) {
        return false;
      }
      sentBeside.incrementAndGet();
      far.receiver.accept(datagram);
      return true;
    }

    @Override
    public void receive(Consumer<byte[]> next) {
      receiver = next;
    }
  }

  @Override
  public Optional<Datagrams> datagrams() {
    return Optional.ofNullable(beside);
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
    return beside == null ? ServiceMessages.PROTOCOL : ServiceMessages.BESIDE;
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
