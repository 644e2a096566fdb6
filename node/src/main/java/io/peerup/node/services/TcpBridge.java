package io.peerup.node.services;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/// Carries bytes between a stream and a TCP socket, both ways, until both directions ended. An end
/// of one direction is passed on as an end of that direction only; a failure of either side resets
/// the other. Runs on the calling virtual thread and one more.
final class TcpBridge implements Bridge {

  private final Stream stream;
  private final Socket socket;
  private final AtomicLong toSocket = new AtomicLong();
  private final AtomicLong toStream = new AtomicLong();

  TcpBridge(Stream stream, Socket socket) {
    this.stream = stream;
    this.socket = socket;
  }

  /// Blocks until done. Afterwards both sides are closed.
  void run() {
    Thread other =
        Thread.ofVirtual()
            .name(Thread.currentThread().getName() + " (to peer)")
            .start(this::copyToStream);
    copyToSocket();
    try {
      other.join();
    } catch (InterruptedException e) {
      abort();
      Thread.currentThread().interrupt();
    }
    stream.close();
    closeQuietly();
  }

  @Override
  public void abort() {
    stream.reset();
    try {
      socket.setSoLinger(true, 0); // so that the program at the other end sees a reset, too
    } catch (IOException e) {
      // The socket is closed already, which is what we want.
    }
    closeQuietly();
  }

  long bytesToSocket() {
    return toSocket.get();
  }

  long bytesToStream() {
    return toStream.get();
  }

  private void copyToSocket() {
    byte[] buffer = new byte[Limits.COPY_BUFFER_BYTES];
    try {
      var out = socket.getOutputStream();
      for (int n = stream.read(buffer, 0, buffer.length);
          n >= 0;
          n = stream.read(buffer, 0, buffer.length)) {
        out.write(buffer, 0, n);
        toSocket.addAndGet(n);
      }
      socket.shutdownOutput();
    } catch (IOException | OverlayException e) {
      abort();
    }
  }

  private void copyToStream() {
    byte[] buffer = new byte[Limits.COPY_BUFFER_BYTES];
    try {
      var in = socket.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        stream.write(buffer, 0, n);
        toStream.addAndGet(n);
      }
      stream.closeWrite();
    } catch (IOException | OverlayException e) {
      abort();
    }
  }

  private void closeQuietly() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is left to lose.
    }
  }
}
