package io.peerup.libp2p.noise;

import io.peerup.libp2p.ProtocolViolation;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The SymmetricState of Noise revision 34, section 5.2, with the handshake's CipherState inside:
/// chaining key, transcript hash, and the key of the moment with its counter. For SHA-256 and
/// ChaCha20-Poly1305. Not thread-safe.
final class SymmetricState {

  private static final int HASH_BYTES = 32;

  private final MessageDigest sha256;
  private final Mac hmac;
  private final Aead aead = new Aead();
  private final byte[] chainingKey;
  private byte[] hash;
  private @Nullable SecretKey key;
  private long counter;

  /// InitializeSymmetric: a name of at most 32 bytes is padded with zeros, a longer one hashed.
  SymmetricState(String protocolName) {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
      hmac = Mac.getInstance("HmacSHA256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("internal error: this JDK lacks SHA-256", e);
    }
    byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
    hash = name.length <= HASH_BYTES ? Arrays.copyOf(name, HASH_BYTES) : sha256.digest(name);
    chainingKey = hash.clone();
  }

  void mixHash(byte[] data) {
    sha256.update(hash);
    hash = sha256.digest(data);
  }

  void mixKey(byte[] inputKeyMaterial) {
    byte[][] outputs = hkdf(inputKeyMaterial);
    System.arraycopy(outputs[0], 0, chainingKey, 0, HASH_BYTES);
    key = new SecretKeySpec(outputs[1], "ChaCha20");
    counter = 0;
    wipe(outputs);
  }

  /// The plaintext itself as long as there is no key.
  byte[] encryptAndHash(byte[] plaintext) {
    SecretKey current = key;
    byte[] out = plaintext;
    if (current != null) {
      out = new byte[plaintext.length + Limits.TAG_BYTES];
      aead.encrypt(current, counter++, hash, plaintext, 0, plaintext.length, out, 0);
    }
    mixHash(out);
    return out;
  }

  byte[] decryptAndHash(byte[] received) {
    SecretKey current = key;
    byte[] plaintext = received;
    if (current != null) {
      if (received.length < Limits.TAG_BYTES) {
        throw new ProtocolViolation("Noise handshake message ends early");
      }
      plaintext = new byte[received.length - Limits.TAG_BYTES];
      try {
        Aead.decrypt(current, counter, hash, received, 0, received.length, plaintext, 0);
      } catch (AEADBadTagException e) {
        throw new ProtocolViolation("Noise handshake message does not decrypt", e);
      }
      counter++;
    }
    mixHash(received);
    return plaintext;
  }

  /// How many bytes [#encryptAndHash] adds now.
  int overhead() {
    return key == null ? 0 : Limits.TAG_BYTES;
  }

  /// The two transport keys, the initiator's sending key first. The caller wipes them.
  byte[][] split() {
    return hkdf(new byte[0]);
  }

  byte[] handshakeHash() {
    return hash.clone();
  }

  void destroy() {
    Arrays.fill(chainingKey, (byte) 0);
    key = null;
  }

  /// HKDF with two outputs (section 4.3).
  private byte[][] hkdf(byte[] inputKeyMaterial) {
    byte[] temporary = hmac(chainingKey, inputKeyMaterial);
    byte[] first = hmac(temporary, new byte[] {1});
    byte[] again = Arrays.copyOf(first, HASH_BYTES + 1);
    again[HASH_BYTES] = 2;
    byte[] second = hmac(temporary, again);
    wipe(temporary, again);
    return new byte[][] {first, second};
  }

  private byte[] hmac(byte[] with, byte[] data) {
    try {
      hmac.init(new SecretKeySpec(with, "HmacSHA256"));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("internal error: HMAC key refused", e);
    }
    return hmac.doFinal(data);
  }

  static void wipe(byte[]... secrets) {
    for (byte[] secret : secrets) {
      Arrays.fill(secret, (byte) 0);
    }
  }
}
