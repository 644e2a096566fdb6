package io.peerup.libp2p.noise;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.libp2p.multistream.Negotiated;
import java.util.List;
import java.util.Optional;

/// One side of a libp2p Noise handshake. Messages are frame bodies; the u16 length in front of each
/// is the caller's ([NoiseFramer]).
///
/// ```java
/// Step step = handshake.start();
/// // perform it; then for every frame body that arrives:
/// step = handshake.receive(body);
/// ```
///
/// Error contract: [#receive] throws [ProtocolViolation] when the remote side broke a rule or
/// proved nothing, and [Refused] when it is not the peer we want, shares no muxer with us, or
/// somebody on the way has weakened the negotiation. After either, nothing more may be sent: close.
/// Not thread-safe.
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

  private static final byte[] EMPTY = new byte[0];

  private final boolean initiator;
  private final Negotiated negotiated;
  private final NoiseSuite suite;
  private final NoiseKeys keys;
  private final PeerExpectation expected;
  private final List<String> muxers;
  private final HandshakeState state;
  private Phase phase = Phase.NEW;

  private enum Phase {
    /// Until `start`.
    NEW,
    /// Responder: until message 1.
    AWAIT_FIRST,
    /// Both: until the message that carries the remote identity (2 or 3).
    AWAIT_IDENTITY,
    /// Done, failed or destroyed; the secrets are wiped.
    OVER
  }

  private NoiseHandshake(
      boolean initiator,
      Negotiated negotiated,
      NoiseKeys keys,
      KeyRandom random,
      MlKem768 mlKem,
      PeerExpectation expected,
      List<String> muxers) {
    if (muxers.size() > 1) {
      // js-libp2p as initiator picks the first of the responder's list instead of its own; with
      // two entries the sides may then run different muxers on a mute connection.
      throw new IllegalArgumentException("offer at most one muxer in the Noise payload: " + muxers);
    }
    this.initiator = initiator;
    this.negotiated = negotiated;
    this.suite = NoiseSuite.of(negotiated.taken());
    this.keys = keys;
    this.expected = expected;
    this.muxers = List.copyOf(muxers);
    state =
        new HandshakeState(
            suite.pattern(),
            initiator,
            EMPTY,
            keys.staticPrivate(),
            keys.staticPublic(),
            random,
            mlKem);
  }

  /// The dialer. `negotiated` names the suite. `expected` is asked before our own identity is
  /// revealed in message 3. `muxers` holds our muxer id for early negotiation, or is empty to leave
  /// that to multistream; more than one throws [IllegalArgumentException]. `random` yields the
  /// ephemeral X25519 key; that of ML-KEM is the JDK's own.
  public static NoiseHandshake initiator(
      Negotiated negotiated,
      NoiseKeys keys,
      KeyRandom random,
      PeerExpectation expected,
      List<String> muxers) {
    return of(true, negotiated, keys, random, new JdkMlKem768(), expected, muxers);
  }

  /// The listener. Same parameters; `expected` is asked after message 3.
  public static NoiseHandshake responder(
      Negotiated negotiated,
      NoiseKeys keys,
      KeyRandom random,
      PeerExpectation expected,
      List<String> muxers) {
    return of(false, negotiated, keys, random, new JdkMlKem768(), expected, muxers);
  }

  /// Either, with another ML-KEM.
  static NoiseHandshake of(
      boolean initiator,
      Negotiated negotiated,
      NoiseKeys keys,
      KeyRandom random,
      MlKem768 mlKem,
      PeerExpectation expected,
      List<String> muxers) {
    return new NoiseHandshake(initiator, negotiated, keys, random, mlKem, expected, muxers);
  }

  /// The first step: the initiator's `Send`, the responder's `Await`. Call once.
  public Step start() {
    if (phase != Phase.NEW) {
      throw new IllegalStateException("already started");
    }
    if (!initiator) {
      phase = Phase.AWAIT_FIRST;
      return new Step.Await();
    }
    phase = Phase.AWAIT_IDENTITY;
    // "the first message MUST NOT carry a payload": it would travel in the clear.
    return new Step.Send(state.writeMessage(EMPTY));
  }

  /// Takes one frame body, `message` as a whole. See the class for what it throws.
  public Step receive(byte[] message) {
    boolean completed = false;
    try {
      Step step =
          switch (phase) {
            case AWAIT_FIRST -> answerFirst(message);
            case AWAIT_IDENTITY -> finish(message);
            case NEW, OVER -> throw new IllegalStateException("not waiting for a message");
          };
      completed = true;
      return step;
    } finally {
      if (!completed) {
        destroy();
      }
    }
  }

  /// Wipes the secrets of a handshake that will not be finished. May be called at any time.
  public void destroy() {
    phase = Phase.OVER;
    state.destroy();
  }

  private Step answerFirst(byte[] message) {
    if (message.length != suite.firstMessageBytes()) {
      throw new ProtocolViolation(
          "first Noise message of "
              + message.length
              + " bytes, expected keys of "
              + suite.firstMessageBytes()
              + " bytes and nothing else");
    }
    state.readMessage(message);
    phase = Phase.AWAIT_IDENTITY;
    return new Step.Send(state.writeMessage(this::ownPayload));
  }

  private Step finish(byte[] message) {
    if (message.length > suite.frameBytesMax()) {
      throw new ProtocolViolation("Noise handshake message of " + message.length + " bytes");
    }
    byte[] payload = state.readMessage(message);
    IdentityPayload remote =
        IdentityPayload.verify(payload, state.remoteStatic(), state.payloadHash());
    PeerId peer = PeerId.of(remote.key());
    if (!expected.accepts(peer)) {
      throw new Refused(
          "Noise handshake: the peer there is " + peer + ", not one we expect",
          "check the peer id in the address; the machine may have a new identity");
    }
    if (!remote.offered().isEmpty()) {
      negotiated.compare(initiator ? Direction.OUTBOUND : Direction.INBOUND, remote.offered());
    }
    Optional<String> muxer =
        initiator
            ? EarlyMuxer.choose(muxers, remote.muxers())
            : EarlyMuxer.choose(remote.muxers(), muxers);
    // Only now may message 3 exist: it reveals who we are.
    byte[] last = initiator ? state.writeMessage(this::ownPayload) : EMPTY;
    return new Step.Done(session(remote, peer, muxer), last);
  }

  private NoiseSession session(IdentityPayload remote, PeerId peer, Optional<String> muxer) {
    byte[][] keys = state.split();
    NoiseSession session =
        new NoiseSession(
            remote.key(),
            peer,
            muxer,
            new NoiseCipher(keys[initiator ? 0 : 1], true),
            new NoiseCipher(keys[initiator ? 1 : 0], false),
            new ChannelBinding(state.handshakeHash()));
    SymmetricState.wipe(keys);
    destroy();
    return session;
  }

  private byte[] ownPayload(byte[] payloadHash) {
    List<String> offered = negotiated.offered();
    return IdentityPayload.create(
        keys.identity(),
        keys.signature(),
        muxers,
        offered.isEmpty() ? Optional.empty() : Optional.of(keys.offer(payloadHash, offered)));
  }
}
