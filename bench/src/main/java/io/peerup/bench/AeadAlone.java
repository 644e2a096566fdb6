package io.peerup.bench;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// What a cipher alone carries at the size of records that a transport makes: sealed and opened
/// again on one core, with nothing around it.
final class AeadAlone extends Scenario {

  private static final int TAG_BITS = 128;
  private static final int NONCE_BYTES = 12;
  private static final int ROUNDS_BETWEEN_CLOCKS = 16;

  private final boolean chacha;
  private final byte[] plain;
  private final byte[] sealed;
  private final SecretKeySpec secret;
  private long nonce;

  private AeadAlone(String key, boolean chacha, int recordBytes) {
    super(key);
    this.chacha = chacha;
    this.plain = new byte[recordBytes];
    this.sealed = new byte[recordBytes + TAG_BITS / 8];
    this.secret = new SecretKeySpec(new byte[chacha ? 32 : 16], chacha ? "ChaCha20" : "AES");
  }

  /// As Noise has it.
  static AeadAlone chacha(String key) {
    return new AeadAlone(key, true, 65_519);
  }

  /// As TLS and QUIC have it; QUIC in datagrams, which are much smaller.
  static AeadAlone aes(String key) {
    return new AeadAlone(key, false, 16_256);
  }

  @Override
  double measure(double seconds) {
    try {
      Cipher sealer = cipher();
      Cipher opener = cipher();
      long start = System.nanoTime();
      long bytes = 0;
      while (System.nanoTime() - start < seconds * 1e9) {
        for (int i = 0; i < ROUNDS_BETWEEN_CLOCKS; i++) {
          nonce++;
          init(sealer, Cipher.ENCRYPT_MODE);
          int length = sealer.doFinal(plain, 0, plain.length, sealed, 0);
          init(opener, Cipher.DECRYPT_MODE);
          bytes += opener.doFinal(sealed, 0, length, plain, 0);
        }
      }
      return bytes / ((System.nanoTime() - start) / 1e3);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Cipher cipher() throws GeneralSecurityException {
    return Cipher.getInstance(chacha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding", "SunJCE");
  }

  private void init(Cipher cipher, int mode) throws GeneralSecurityException {
    byte[] iv = new byte[NONCE_BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      iv[NONCE_BYTES - 1 - i] = (byte) (nonce >>> (8 * i));
    }
    cipher.init(
        mode, secret, chacha ? new IvParameterSpec(iv) : new GCMParameterSpec(TAG_BITS, iv));
  }
}
