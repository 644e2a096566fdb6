package io.peerup.libp2p;

import java.util.Arrays;

/// An identity's public key in its libp2p encoding (peer-ids.md). Immutable.
public final class PublicKey {

  private final KeyType type;
  private final byte[] data;

  PublicKey(KeyType type, byte[] data) {
    this.type = type;
    this.data = data;
  }

  /// Parses the protobuf `PublicKey{Type, Data}` and checks the key itself: lengths, point on curve
  /// and of full order, RSA modulus of 2048 to 8192 bits. Throws [MalformedInput].
  public static PublicKey decode(byte[] encoded) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  public KeyType type() {
    return type;
  }

  /// The `Data` field; for Ed25519 the 32 raw bytes. A fresh copy.
  public byte[] data() {
    return data.clone();
  }

  /// The protobuf, both fields written, in order. A fresh copy.
  public byte[] encoded() {
    throw new UnsupportedOperationException("written by the keys change");
  }

  /// True if the signature over the message was made by this key. Never throws for a bad signature.
  public boolean verify(byte[] message, byte[] signature) {
    throw new UnsupportedOperationException("written by the keys change");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && type == that.type && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(data);
  }
}
