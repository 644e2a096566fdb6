package io.peerup.libp2p;

import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// Ed25519 (RFC 8032), by Bouncy Castle: the JDK accepts public keys of small order, for which
/// anybody can make signatures.
final class Ed25519Keys implements KeyAlgorithm {

  static final Ed25519Keys INSTANCE = new Ed25519Keys();

  private static final int SEED_BYTES = Ed25519.SECRET_KEY_SIZE;
  private static final int PUBLIC_BYTES = Ed25519.PUBLIC_KEY_SIZE;

  private static final CheckedPoints CHECKED = new CheckedPoints(Limits.CHECKED_POINTS_MAX);

  private Ed25519Keys() {}

  @Override
  public Verifier readPublic(byte[] data) {
    if (data.length != PUBLIC_BYTES) {
      throw new MalformedInput("Ed25519 key of " + data.length + " bytes, expected 32");
    }
    Ed25519.PublicPoint point = CHECKED.of(data);
    if (point == null) {
      throw new MalformedInput("Ed25519 key is not a canonical point of full order");
    }
    return (message, signature) ->
        signature.length == Ed25519.SIGNATURE_SIZE
            && Ed25519.verify(signature, 0, point, message, 0, message.length);
  }

  /// Seed ‖ public, or the legacy form seed ‖ public ‖ public with equal publics.
  @Override
  public Secret readPrivate(byte[] data) {
    if (data.length != SEED_BYTES + PUBLIC_BYTES && data.length != SEED_BYTES + 2 * PUBLIC_BYTES) {
      throw new MalformedInput("Ed25519 private key of " + data.length + " bytes, expected 64");
    }
    Secret secret = ofSeed(Arrays.copyOf(data, SEED_BYTES));
    for (int at = SEED_BYTES; at < data.length; at += PUBLIC_BYTES) {
      byte[] claimed = Arrays.copyOfRange(data, at, at + PUBLIC_BYTES);
      if (!MessageDigest.isEqual(claimed, secret.publicData())) {
        secret.destroy();
        throw new MalformedInput("Ed25519 private key does not belong to its public key");
      }
    }
    return secret;
  }

  /// Takes over the array.
  static Secret ofSeed(byte[] seed) {
    byte[] publicKey = new byte[PUBLIC_BYTES];
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
    return new Seed(seed, publicKey);
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Seed(byte[] seed, byte[] publicKey) implements Secret {

    @Override
    public byte[] publicData() {
      return publicKey.clone();
    }

    @Override
    public byte[] privateData() {
      byte[] out = Arrays.copyOf(seed, SEED_BYTES + PUBLIC_BYTES);
      System.arraycopy(publicKey, 0, out, SEED_BYTES, PUBLIC_BYTES);
      return out;
    }

    @Override
    public byte[] sign(byte[] message) {
      byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
      Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
      return signature;
    }

    @Override
    public void destroy() {
      Arrays.fill(seed, (byte) 0);
    }

    @Override
    public String toString() {
      return "Ed25519 seed [redacted]";
    }
  }
}
