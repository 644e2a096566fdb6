package io.peerup.libp2p.noise;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

/// ChaCha20-Poly1305 with the Noise nonce: four zero bytes, then the counter as 64 bits
/// little-endian (Noise revision 34, section 12.3).
///
/// SunJCE by name: its code is compiled to vector instructions, and a provider that someone adds in
/// front must not replace it. It copies key and nonce (some 100 bytes) at each initialisation;
/// handing it a shared nonce array would save that and disarm its check against reuse.
///
/// A JDK cipher takes 1.6 kB. Each sender has its own, for that check; opening keeps nothing from
/// one call to the next, so all connections of a thread share one.
final class Aead {

  private static final ThreadLocal<Aead> OPENER = ThreadLocal.withInitial(Aead::new);

  private final Cipher cipher;
  private final byte[] nonce = new byte[12];

  Aead() {
    try {
      cipher = Cipher.getInstance("ChaCha20-Poly1305", "SunJCE");
    } catch (NoSuchAlgorithmException | NoSuchProviderException | NoSuchPaddingException e) {
      throw new IllegalStateException("internal error: this JDK lacks ChaCha20-Poly1305", e);
    }
  }

  /// Writes `length` + 16 bytes to `out` and returns that number.
  int encrypt(
      SecretKey key,
      long counter,
      byte[] ad,
      byte[] in,
      int offset,
      int length,
      byte[] out,
      int outOffset) {
    try {
      init(Cipher.ENCRYPT_MODE, key, counter, ad);
      return cipher.doFinal(in, offset, length, out, outOffset);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: encryption failed", e);
    }
  }

  /// Writes `length` - 16 bytes to `out` and returns that number; nothing is written if the tag is
  /// wrong.
  static int decrypt(
      SecretKey key,
      long counter,
      byte[] ad,
      byte[] in,
      int offset,
      int length,
      byte[] out,
      int outOffset)
      throws AEADBadTagException {
    try {
      Aead opener = OPENER.get();
      opener.init(Cipher.DECRYPT_MODE, key, counter, ad);
      return opener.cipher.doFinal(in, offset, length, out, outOffset);
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: decryption failed", e);
    }
  }

  private void init(int mode, SecretKey key, long counter, byte[] ad)
      throws GeneralSecurityException {
    for (int i = 0; i < 8; i++) {
      nonce[4 + i] = (byte) (counter >>> (8 * i));
    }
    cipher.init(mode, key, new IvParameterSpec(nonce));
    if (ad.length > 0) {
      cipher.updateAAD(ad);
    }
  }
}
