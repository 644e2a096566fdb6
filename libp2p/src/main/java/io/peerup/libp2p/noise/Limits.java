package io.peerup.libp2p.noise;

import io.peerup.libp2p.crypto.MlKem768;

/// The bounds of the Noise layer, in bytes unless said otherwise.
public final class Limits {

  /// Longest frame body: what the two length bytes can say.
  public static final int FRAME_BYTES_MAX = 65_535;

  /// The Poly1305 tag behind every ciphertext.
  public static final int TAG_BYTES = 16;

  /// Most plaintext in one transport frame.
  public static final int PLAINTEXT_BYTES_MAX = FRAME_BYTES_MAX - TAG_BYTES;

  /// Longest identity payload we accept: an RSA-8192 key and signature (2.1 kB), 100 muxer names of
  /// usual length and WebTransport certificate hashes fit several times. It bounds what a stranger
  /// makes us buffer.
  public static final int PAYLOAD_BYTES_MAX = 8_192;

  /// Longest handshake frame: ephemeral key, encrypted static key, encrypted payload.
  public static final int HANDSHAKE_FRAME_BYTES_MAX =
      32 + 32 + TAG_BYTES + PAYLOAD_BYTES_MAX + TAG_BYTES;

  /// First message of the hybrid handshake: an X25519 and an ML-KEM-768 key.
  public static final int HYBRID_FIRST_BYTES = 32 + MlKem768.KEY_BYTES;

  /// Longest frame of the hybrid handshake: its second message has an encrypted ciphertext more.
  public static final int HYBRID_HANDSHAKE_FRAME_BYTES_MAX =
      HANDSHAKE_FRAME_BYTES_MAX + MlKem768.CIPHERTEXT_BYTES + TAG_BYTES;

  /// Most entries of the remote `stream_muxers` list, as in go-libp2p.
  public static final int MUXERS_MAX = 100;

  /// Most entries of the remote list of security protocols; there are a handful.
  public static final int OFFERS_MAX = 32;

  private Limits() {}
}
