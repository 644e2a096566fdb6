package io.peerup.libp2p.noise;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.libp2p.noise.HandshakePattern.Token;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.jspecify.annotations.Nullable;

/// The HandshakeState of Noise revision 34, section 5.3: runs one pattern, knows nothing of
/// libp2p's payload. Both sides take turns; the message's number says whose. Not thread-safe.
final class HandshakeState {

  static final int KEY_BYTES = 32;

  private final HandshakePattern pattern;
  private final boolean initiator;
  private final KeyRandom random;
  private final MlKem768 mlKem;
  private final SymmetricState symmetric;
  private final byte[] staticPrivate;
  private final byte[] staticPublic;
  private byte @Nullable [] ephemeralPrivate;
  private byte @Nullable [] remoteStatic;
  private byte @Nullable [] remoteEphemeral;
  private MlKem768.@Nullable KeyPair kemPair;
  private byte @Nullable [] remoteKemKey;
  private byte[] payloadHash = {};
  private int turn;

  /// Takes the static key pair over and wipes it in [#destroy()]. `random` is asked once, for the
  /// ephemeral key; `mlKem` only by patterns that have it.
  HandshakeState(
      HandshakePattern pattern,
      boolean initiator,
      byte[] prologue,
      byte[] staticPrivate,
      byte[] staticPublic,
      KeyRandom random,
      MlKem768 mlKem) {
    this.pattern = pattern;
    this.initiator = initiator;
    this.random = random;
    this.mlKem = mlKem;
    this.staticPrivate = staticPrivate;
    this.staticPublic = staticPublic;
    symmetric = new SymmetricState(pattern.protocolName());
    symmetric.mixHash(prologue);
  }

  /// The next message with this payload.
  byte[] writeMessage(byte[] payload) {
    return writeMessage(_ -> payload);
  }

  /// The next message; `payload` is given the transcript hash under which it will go.
  byte[] writeMessage(UnaryOperator<byte[]> payload) {
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
        case E1 -> {
          MlKem768.KeyPair fresh = mlKem.generate();
          kemPair = fresh;
          out.bytes(symmetric.encryptAndHash(fresh.encapsulationKey()));
        }
        case EKEM1 -> {
          MlKem768.Encapsulated made =
              mlKem
                  .encapsulate(known(remoteKemKey))
                  .orElseThrow(() ->
                      new ProtocolViolation("Noise handshake with a key that is none of ML-KEM"));
          out.bytes(symmetric.encryptAndHash(made.ciphertext()));
          mixSecret(made.secret());
        }
        case EE, ES, SE -> mixDh(token);
      }
    }
    payloadHash = symmetric.handshakeHash();
    return out.bytes(symmetric.encryptAndHash(payload.apply(payloadHash))).toByteArray();
  }

  /// The payload of the remote side's message. Throws [ProtocolViolation] if the message is too
  /// short or not authentic; this object must not be used after that.
  byte[] readMessage(byte[] message) {
    int at = 0;
    for (Token token : nextTokens(false)) {
      int length = lengthOf(token);
      byte[] part = slice(message, at, length);
      switch (token) {
        case E -> {
          symmetric.mixHash(part);
          remoteEphemeral = part;
        }
        case S -> remoteStatic = symmetric.decryptAndHash(part);
        case E1 -> remoteKemKey = symmetric.decryptAndHash(part);
        case EKEM1 -> mixSecret(known(kemPair).decapsulate(symmetric.decryptAndHash(part)));
        case EE, ES, SE -> mixDh(token);
      }
      at += length;
    }
    payloadHash = symmetric.handshakeHash();
    return symmetric.decryptAndHash(slice(message, at, message.length - at));
  }

  /// The transcript hash under which the last payload was written or read: the same on both sides,
  /// and in no other handshake.
  byte[] payloadHash() {
    return payloadHash.clone();
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
    if (kemPair != null) {
      kemPair.destroy();
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
    mixSecret(shared);
  }

  private void mixSecret(byte[] secret) {
    symmetric.mixKey(secret);
    SymmetricState.wipe(secret);
  }

  /// What the token takes in a message that is read now.
  private int lengthOf(Token token) {
    return switch (token) {
      case E -> KEY_BYTES;
      case S -> KEY_BYTES + symmetric.overhead();
      case E1 -> MlKem768.KEY_BYTES + symmetric.overhead();
      case EKEM1 -> MlKem768.CIPHERTEXT_BYTES + symmetric.overhead();
      case EE, ES, SE -> 0;
    };
  }

  static byte[] publicOf(byte[] privateKey) {
    byte[] out = new byte[KEY_BYTES];
    X25519.scalarMultBase(privateKey, 0, out, 0);
    return out;
  }

  private static <T> T known(@Nullable T key) {
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
