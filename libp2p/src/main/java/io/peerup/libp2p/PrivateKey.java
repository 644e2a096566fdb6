package io.peerup.libp2p;

import java.util.Arrays;

/// An identity's private key. `toString` never shows it; [#destroy()] wipes what can be wiped.
/// Thread-safe.
public final class PrivateKey {

  private static final int ED25519_SEED_BYTES = 32;

  private final KeyType type;
  private final KeyAlgorithm.Secret secret;
  private final PublicKey publicKey;
  private volatile boolean destroyed;

  private PrivateKey(KeyType type, KeyAlgorithm.Secret secret) {
    this.type = type;
    this.secret = secret;
    this.publicKey = PublicKey.of(type, secret.publicData());
  }

  /// A fresh Ed25519 key.
  public static PrivateKey generate(KeyRandom random) {
    return new PrivateKey(KeyType.ED25519, Ed25519Keys.ofSeed(random.bytes(ED25519_SEED_BYTES)));
  }

  /// Parses the protobuf `PrivateKey{Type, Data}` of any of the four types. Throws
  /// [MalformedInput].
  public static PrivateKey decode(byte[] encoded) {
    KeyMessage message = KeyMessage.decode(encoded, Limits.PRIVATE_KEY_BYTES_MAX);
    try {
      return new PrivateKey(
          message.type(), KeyAlgorithm.of(message.type()).readPrivate(message.data()));
    } finally {
      Arrays.fill(message.data(), (byte) 0);
    }
  }

  /// The Ed25519 key of a 32-byte seed. Copies the seed. Throws [MalformedInput] for another
  /// length.
  public static PrivateKey ofEd25519Seed(byte[] seed) {
    if (seed.length != ED25519_SEED_BYTES) {
      throw new MalformedInput("Ed25519 seed of " + seed.length + " bytes, expected 32");
    }
    return new PrivateKey(KeyType.ED25519, Ed25519Keys.ofSeed(seed.clone()));
  }

  public KeyType type() {
    return type;
  }

  /// The protobuf `PrivateKey{Type, Data}`. A fresh copy: wipe it after use.
  public byte[] encoded() {
    byte[] data = usable().privateData();
    try {
      return new KeyMessage(type, data).encode();
    } finally {
      Arrays.fill(data, (byte) 0);
    }
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  /// The peer id of the public key.
  public PeerId peerId() {
    return PeerId.of(publicKey);
  }

  /// Signs the message as libp2p prescribes for the key's type (peer-ids.md).
  public byte[] sign(byte[] message) {
    return usable().sign(message);
  }

  /// Overwrites the secret in memory as far as the JVM allows. The key cannot sign any more.
  public void destroy() {
    destroyed = true;
    secret.destroy();
  }

  private KeyAlgorithm.Secret usable() {
    if (destroyed) {
      throw new IllegalStateException("the private key was destroyed");
    }
    return secret;
  }

  @Override
  public String toString() {
    return "PrivateKey[redacted]";
  }
}
