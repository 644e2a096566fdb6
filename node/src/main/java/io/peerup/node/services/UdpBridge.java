package io.peerup.node.services;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Carries datagrams between a peer's flow and a UDP socket of its own, for a service's target:
/// only that may answer. Runs on the calling virtual thread and a few more.
final class UdpBridge implements Bridge {

  private final DatagramSocket socket;
  private final InetSocketAddress target;
  private final FlowPipe pipe;

  UdpBridge(Stream stream, DatagramSocket socket, InetSocketAddress target) {
    this.socket = socket;
    this.target = target;
    this.pipe =
        new FlowPipe(
            stream,
            new Flow(),
            datagram -> socket.send(new DatagramPacket(datagram, datagram.length, target)));
  }

  /// Once the service was granted. Blocks until the peer has ended it, or nothing came or went for
  /// `idle`.
  void run(Duration idle) {
    pipe.agree();
    List<Thread> others =
        List.of(start("from target", this::copyFromTarget), start("to peer", () -> write(idle)));
    try {
      pipe.receive();
    } catch (IOException | OverlayException e) {
      // Ended by the peer, by us, or by the loss of the connection.
    }
    abort();
    try {
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread start(String what, Runnable task) {
    return Thread.ofVirtual()
        .name(Thread.currentThread().getName() + " (" + what + ")")
        .start(task);
  }

  @Override
  public void abort() {
    socket.close();
    pipe.end();
  }

  private void write(Duration idle) {
    try {
      pipe.writeFrames(idle);
    } catch (OverlayException e) {
      // As above.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    abort();
  }

  private void copyFromTarget() {
    DatagramPacket packet = new DatagramPacket(new byte[Limits.DATAGRAM_BYTES_MAX], 0);
    try {
      while (true) {
        packet.setLength(Limits.DATAGRAM_BYTES_MAX);
        socket.receive(packet);
        if (packet.getSocketAddress().equals(target)) {
          pipe.send(Arrays.copyOf(packet.getData(), packet.getLength()));
        }
      }
    } catch (IOException e) {
      // As above.
    }
    abort();
  }
}
