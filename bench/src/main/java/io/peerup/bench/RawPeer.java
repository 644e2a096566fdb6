package io.peerup.bench;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the machine's loopback TCP carries between two processes: plain sockets, nothing around the
/// bytes. The protocol is that of perf: eight bytes of how much is wanted back, the upload, FIN.
final class RawPeer {

  /// As iperf3 sends and reads.
  private static final int CHUNK_BYTES = 128 * 1024;

  /// Instead of how much is wanted back: an echo is.
  private static final long ECHO_WANTED = -1;

  /// The largest request that is measured.
  private static final int ECHO_BYTES = 1024;

  private RawPeer() {}

  public static void main(String[] args) throws IOException {
    new Commands(
            Map.of(
                "start", RawPeer::start,
                "splice", RawPeer::splice,
                "transfer", RawPeer::transfer,
                "requests", RawPeer::requests))
        .serve();
    System.exit(0);
  }

  @SuppressWarnings("resource") // the listener lives as long as the process
  private static JsonObject start(JsonObject command) throws IOException {
    ServerSocketChannel server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform().daemon().name("raw listener").start(() -> serveAll(server));
    return Json.object("port", ((InetSocketAddress) server.getLocalAddress()).getPort());
  }

  private static void serveAll(ServerSocketChannel server) {
    while (true) {
      try {
        SocketChannel channel = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(channel));
      } catch (IOException e) {
        System.err.println(e);
      }
    }
  }

  private static void serve(SocketChannel accepted) {
    try (SocketChannel channel = accepted) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer header = ByteBuffer.allocate(8);
      fill(channel, header);
      long wanted = header.flip().getLong();
      if (wanted == ECHO_WANTED) {
        echo(channel);
      } else {
        drain(channel);
        send(channel, wanted);
      }
    } catch (IOException e) {
      System.err.println(e);
    }
  }

  /// Listens, and carries what comes to another port and back.
  @SuppressWarnings("resource") // the listener lives as long as the process
  private static JsonObject splice(JsonObject command) throws IOException {
    int port = (int) Json.number(command, "port");
    ServerSocketChannel server =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofPlatform()
        .daemon()
        .name("splice")
        .start(() -> {
          while (true) {
            try {
              SocketChannel near = server.accept();
              SocketChannel far =
                  SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
              carry(near, far);
              carry(far, near);
            } catch (IOException e) {
              System.err.println(e);
            }
          }
        });
    return Json.object("port", ((InetSocketAddress) server.getLocalAddress()).getPort());
  }

  private static void carry(SocketChannel from, SocketChannel to) throws IOException {
    to.setOption(StandardSocketOptions.TCP_NODELAY, true);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
          try (from;
              to) {
            while (from.read(chunk.clear()) >= 0) {
              chunk.flip();
              while (chunk.hasRemaining()) {
                to.write(chunk);
              }
            }
          } catch (IOException e) {
            // One side has closed.
          }
        });
  }

  private static SocketChannel dial(JsonObject command, long header) throws IOException {
    SocketChannel channel =
        SocketChannel.open(
            new InetSocketAddress(
                InetAddress.getLoopbackAddress(), (int) Json.number(command, "port")));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    ByteBuffer first = ByteBuffer.allocate(8).putLong(header).flip();
    while (first.hasRemaining()) {
      channel.write(first);
    }
    return channel;
  }

  private static JsonObject transfer(JsonObject command) throws IOException {
    long download = (long) Json.number(command, "download");
    long start = System.nanoTime();
    try (SocketChannel channel = dial(command, download)) {
      send(channel, (long) Json.number(command, "upload"));
      channel.shutdownOutput();
      long received = drain(channel);
      if (received != download) {
        throw new IOException(received + " of " + download + " bytes came");
      }
    }
    return Json.object("seconds", (System.nanoTime() - start) / 1e9);
  }

  private static JsonObject requests(JsonObject command) throws IOException {
    double seconds = Json.number(command, "seconds");
    List<Double> micros = new ArrayList<>();
    ByteBuffer payload = ByteBuffer.allocateDirect((int) Json.number(command, "bytes"));
    try (SocketChannel channel = dial(command, ECHO_WANTED)) {
      for (long start = System.nanoTime(); System.nanoTime() - start < seconds * 1e9; ) {
        long sent = System.nanoTime();
        channel.write(payload.clear());
        fill(channel, payload.clear());
        micros.add((System.nanoTime() - sent) / 1000.0);
      }
    }
    return Json.object("micros", micros);
  }

  private static void echo(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(ECHO_BYTES);
    while (channel.read(buffer.clear()) > 0) {
      channel.write(buffer.flip());
    }
  }

  private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the other side ended early");
      }
    }
  }

  private static void send(SocketChannel channel, long bytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (long left = bytes; left > 0; ) {
      chunk.clear().limit((int) Math.min(left, CHUNK_BYTES));
      left -= channel.write(chunk);
    }
  }

  private static long drain(SocketChannel channel) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    long total = 0;
    for (int count = channel.read(chunk); count >= 0; count = channel.read(chunk.clear())) {
      total += count;
    }
    return total;
  }
}
