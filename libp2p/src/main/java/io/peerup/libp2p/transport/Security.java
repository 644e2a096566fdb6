package io.peerup.libp2p.transport;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PublicKey;
import java.util.Optional;

/// One way to secure a pipe, such as Noise. Thread-safe; one handshake belongs to one loop.
public interface Security {

  /// Its protocol id.
  String id();

  /// A handshake over this pipe, not started.
  Handshake handshake(Duplex pipe, Direction direction, PeerExpectation expected);

  /// Ends the use of its keys. Idempotent.
  void destroy();

  /// One handshake. On the pipe's loop.
  interface Handshake {

    /// Writes the first message, if it is ours to write.
    void start();

    /// Takes bytes and returns how many: fewer than there are once [#channel] has a channel, for
    /// which the rest is. Writes answers; the caller flushes. Throws [OverlayException] when it
    /// failed; what is written by then, such as an alert, is still worth flushing.
    int take(byte[] data, int offset, int length);

    /// What came of it, or empty while it runs.
    Optional<Channel> channel();

    /// Wipes its secrets if it will not be finished.
    void destroy();
  }

  /// What a handshake established.
  ///
  /// @param duplex the secured pipe, which takes the bytes of the one below
  /// @param key the remote identity, proven
  /// @param muxer the muxer agreed within the handshake; empty: negotiate it
  /// @param binding shared by the two ends of this very handshake
  record Channel(
      SecureDuplex duplex, PublicKey key, Optional<String> muxer, ChannelBinding binding) {}

  /// A pipe over a pipe.
  interface SecureDuplex extends Duplex, Duplex.Receiver {}
}
