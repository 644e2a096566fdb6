package io.peerup.node;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/// The near end of a stream whose far end says these frames and then nothing until it is reset.
public final class TestStream implements Stream {

  private final Connection connection;
  private final Deque<byte[]> frames;
  private final boolean ends;
  private final BlockingQueue<byte[]> written = new LinkedBlockingQueue<>();
  private final CountDownLatch reset = new CountDownLatch(1);
  private boolean deaf;

  /// @param ends whether FIN follows the frames
  public TestStream(PeerId peer, boolean ends, byte[]... frames) {
    this.connection =
        (Connection)
            Proxy.newProxyInstance(
                TestStream.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, _) -> {
                  if (method.getName().equals("remotePeer")) {
                    return peer;
                  }
                  throw new UnsupportedOperationException(method.getName());
                });
    this.ends = ends;
    this.frames = new ArrayDeque<>(Arrays.asList(frames));
  }

  /// From now on writing fails: the far end has gone.
  public TestStream deaf() {
    deaf = true;
    return this;
  }

  /// Frames that were written here.
  public BlockingQueue<byte[]> written() {
    return written;
  }

  @Override
  public Connection connection() {
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
  public int read(byte[] target, int offset, int length) {
    if (ends) {
      return -1;
    }
    try {
      reset.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new StreamReset("reset");
  }

  @Override
  public byte[] readExactly(int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] readFrame(int bytesMax) {
    if (frames.isEmpty()) {
      throw new ProtocolViolation("the stream ended");
    }
    return frames.remove();
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    if (deaf || !isOpen()) {
      throw new StreamReset("reset");
    }
  }

  @Override
  public void writeFrame(byte[] body) {
    write(body);
    written.add(body);
  }

  @Override
  public void closeWrite() {}

  @Override
  public void reset(long code) {
    reset.countDown();
  }

  @Override
  public void close() {}

  @Override
  public void deadline(Duration fromNow) {}

  @Override
  public void clearDeadline() {}

  @Override
  public boolean isOpen() {
    return reset.getCount() > 0;
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
