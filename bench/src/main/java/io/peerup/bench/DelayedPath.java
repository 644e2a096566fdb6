package io.peerup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A long path, made of a splice that holds each byte back: what comes in on one side leaves on the
/// other half a round trip later, at whatever rate it came.
final class DelayedPath implements AutoCloseable {

  private static final int CHUNK_BYTES = 256 * 1024;

  /// Chunks under way in one direction: far more than any window.
  private static final int CHUNKS_MAX = 4096;

  private record Chunk(ByteBuffer bytes, long dueNanos) {}

  private final ServerSocketChannel server;
  private final int target;
  private final long halfNanos;

  /// To this port of this machine.
  DelayedPath(int target, long roundTripMillis) throws IOException {
    this.target = target;
    this.halfNanos = TimeUnit.MILLISECONDS.toNanos(roundTripMillis) / 2;
    this.server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("delayed path").start(this::accept);
  }

  int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel near = server.accept();
        SocketChannel far =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        for (SocketChannel each : new SocketChannel[] {near, far}) {
          each.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        carry(near, far);
        carry(far, near);
      }
    } catch (IOException closed) {
      // The measurement is over.
    }
  }

  private void carry(SocketChannel from, SocketChannel to) {
    BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(CHUNKS_MAX);
    Thread.ofPlatform().daemon().name("delayed path in").start(() -> read(from, underWay));
    Thread.ofPlatform().daemon().name("delayed path out").start(() -> write(to, underWay));
  }

  private void read(SocketChannel from, BlockingQueue<Chunk> underWay) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (from) {
      while (from.read(buffer.clear()) > 0) {
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        underWay.put(new Chunk(ByteBuffer.wrap(bytes), System.nanoTime() + halfNanos));
      }
      underWay.put(new Chunk(ByteBuffer.allocate(0), System.nanoTime() + halfNanos));
    } catch (IOException | InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(SocketChannel to, BlockingQueue<Chunk> underWay) {
    try (to) {
      while (true) {
        Chunk chunk = underWay.take();
        if (!chunk.bytes().hasRemaining()) {
          return;
        }
        awaitDue(chunk.dueNanos());
        while (chunk.bytes().hasRemaining()) {
          to.write(chunk.bytes());
        }
      }
    } catch (IOException | InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  static void awaitDue(long dueNanos) {
    for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
