package io.peerup.libp2p;

/// The bounds of this package's decoders, each with its reason.
final class Limits {

  /// Longest text taken for a peer id. Base58 decoding is quadratic; the longest legal form is a
  /// CID of about 70 characters.
  static final int PEER_ID_CHARS_MAX = 128;

  /// Longest identity multihash: what peer-ids.md inlines instead of hashing.
  static final int INLINE_KEY_BYTES_MAX = 42;

  /// Longest encoded public key: RSA of 8192 bits takes about 1060 bytes.
  static final int PUBLIC_KEY_BYTES_MAX = 1200;

  /// Longest encoded private key: RSA of 8192 bits takes about 4700 bytes.
  static final int PRIVATE_KEY_BYTES_MAX = 6000;

  /// Smaller RSA keys can be factored; go-libp2p and js-libp2p refuse them too.
  static final int RSA_BITS_MIN = 2048;

  /// Larger RSA keys make verification a weapon (CVE-2023-39533).
  static final int RSA_BITS_MAX = 8192;

  /// Largest RSA public exponent, as in Go: verification costs as many multiplications as it has
  /// bits, and everybody uses 65537.
  static final int RSA_EXPONENT_BITS_MAX = 31;

  /// Longest binary multiaddr; real ones stay below 300 bytes, two certificate hashes and a circuit
  /// included.
  static final int MULTIADDR_BYTES_MAX = 1024;

  /// Most components of a multiaddr; a WebTransport circuit has ten.
  static final int MULTIADDR_COMPONENTS_MAX = 16;

  /// Longest text taken for a multiaddr: percent-encoding triples a path.
  static final int MULTIADDR_CHARS_MAX = 4 * MULTIADDR_BYTES_MAX;

  /// Longest DNS name in text form (RFC 1035).
  static final int DNS_NAME_CHARS_MAX = 253;

  /// Longest signed envelope: a peer record with some thirty addresses. Unbounded records filled
  /// the memory of others (CVE-2023-40583).
  static final int ENVELOPE_BYTES_MAX = 8192;

  /// Most addresses taken from a peer record.
  static final int PEER_RECORD_ADDRESSES_MAX = 128;

  /// Ed25519 keys whose check is remembered: the peers of a large network, in about 300 KB.
  static final int CHECKED_POINTS_MAX = 1024;

  private Limits() {}
}
