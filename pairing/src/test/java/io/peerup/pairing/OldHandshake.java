package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import java.util.Optional;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// What an earlier design called a pairing handshake, kept here as the thing that must not be: an
/// ordinary Diffie-Hellman exchange whose result is salted with the code. Whoever completes the
/// exchange in the other side's place holds a message on which every code can be tried.
final class OldHandshake {

  private OldHandshake() {}

  /// What the joiner sends once it has seen an inviter's ephemeral key, real or not.
  @SuppressWarnings("ArrayRecordComponent")
  record Joined(byte[] ephemeral, byte[] sealed) {}

  static Joined join(byte[] code, byte[] inviterEphemeral, byte[] payload, KeyRandom random) {
    byte[] secret = random.bytes(32);
    byte[] ephemeral = new byte[32];
    X25519.scalarMultBase(secret, 0, ephemeral, 0);
    byte[] key = key(code, secret, inviterEphemeral);
    return new Joined(ephemeral, Crypto.seal(key, Crypto.countedNonce(0), new byte[0], payload));
  }

  /// Opens it with this code, if it is the right one.
  static Optional<byte[]> open(byte[] code, byte[] secret, Joined joined) {
    try {
      return Optional.of(
          Crypto.open(
              key(code, secret, joined.ephemeral()),
              Crypto.countedNonce(0),
              new byte[0],
              joined.sealed()));
    } catch (InvalidCipherTextException e) {
      return Optional.empty();
    }
  }

  private static byte[] key(byte[] code, byte[] secret, byte[] other) {
    byte[] shared = new byte[32];
    X25519.calculateAgreement(secret, 0, other, 0, shared, 0);
    byte[] prk = Crypto.hmac(Crypto.sha256("", code), shared);
    return Crypto.expand(prk, Crypto.ascii("pairing"), 32);
  }

  static byte[] publicKey(byte[] secret) {
    byte[] out = new byte[32];
    X25519.scalarMultBase(secret, 0, out, 0);
    return out;
  }
}
