package io.peerup.control.server;

import com.google.gson.JsonObject;

/// Where a streaming reply goes. Safe for use by several threads.
public interface LineSink {
  /// Sends one object as one line, at once; waits while the client is slow to read.
  ///
  /// @throws ClientGone when the client has closed the connection
  /// @throws InterruptedException when the client goes, or the server closes, while this waits
  void send(JsonObject line) throws InterruptedException;

  /// Whether the client is still there.
  boolean isOpen();

  /// Waits until the client has gone; for a stream that has nothing to say but lives as long as the
  /// client does.
  ///
  /// @throws InterruptedException when the server closes
  void awaitClose() throws InterruptedException;

  /// The client went away; nothing is wrong, the writer may stop.
  final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ClientGone() {
      super("the client closed the connection", null, false, false);
    }
  }
}
