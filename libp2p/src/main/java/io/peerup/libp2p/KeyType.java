package io.peerup.libp2p;

/// The identity key types of libp2p, with the number each has on the wire (peer-ids.md).
public enum KeyType {
  RSA(0),
  ED25519(1),
  SECP256K1(2),
  ECDSA(3);

  private final int code;

  KeyType(int code) {
    this.code = code;
  }

  /// The `Type` field of the key protobuf.
  public int code() {
    return code;
  }
}
