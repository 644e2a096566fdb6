package io.peerup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A long path for UDP, between one client and one server: each datagram leaves half a round trip
/// after it came. Like a usual link it takes no more than 1500 bytes a packet.
final class DelayedDatagrams implements AutoCloseable {

  /// A packet of 1500 bytes less the headers of IPv4 and UDP.
  private static final int PAYLOAD_BYTES_MAX = 1472;

  /// Datagrams under way in one direction: twice what 1 Gbit/s brings within 60 ms, in full ones.
  /// What comes on top is lost, as at a router.
  private static final int DATAGRAMS_MAX = 10_000;

  private static final int SOCKET_BUFFER_BYTES = 4 << 20;

  private record Datagram(ByteBuffer bytes, long dueNanos) {}

  private final DatagramChannel near;
  private final DatagramChannel far;
  private final long halfNanos;
  private volatile @Nullable SocketAddress client;

  /// To this port of this machine.
  DelayedDatagrams(int target, long roundTripMillis) throws IOException {
    this.halfNanos = TimeUnit.MILLISECONDS.toNanos(roundTripMillis) / 2;
    SocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
    near = open();
    far = open();
    BlockingQueue<Datagram> up = new ArrayBlockingQueue<>(DATAGRAMS_MAX);
    BlockingQueue<Datagram> down = new ArrayBlockingQueue<>(DATAGRAMS_MAX);
    start("up in", () -> receive(near, up, sender -> client = sender));
    start("up out", () -> send(up, datagram -> far.send(datagram, server)));
    start("down in", () -> receive(far, down, _ -> {}));
    start("down out", () -> send(down, datagram -> near.send(datagram, client)));
  }

  private static DatagramChannel open() throws IOException {
    return DatagramChannel.open()
        .setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        .setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  int port() throws IOException {
    return ((InetSocketAddress) near.getLocalAddress()).getPort();
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private interface Exit {
    void send(ByteBuffer datagram) throws IOException;
  }

  private static void start(String name, Work work) {
    Thread.ofPlatform()
        .daemon()
        .name("delayed datagrams " + name)
        .start(() -> {
          try {
            work.run();
          } catch (IOException | InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void receive(
      DatagramChannel from, BlockingQueue<Datagram> underWay, Consumer<SocketAddress> told)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(PAYLOAD_BYTES_MAX + 1);
    while (true) {
      SocketAddress sender = from.receive(buffer.clear());
      told.accept(sender);
      if (buffer.flip().remaining() <= PAYLOAD_BYTES_MAX) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        var _ = underWay.offer(new Datagram(ByteBuffer.wrap(bytes), System.nanoTime() + halfNanos));
      }
    }
  }

  private static void send(BlockingQueue<Datagram> underWay, Exit exit)
      throws IOException, InterruptedException {
    while (true) {
      Datagram datagram = underWay.take();
      DelayedPath.awaitDue(datagram.dueNanos());
      exit.send(datagram.bytes());
    }
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }
}
