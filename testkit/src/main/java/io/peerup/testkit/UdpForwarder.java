package io.peerup.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A NAT of one mapping in front of a UDP server: it forwards datagrams and may change the port
/// from which the server sees them come. The line may be a bad one.
public final class UdpForwarder implements AutoCloseable {

  /// What loopback takes of a datagram, and more than any host sends.
  private static final int LONGEST = 16 << 10;

  private static final int BUFFER_BYTES = 4 << 20;

  private final BadLine line;
  private int ways;
  private final DatagramSocket inside;
  private volatile DatagramSocket outside;
  private volatile @Nullable SocketAddress client;
  private final AtomicInteger answersToLose = new AtomicInteger();

  public UdpForwarder(InetSocketAddress server) throws IOException {
    this(server, BadLine.GOOD);
  }

  public UdpForwarder(InetSocketAddress server, BadLine line) throws IOException {
    this.line = line;
    inside = socket();
    outside = open();
    pump(
        inside,
        (packet, sender) -> {
          client = sender;
          packet.setSocketAddress(server);
          DatagramSocket way = outside;
          try {
            way.send(packet);
          } catch (IOException rebound) {
            if (!way.isClosed()) {
              throw rebound;
            } // else lost, as a packet may be
          }
        });
  }

  private static DatagramSocket socket() throws IOException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setReceiveBufferSize(BUFFER_BYTES);
    return socket;
  }

  private DatagramSocket open() throws IOException {
    DatagramSocket socket = socket();
    pump(
        socket,
        (packet, _) -> {
          SocketAddress to = client;
          boolean lost = answersToLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
          if (to != null && !lost) {
            packet.setSocketAddress(to);
            inside.send(packet);
          }
        });
    return socket;
  }

  /// Where clients send.
  public int port() {
    return inside.getLocalPort();
  }

  /// From now on the server sees another port; what it sends to the old one is lost.
  public void rebind() throws IOException {
    DatagramSocket old = outside;
    outside = open();
    old.close();
  }

  /// The same, and so many of the next packets that the server sends are lost.
  public void rebind(int answersLost) throws IOException {
    answersToLose.set(answersLost);
    rebind();
  }

  private interface Step {
    void take(DatagramPacket packet, SocketAddress sender) throws IOException;
  }

  private void pump(DatagramSocket from, Step step) {
    BadLine.Way way = line.way(ways++);
    Thread.ofVirtual()
        .start(() -> {
          while (!from.isClosed()) {
            try {
              DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
              from.receive(packet);
              SocketAddress sender = packet.getSocketAddress();
              way.pass(() -> step.take(packet, sender));
            } catch (IOException e) {
              if (!from.isClosed()) {
                throw new UncheckedIOException(e);
              }
            }
          }
        });
  }

  /// From now on nothing passes.
  public void cut() {
    inside.close();
    outside.close();
  }

  @Override
  public void close() {
    cut();
  }
}
