package io.peerup.libp2p;

import java.util.function.Consumer;

/// Datagrams beside a stream: they belong to it, and travel on the same connection without waiting
/// for it or for each other, so any may be lost or overtaken. They come and go while the stream is
/// open and no longer: what was decided about the stream holds for them. Thread-safe; nothing here
/// blocks.
public interface Datagrams {

  /// The most that one may carry now, in bytes. Follows the path of the connection.
  int bytesMax();

  /// Sends it if there is room. False: dropped, because it is too long, too much waits already, or
  /// the stream is over.
  boolean send(byte[] datagram);

  /// From now on gives what comes to `receiver`, on the event loop, where it must not block. What
  /// came before is gone. The array is the receiver's.
  void receive(Consumer<byte[]> receiver);
}
