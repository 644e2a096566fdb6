package io.peerup.pairing;

import io.peerup.libp2p.crypto.Aead;
import io.peerup.libp2p.crypto.Hkdf;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;

/// The primitives that pairing uses, each in one line for its callers.
final class Crypto {

  static final int XNONCE_BYTES = Aead.NONCE_BYTES;
  static final int TAG_BYTES = Aead.TAG_BYTES;

  private Crypto() {}

  static byte[] ascii(String label) {
    return label.getBytes(StandardCharsets.US_ASCII);
  }

  /// `lv(a, b, …)`: each part behind its varint length.
  static byte[] lv(byte[]... parts) {
    ByteWriter out = new ByteWriter();
    for (byte[] part : parts) {
      out.lengthPrefixed(part);
    }
    return out.toByteArray();
  }

  /// The parts, one after the other.
  static byte[] concat(byte[]... parts) {
    ByteWriter out = new ByteWriter();
    for (byte[] part : parts) {
      out.bytes(part);
    }
    return out.toByteArray();
  }

  /// What an identity signs: the label, a zero byte, the message.
  static byte[] labelled(String label, byte[] message) {
    return concat(ascii(label), new byte[1], message);
  }

  /// SHA-256 over the label and the parts, one after the other.
  static byte[] sha256(String label, byte[]... parts) {
    return hash("SHA-256", ascii(label), parts);
  }

  /// SHA-512 over the parts, one after the other.
  static byte[] sha512(byte[] first, byte[]... parts) {
    return hash("SHA-512", first, parts);
  }

  private static byte[] hash(String algorithm, byte[] first, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(first);
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK has " + algorithm, e);
    }
  }

  /// HMAC-SHA256 over the parts, one after the other.
  static byte[] hmac(byte[] key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK has HmacSHA256", e);
    }
  }

  /// HKDF-Expand (RFC 5869 section 2.3).
  static byte[] expand(byte[] prk, byte[] info, int length) {
    return Hkdf.expand(prk, info, length);
  }

  /// The nonce of a key's message number so-and-so: 16 zero bytes, then the number, little-endian.
  static byte[] countedNonce(long number) {
    return ByteBuffer.allocate(XNONCE_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(XNONCE_BYTES - Long.BYTES, number)
        .array();
  }

  /// XChaCha20-Poly1305: ciphertext and tag.
  static byte[] seal(byte[] key, byte[] nonce, byte[] aad, byte[] plain) {
    return Aead.seal(key, nonce, aad, plain);
  }

  /// The opposite of [#seal]. Throws [InvalidCipherTextException] if the tag is wrong.
  static byte[] open(byte[] key, byte[] nonce, byte[] aad, byte[] sealed)
      throws InvalidCipherTextException {
    return Aead.open(key, nonce, aad, sealed)
        .orElseThrow(() -> new InvalidCipherTextException("the tag is wrong"));
  }
}
