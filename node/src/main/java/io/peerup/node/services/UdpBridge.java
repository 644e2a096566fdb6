package io.peerup.node.services;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// Carries datagrams between a stream and a UDP socket that is connected to a service's target:
/// only that may answer. While the stream takes nothing, answers are dropped by the kernel. Runs on
/// the calling virtual thread and one more.
final class UdpBridge implements Bridge {

  private final Stream stream;
  private final DatagramSocket socket;
  private final InetSocketAddress target;
  private final AtomicLong datagrams = new AtomicLong();

  UdpBridge(Stream stream, DatagramSocket socket, InetSocketAddress target) {
    this.stream = stream;
    this.socket = socket;
    this.target = target;
  }

  /// Blocks until the peer has ended it, or nothing came or went for `idle`.
  void run(Duration idle) {
    Thread other =
        Thread.ofVirtual()
            .name(Thread.currentThread().getName() + " (to peer)")
            .start(() -> copyToStream(idle));
    copyToSocket();
    abort();
    try {
      other.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void abort() {
    stream.reset();
    socket.close();
  }

  private void copyToSocket() {
    try {
      while (true) {
        byte[] datagram = stream.readFrame(Limits.DATAGRAM_BYTES_MAX);
        datagrams.incrementAndGet();
        socket.send(new DatagramPacket(datagram, datagram.length, target));
      }
    } catch (IOException | OverlayException e) {
      // Ended by the peer, by us, or by the loss of the connection.
    }
  }

  private void copyToStream(Duration idle) {
    DatagramPacket packet = new DatagramPacket(new byte[Limits.DATAGRAM_BYTES_MAX], 0);
    try {
      socket.setSoTimeout(Math.toIntExact(idle.toMillis()));
      long seen = -1;
      while (true) {
        packet.setLength(Limits.DATAGRAM_BYTES_MAX);
        try {
          socket.receive(packet);
          if (packet.getSocketAddress().equals(target)) {
            datagrams.incrementAndGet();
            stream.writeFrame(Arrays.copyOf(packet.getData(), packet.getLength()));
          }
        } catch (SocketTimeoutException e) {
          if (datagrams.get() == seen) {
            break;
          }
          seen = datagrams.get();
        }
      }
    } catch (IOException | OverlayException e) {
      // As above.
    }
    abort();
  }
}
