package io.peerup.libp2p;

import java.util.Arrays;
import java.util.Optional;

/// Who a peer is: the multihash of its public key (peer-ids.md). Immutable; ordered by unsigned
/// bytes.
public final class PeerId implements Comparable<PeerId> {

  private final byte[] bytes;

  private PeerId(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The id of a key: identity multihash up to 42 encoded bytes, SHA-256 above.
  public static PeerId of(PublicKey key) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// Parses multihash bytes: an identity multihash of a well-formed key, or sha2-256. Throws
  /// [MalformedInput].
  public static PeerId fromBytes(byte[] multihash) {
    return new PeerId(multihash.clone());
  }

  /// Parses base58 (`12D3KooW…`, `Qm…`) or a CID (base32, base36) of at most 128 characters. Throws
  /// [MalformedInput].
  public static PeerId parse(String text) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// The multihash. A fresh copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// The key, if the id contains it (Ed25519, secp256k1).
  public Optional<PublicKey> inlineKey() {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// The first 16 characters of the text form and an ellipsis, for tables and thread names.
  public String shortForm() {
    throw new UnsupportedOperationException("written by the keys change");
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// Base58btc of the multihash.
  @Override
  public String toString() {
    throw new UnsupportedOperationException("written by the keys change");
  }
}
