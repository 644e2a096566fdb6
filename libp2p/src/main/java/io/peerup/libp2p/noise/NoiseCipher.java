package io.peerup.libp2p.noise;

/// One direction of a Noise session: ChaCha20-Poly1305 under one key with a counter as nonce. Owned
/// by one event loop; not thread-safe.
///
/// Any failure is fatal: the counter does not advance, and every later call throws. Neither method
/// allocates more than a few small objects a record.
public final class NoiseCipher {

  NoiseCipher() {}

  /// Encrypts `length` bytes (0 … [Limits#PLAINTEXT_BYTES_MAX]) and writes as many plus
  /// [Limits#TAG_BYTES] to `out[outOffset…]`; returns the number written. The frame's length bytes
  /// are the caller's. In and out may be the same array only at the same offset.
  ///
  /// Throws [io.peerup.libp2p.LimitReached] when the counter is used up.
  public int encrypt(byte[] in, int offset, int length, byte[] out, int outOffset) {
    throw new UnsupportedOperationException("written next");
  }

  /// Decrypts one frame body of `length` bytes ([Limits#TAG_BYTES] … [Limits#FRAME_BYTES_MAX]) and
  /// writes the plaintext to `out[outOffset…]`; returns its length, which may be 0. Nothing is
  /// written unless the tag is right. Fastest with `offset` 0.
  ///
  /// Throws [io.peerup.libp2p.ProtocolViolation] when the frame is too short or not authentic.
  public int decrypt(byte[] in, int offset, int length, byte[] out, int outOffset) {
    throw new UnsupportedOperationException("written next");
  }

  /// Forgets the key; every later call throws [IllegalStateException].
  public void destroy() {
    throw new UnsupportedOperationException("written next");
  }
}
