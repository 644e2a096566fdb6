package io.peerup.libp2p;

/// An identity's private key. `toString` never shows it; [#destroy()] wipes what can be wiped.
public final class PrivateKey {

  private PrivateKey() {}

  /// A fresh Ed25519 key.
  public static PrivateKey generate(KeyRandom random) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// Parses the protobuf `PrivateKey{Type, Data}` of any of the four types. Throws
  /// [MalformedInput].
  public static PrivateKey decode(byte[] encoded) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// The Ed25519 key of a 32-byte seed.
  public static PrivateKey ofEd25519Seed(byte[] seed) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// The protobuf `PrivateKey{Type, Data}`. A fresh copy: wipe it after use.
  public byte[] encoded() {
    throw new UnsupportedOperationException("written by the keys change");
  }

  public PublicKey publicKey() {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// Signs the message as libp2p prescribes for the key's type (peer-ids.md).
  public byte[] sign(byte[] message) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// Overwrites the secret in memory as far as the JVM allows.
  public void destroy() {}

  @Override
  public String toString() {
    return "PrivateKey[redacted]";
  }
}
