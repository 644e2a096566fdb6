package io.peerup.libp2p.crypto;

import java.util.Optional;

/// ML-KEM-768 (FIPS 203), behind an interface because published test vectors fix its randomness and
/// the JDK's implementation takes none from outside.
public interface MlKem768 {

  /// Length of an encapsulation key in bytes.
  int KEY_BYTES = 1184;

  /// Length of a ciphertext in bytes.
  int CIPHERTEXT_BYTES = 1088;

  /// A fresh key pair of the side that decapsulates.
  interface KeyPair {

    /// What the other side needs: [#KEY_BYTES] bytes.
    byte[] encapsulationKey();

    /// The secret in a ciphertext of [#CIPHERTEXT_BYTES] bytes. For a ciphertext that was not made
    /// for this key it is another secret, not an error (FIPS 203 section 6.3).
    byte[] decapsulate(byte[] ciphertext);

    /// Wipes the private key, as far as the implementation can. Nothing may be decapsulated then.
    void destroy();
  }

  /// A secret, which its taker wipes, and the ciphertext that carries it.
  // Taken apart at once, never compared by equals.
  @SuppressWarnings("ArrayRecordComponent")
  record Encapsulated(byte[] ciphertext, byte[] secret) {}

  /// Makes a key pair.
  KeyPair generate();

  /// A fresh secret for the owner of this key, or empty if it is no such key (FIPS 203 section 7.2:
  /// its length, and every coefficient below the modulus).
  Optional<Encapsulated> encapsulate(byte[] key);
}
