package io.peerup.libp2p;

/// What an identity algorithm must be able to do, one implementation a [KeyType]. The `Data` fields
/// of the key protobufs go in and out as bytes; every reader throws only [MalformedInput].
sealed interface KeyAlgorithm permits Ed25519Keys, Secp256k1Keys, EcdsaKeys, RsaKeys {

  /// Checks the key and everything about it that an attacker could choose.
  Verifier readPublic(byte[] data);

  Secret readPrivate(byte[] data);

  static KeyAlgorithm of(KeyType type) {
    return switch (type) {
      case ED25519 -> Ed25519Keys.INSTANCE;
      case SECP256K1 -> Secp256k1Keys.INSTANCE;
      case ECDSA -> EcdsaKeys.INSTANCE;
      case RSA -> RsaKeys.INSTANCE;
    };
  }

  /// A checked public key. Thread-safe.
  interface Verifier {
    /// Never throws for a bad signature.
    boolean verify(byte[] message, byte[] signature);
  }

  /// A private key in memory. Thread-safe until destroyed.
  interface Secret {
    byte[] publicData();

    /// The `Data` of the private key protobuf, a fresh copy.
    byte[] privateData();

    byte[] sign(byte[] message);

    void destroy();
  }
}
