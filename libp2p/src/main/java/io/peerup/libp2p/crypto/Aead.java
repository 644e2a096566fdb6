package io.peerup.libp2p.crypto;

import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.XChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). It does not commit to its key: where keys come
/// from something that can be guessed, the caller checks a commitment first.
public final class Aead {

  public static final int KEY_BYTES = 32;
  public static final int NONCE_BYTES = 24;
  public static final int TAG_BYTES = 16;

  private Aead() {}

  /// Ciphertext and tag.
  public static byte[] seal(byte[] key, byte[] nonce, byte[] aad, byte[] plain) {
    return run(true, key, nonce, aad, plain)
        .orElseThrow(() -> new IllegalStateException("internal error: sealing cannot fail"));
  }

  /// The opposite of [#seal]; empty if the tag is wrong.
  public static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] aad, byte[] sealed) {
    return sealed.length < TAG_BYTES ? Optional.empty() : run(false, key, nonce, aad, sealed);
  }

  private static Optional<byte[]> run(
      boolean forSealing, byte[] key, byte[] nonce, byte[] aad, byte[] input) {
    // A new object per message: a used one refuses or, worse, remembers.
    XChaCha20Poly1305 cipher = new XChaCha20Poly1305();
    cipher.init(forSealing, new AEADParameters(new KeyParameter(key), TAG_BYTES * 8, nonce, aad));
    byte[] out = new byte[cipher.getOutputSize(input.length)];
    int count = cipher.processBytes(input, 0, input.length, out, 0);
    try {
      cipher.doFinal(out, count);
      return Optional.of(out);
    } catch (InvalidCipherTextException e) {
      Arrays.fill(out, (byte) 0);
      return Optional.empty();
    }
  }
}
