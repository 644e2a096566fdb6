package io.peerup.libp2p.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;
import javax.security.auth.DestroyFailedException;

/// ML-KEM-768 of the JDK, with its own randomness.
public final class JdkMlKem768 implements MlKem768 {

  private static final String ALGORITHM = "ML-KEM-768";

  // SubjectPublicKeyInfo of RFC 9935 up to the raw key, which is all the JDK reads and writes.
  private static final byte[] X509_HEAD =
      HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

  private record JdkKeyPair(java.security.KeyPair pair) implements KeyPair {

    @Override
    public byte[] encapsulationKey() {
      byte[] encoded = pair.getPublic().getEncoded();
      return Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
    }

    @Override
    public byte[] decapsulate(byte[] ciphertext) {
      try {
        return KEM.getInstance(ALGORITHM)
            .newDecapsulator(pair.getPrivate())
            .decapsulate(ciphertext)
            .getEncoded();
      } catch (DecapsulateException e) {
        throw new IllegalArgumentException("a ciphertext of the wrong length", e);
      } catch (GeneralSecurityException e) {
        throw missing(e);
      }
    }

    @Override
    public void destroy() {
      try {
        pair.getPrivate().destroy();
      } catch (DestroyFailedException e) {
        // Then the collector takes it, as it takes what the provider copied.
      }
    }

    @Override
    public String toString() {
      return "KeyPair[redacted]";
    }
  }

  @Override
  public KeyPair generate() {
    try {
      return new JdkKeyPair(KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  @Override
  public Optional<Encapsulated> encapsulate(byte[] key) {
    if (key.length != KEY_BYTES) {
      return Optional.empty();
    }
    try {
      PublicKey readable =
          KeyFactory.getInstance(ALGORITHM)
              .generatePublic(
                  new X509EncodedKeySpec(
                      ByteBuffer.allocate(X509_HEAD.length + KEY_BYTES)
                          .put(X509_HEAD)
                          .put(key)
                          .array()));
      KEM.Encapsulated made = KEM.getInstance(ALGORITHM).newEncapsulator(readable).encapsulate();
      return Optional.of(new Encapsulated(made.encapsulation(), made.key().getEncoded()));
    } catch (InvalidKeyException | InvalidKeySpecException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  private static IllegalStateException missing(GeneralSecurityException e) {
    return new IllegalStateException("internal error: JDK 25 has ML-KEM-768", e);
  }
}
