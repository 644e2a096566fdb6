package io.peerup.libp2p.noise;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.ProtocolViolation;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// One direction of a Noise session: ChaCha20-Poly1305 under one key with a counter as nonce. Owned
/// by one event loop; not thread-safe.
///
/// Any failure is fatal: the counter does not advance, and every later call throws
/// [IllegalStateException]. A record costs some 2 kB of short-lived allocation inside the JDK
/// whatever its length, so full frames are the cheapest.
public final class NoiseCipher {

  /// Reserved by Noise revision 34, section 5.1: "the maximum n value (2^64-1) is reserved".
  private static final long COUNTER_RESERVED = -1L;

  private static final byte[] NO_AD = new byte[0];

  private final boolean encrypts;
  private final @Nullable Aead aead;
  private @Nullable SecretKey key;
  private long counter;

  NoiseCipher(byte[] key, boolean encrypts) {
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.encrypts = encrypts;
    this.aead = encrypts ? new Aead() : null;
  }

  /// Encrypts `length` bytes (0 … [Limits#PLAINTEXT_BYTES_MAX]) and writes as many plus
  /// [Limits#TAG_BYTES] to `out[outOffset…]`; returns the number written. The frame's length bytes
  /// are the caller's. In and out may overlap only at equal offsets of one array.
  ///
  /// Throws [LimitReached] when the counter is used up.
  public int encrypt(byte[] in, int offset, int length, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, length, in.length);
    Objects.checkFromIndexSize(outOffset, length + Limits.TAG_BYTES, out.length);
    if (length > Limits.PLAINTEXT_BYTES_MAX) {
      throw new IllegalArgumentException("plaintext of " + length + " bytes for one Noise frame");
    }
    SecretKey current = usable(true);
    int written =
        Objects.requireNonNull(aead)
            .encrypt(current, counter, NO_AD, in, offset, length, out, outOffset);
    counter++;
    return written;
  }

  /// Decrypts one frame body of `length` bytes ([Limits#TAG_BYTES] … [Limits#FRAME_BYTES_MAX]) and
  /// writes the plaintext to `out[outOffset…]`; returns its length, which may be 0. Nothing is
  /// written unless the tag is right. In and out may overlap only at equal offsets of one array
  /// (decryption in place).
  ///
  /// Throws [ProtocolViolation] when the frame is too short or not authentic, [LimitReached] when
  /// the counter is used up.
  public int decrypt(byte[] in, int offset, int length, byte[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, length, in.length);
    SecretKey current = usable(false);
    if (length < Limits.TAG_BYTES || length > Limits.FRAME_BYTES_MAX) {
      destroy();
      throw new ProtocolViolation(
          "Noise frame of " + length + " bytes, which no sender can have encrypted");
    }
    Objects.checkFromIndexSize(outOffset, length - Limits.TAG_BYTES, out.length);
    try {
      int written = Aead.decrypt(current, counter, NO_AD, in, offset, length, out, outOffset);
      counter++;
      return written;
    } catch (AEADBadTagException e) {
      destroy();
      throw new ProtocolViolation("Noise frame does not decrypt: altered, lost or replayed", e);
    }
  }

  /// Forgets the key; every later call throws [IllegalStateException].
  public void destroy() {
    key = null;
  }

  /// For tests of the limit: the next record uses this number (unsigned).
  void counter(long next) {
    counter = next;
  }

  long counter() {
    return counter;
  }

  private SecretKey usable(boolean encrypting) {
    SecretKey current = key;
    if (current == null) {
      throw new IllegalStateException("this Noise cipher has failed or was destroyed");
    }
    if (encrypting != encrypts) {
      throw new IllegalStateException("this Noise cipher works in the other direction");
    }
    if (counter == COUNTER_RESERVED) {
      destroy();
      throw new LimitReached("Noise session has used up its 2^64-1 record numbers");
    }
    return current;
  }
}
