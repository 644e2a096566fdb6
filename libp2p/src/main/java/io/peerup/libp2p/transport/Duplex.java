package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;

/// A pipe of bytes in both directions, owned by one event loop: a TCP socket, the encrypted layer
/// above it, or one stream of another connection. Every method must be called on [#loop()]; every
/// callback comes on it.
public interface Duplex {

  /// The loop that owns this pipe.
  Loop loop();

  /// Who hears of bytes from now on. May be replaced during a callback: what comes next goes to the
  /// new one, while the rest of the current bytes stays with the old one to hand over.
  void receiver(Receiver receiver);

  /// Queues bytes; they are copied or encrypted before this returns. Nothing need move before
  /// [#flush()]. After the end this does nothing.
  void write(byte[] data, int offset, int length);

  /// Sends what was queued.
  void flush();

  /// False while more is queued than should be; [Receiver#onWritable()] tells when that is over.
  /// Writing stays possible: small control messages need not wait.
  boolean writable();

  /// Stops (false) or goes on (true) reading from the peer. Bytes on their way up may still come.
  /// The muxer's windows bound user data; this is for floods of control messages.
  void reading(boolean on);

  /// Sends what was queued and ends both directions; gives up after a short time if the peer does
  /// not read. Idempotent.
  void close();

  /// Ends both directions at once. Idempotent.
  void abort();

  /// What happens on a pipe.
  interface Receiver {

    /// Bytes arrived. The array is only lent for the call.
    void onBytes(byte[] data, int offset, int length);

    /// Nothing more to read for now: the moment to flush answers.
    default void onIdle() {}

    /// [Duplex#writable()] turned true again.
    default void onWritable() {}

    /// The pipe ended, but not by our [Duplex#close()] or [Duplex#abort()]; called once, last. The
    /// message is a sentence part such as "closed by peer".
    void onEnded(OverlayException cause);
  }
}
