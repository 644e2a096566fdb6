package io.peerup.libp2p.noise;

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

  /// Most entries of the remote `stream_muxers` list, as in go-libp2p.
  public static final int MUXERS_MAX = 100;

  private Limits() {}
}
