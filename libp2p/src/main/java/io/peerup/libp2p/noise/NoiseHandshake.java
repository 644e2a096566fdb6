package io.peerup.libp2p.noise;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import java.util.List;

/// One side of a libp2p Noise handshake. Messages are frame bodies; the u16 length in front of each
/// is the caller's ([NoiseFramer]).
///
/// ```java
/// Step step = handshake.start();
/// // perform it; then for every frame body that arrives:
/// step = handshake.receive(body);
/// ```
///
/// Error contract: [#receive] throws [io.peerup.libp2p.ProtocolViolation] when the remote side
/// broke a rule or proved nothing, and [io.peerup.libp2p.Refused] when it is not the peer we want
/// or shares no muxer with us. After either, nothing more may be sent: close. Not thread-safe.
public final class NoiseHandshake {

  /// What the caller does next.
  public sealed interface Step {

    /// Wait for the next frame.
    record Await() implements Step {}

    /// Write this frame body, then wait for the next frame.
    final class Send implements Step {
      private final byte[] message;

      Send(byte[] message) {
        this.message = message;
      }

      /// The frame body. Owned by the caller from now on.
      public byte[] message() {
        return message;
      }
    }

    /// The handshake is complete. Write [#message()] if it is not empty (the initiator's message
    /// 3); everything after it goes through the session's ciphers.
    final class Done implements Step {
      private final NoiseSession session;
      private final byte[] message;

      Done(NoiseSession session, byte[] message) {
        this.session = session;
        this.message = message;
      }

      public NoiseSession session() {
        return session;
      }

      /// The frame body to write first, or an empty array. Owned by the caller from now on.
      public byte[] message() {
        return message;
      }
    }
  }

  private NoiseHandshake() {}

  /// The dialer. `expected` is asked before our own identity is revealed in message 3. `muxers`
  /// holds our muxer id for early negotiation, or is empty to leave that to multistream; more than
  /// one throws [IllegalArgumentException].
  public static NoiseHandshake initiator(
      PrivateKey identity, KeyRandom random, PeerExpectation expected, List<String> muxers) {
    throw new UnsupportedOperationException("written next");
  }

  /// The listener. Same parameters; `expected` is asked after message 3.
  public static NoiseHandshake responder(
      PrivateKey identity, KeyRandom random, PeerExpectation expected, List<String> muxers) {
    throw new UnsupportedOperationException("written next");
  }

  /// The first step: the initiator's `Send`, the responder's `Await`. Call once.
  public Step start() {
    throw new UnsupportedOperationException("written next");
  }

  /// Takes one frame body.
  public Step receive(byte[] message) {
    throw new UnsupportedOperationException("written next");
  }

  /// Wipes the secrets of a handshake that will not be finished.
  public void destroy() {
    throw new UnsupportedOperationException("written next");
  }
}
