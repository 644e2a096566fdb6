package io.peerup.libp2p;

import java.util.Arrays;

/// An identity's public key in its libp2p encoding (peer-ids.md). Immutable.
public final class PublicKey {

  private final KeyType type;
  private final byte[] data;
  private final KeyAlgorithm.Verifier verifier;

  private PublicKey(KeyType type, byte[] data) {
    this.type = type;
    this.data = data;
    this.verifier = KeyAlgorithm.of(type).readPublic(data);
  }

  /// The key of this type with this `Data` field, checked as [#decode] does.
  static PublicKey of(KeyType type, byte[] data) {
    return new PublicKey(type, data.clone());
  }

  /// Parses the protobuf `PublicKey{Type, Data}` and checks the key itself: lengths, point on curve
  /// and of full order, RSA modulus of 2048 to 8192 bits. Only the canonical encoding is taken.
  /// Throws [MalformedInput].
  public static PublicKey decode(byte[] encoded) {
    KeyMessage message = KeyMessage.decode(encoded, Limits.PUBLIC_KEY_BYTES_MAX);
    return new PublicKey(message.type(), message.data());
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
    return new KeyMessage(type, data).encode();
  }

  /// True if the signature over the message was made by this key. Never throws for a bad signature.
  public boolean verify(byte[] message, byte[] signature) {
    return verifier.verify(message, signature);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && type == that.type && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(data);
  }

  /// The type and the peer id.
  @Override
  public String toString() {
    return type + " key of " + PeerId.of(this);
  }
}
