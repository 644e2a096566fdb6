package io.peerup.node.verify;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.libp2p.StreamReset;
import io.peerup.pairing.Sas;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One end of a stream in memory. Deadlines pass when a test says so.
final class Pipe implements Stream {

  private final Connection connection;
  private final BlockingQueue<Supplier<byte[]>> inbox = new LinkedBlockingQueue<>();
  private final CountDownLatch reset = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Duration deadline = Duration.ZERO;
  private @Nullable Pipe far;

  private Pipe(Connection connection) {
    this.connection = connection;
  }

  /// The near end of a new stream from one peer to another, whose far end `handler` serves on a
  /// thread of its own.
  static Pipe open(PrivateKey from, PrivateKey to, byte[] binding, StreamHandler handler) {
    Pipe near = new Pipe(connection(to, binding, Optional.empty()));
    Pipe far = new Pipe(connection(from, binding, Optional.empty()));
    near.far = far;
    far.far = near;
    Thread.ofVirtual()
        .start(() -> {
          try {
            handler.handle(far);
            far.close();
          } catch (Exception e) {
            far.reset();
          }
        });
    return near;
  }

  /// A connection on which streams to that peer are opened.
  static Connection connection(PrivateKey to, byte[] binding, Optional<Supplier<Stream>> opener) {
    return (Connection)
        Proxy.newProxyInstance(
            Pipe.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "remotePeer" -> PeerId.of(to.publicKey());
                  case "remoteKey" -> to.publicKey();
                  case "relay" -> Optional.empty();
                  case "security" -> "/noise";
                  case "channelBinding" -> binding.clone();
                  case "openStream" -> opener.orElseThrow().get();
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  /// The far end's deadline passes, which must have been set to this.
  void expire(Duration set) {
    if (far == null || !far.deadline.equals(set)) {
      throw new AssertionError("another deadline than " + set);
    }
    far.ends(() -> new DeadlineExceeded("too late"));
  }

  /// What the far end wrote, taken as a test does.
  byte[] take() {
    return readFrame(64);
  }

  boolean wasReset() throws InterruptedException {
    return reset.await(10, TimeUnit.SECONDS);
  }

  @Override
  public byte[] readFrame(int bytesMax) {
    try {
      return inbox.take().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamReset("interrupted");
    }
  }

  /// From here on reading fails.
  private void ends(Supplier<OverlayException> how) {
    inbox.add(() -> {
      ends(how);
      throw how.get();
    });
  }

  @Override
  public void writeFrame(byte[] body) {
    if (reset.getCount() == 0 || closed.getCount() == 0 || far == null) {
      throw new StreamReset("reset");
    }
    byte[] copy = body.clone();
    far.inbox.add(() -> copy);
  }

  @Override
  public void reset(long code) {
    if (closed.getCount() > 0 && reset.getCount() > 0 && far != null) {
      reset.countDown();
      ends(() -> new StreamReset("reset"));
      far.reset.countDown();
      far.ends(() -> new StreamReset("reset"));
    }
  }

  @Override
  public void close() {
    if (closed.getCount() > 0 && reset.getCount() > 0 && far != null) {
      closed.countDown();
      ends(() -> new ProtocolViolation("the stream ended"));
      far.ends(() -> new ProtocolViolation("the stream ended"));
    }
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public String protocol() {
    return Sas.PROTOCOL;
  }

  @Override
  public Direction direction() {
    return Direction.INBOUND;
  }

  @Override
  public void closeWrite() {}

  @Override
  public void deadline(Duration fromNow) {
    deadline = fromNow;
  }

  @Override
  public void clearDeadline() {}

  @Override
  public boolean isOpen() {
    return reset.getCount() > 0;
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
