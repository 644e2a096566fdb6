package io.peerup.libp2p.noise;

/// A Noise handshake that libp2p names: one id, one fixed set of algorithms.
public enum NoiseSuite {

  /// X25519 (noise/README.md).
  CLASSIC("/noise"),

  /// X25519 and ML-KEM-768 together: what is recorded today stays closed to whoever breaks one of
  /// them later. The proposal libp2p/specs #727; neither it nor the id is ratified, so exactly this
  /// id is spoken, which four other implementations use.
  HYBRID("/noise-mlkem768-hfs/0.2.0");

  private final String id;

  NoiseSuite(String id) {
    this.id = id;
  }

  /// The suite with this id. Throws [IllegalArgumentException] if there is none.
  static NoiseSuite of(String id) {
    for (NoiseSuite suite : values()) {
      if (suite.id.equals(id)) {
        return suite;
      }
    }
    throw new IllegalArgumentException("no Noise suite: " + id);
  }

  /// Its security protocol id.
  public String id() {
    return id;
  }

  HandshakePattern pattern() {
    return this == HYBRID ? HandshakePattern.XX_HFS : HandshakePattern.XX;
  }

  /// The first message, which carries keys and nothing else.
  int firstMessageBytes() {
    return this == HYBRID ? Limits.HYBRID_FIRST_BYTES : HandshakeState.KEY_BYTES;
  }

  /// Longest frame of this handshake.
  public int frameBytesMax() {
    return this == HYBRID
        ? Limits.HYBRID_HANDSHAKE_FRAME_BYTES_MAX
        : Limits.HANDSHAKE_FRAME_BYTES_MAX;
  }
}
