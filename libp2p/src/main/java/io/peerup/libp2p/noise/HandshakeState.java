package io.peerup.libp2p.noise;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.noise.HandshakePattern.Token;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/// The HandshakeState of Noise revision 34, section 5.3: runs one pattern, knows nothing of
/// libp2p's payload. Both sides take turns; the message's number says whose. Not thread-safe.
final class HandshakeState {

  static final int KEY_BYTES = 32;

  private final HandshakePattern pattern;
  private final boolean initiator;
  private final KeyRandom random;
  private final SymmetricState symmetric;
  private final byte[] staticPrivate;
  private final byte[] staticPublic;
  private byte @Nullable [] ephemeralPrivate;
  private byte @Nullable [] remoteStatic;
  private byte @Nullable [] remoteEphemeral;
  private int turn;

  /// Takes the static key pair over and wipes it in [#destroy()]. `random` is asked once, for the
  /// ephemeral key.
  HandshakeState(
      HandshakePattern pattern,
      boolean initiator,
      byte[] prologue,
      byte[] staticPrivate,
      byte[] staticPublic,
      KeyRandom random) {
    this.pattern = pattern;
    this.initiator = initiator;
    this.random = random;
    this.staticPrivate = staticPrivate;
    this.staticPublic = staticPublic;
    symmetric = new SymmetricState(pattern.protocolName());
    symmetric.mixHash(prologue);
  }

  /// The next message with this payload.
  byte[] writeMessage(byte[] payload) {
    ByteWriter out = new ByteWriter();
    for (Token token : nextTokens(true)) {
      switch (token) {
        case E -> {
          byte[] fresh = random.bytes(KEY_BYTES);
          ephemeralPrivate = fresh;
          byte[] shown = publicOf(fresh);
          symmetric.mixHash(shown);
          out.bytes(shown);
        }
        case S -> out.bytes(symmetric.encryptAndHash(staticPublic));
        case EE, ES, SE -> mixDh(token);
      }
    }
    return out.bytes(symmetric.encryptAndHash(payload)).toByteArray();
  }

  /// The payload of the remote side's message. Throws [ProtocolViolation] if the message is too
  /// short or not authentic; this object must not be used after that.
  byte[] readMessage(byte[] message) {
    int at = 0;
    for (Token token : nextTokens(false)) {
      switch (token) {
        case E -> {
          byte[] received = slice(message, at, KEY_BYTES);
          symmetric.mixHash(received);
          remoteEphemeral = received;
          at += KEY_BYTES;
        }
        case S -> {
          int length = KEY_BYTES + symmetric.overhead();
          remoteStatic = symmetric.decryptAndHash(slice(message, at, length));
          at += length;
        }
        case EE, ES, SE -> mixDh(token);
      }
    }
    return symmetric.decryptAndHash(slice(message, at, message.length - at));
  }

  /// True once every message of the pattern was written or read.
  boolean complete() {
    return turn == pattern.messages().size();
  }

  /// The transport keys, the initiator's sending key first. The caller wipes them.
  byte[][] split() {
    if (!complete()) {
      throw new IllegalStateException("the handshake is not complete");
    }
    return symmetric.split();
  }

  byte[] handshakeHash() {
    return symmetric.handshakeHash();
  }

  byte[] staticPublic() {
    return staticPublic.clone();
  }

  /// The remote static key; only after the message that carries it.
  byte[] remoteStatic() {
    return known(remoteStatic).clone();
  }

  /// Wipes every secret.
  void destroy() {
    SymmetricState.wipe(staticPrivate);
    if (ephemeralPrivate != null) {
      SymmetricState.wipe(ephemeralPrivate);
    }
    symmetric.destroy();
  }

  private List<Token> nextTokens(boolean writing) {
    if (complete() || writing != (initiator == (turn % 2 == 0))) {
      throw new IllegalStateException("not our turn to " + (writing ? "write" : "read"));
    }
    return pattern.messages().get(turn++);
  }

  private void mixDh(Token token) {
    boolean ownEphemeral = token == Token.EE || (token == Token.ES) == initiator;
    boolean remoteIsEphemeral = token == Token.EE || (token == Token.SE) == initiator;
    byte[] own = ownEphemeral ? known(ephemeralPrivate) : staticPrivate;
    byte[] theirs = known(remoteIsEphemeral ? remoteEphemeral : remoteStatic);
    byte[] shared = new byte[KEY_BYTES];
    if (!X25519.calculateAgreement(own, 0, theirs, 0, shared, 0)) {
      // All zero: a point of small order, which would take the remote key out of the result.
      throw new ProtocolViolation("Noise handshake with a Diffie-Hellman key of small order");
    }
    symmetric.mixKey(shared);
    SymmetricState.wipe(shared);
  }

  static byte[] publicOf(byte[] privateKey) {
    byte[] out = new byte[KEY_BYTES];
    X25519.scalarMultBase(privateKey, 0, out, 0);
    return out;
  }

  private static byte[] known(byte @Nullable [] key) {
    if (key == null) {
      throw new IllegalStateException("internal error: the pattern uses a key before it is known");
    }
    return key;
  }

  private static byte[] slice(byte[] message, int at, int length) {
    if (message.length - at < length) {
      throw new ProtocolViolation(
          "Noise handshake message of " + message.length + " bytes ends early");
    }
    return Arrays.copyOfRange(message, at, at + length);
  }
}
