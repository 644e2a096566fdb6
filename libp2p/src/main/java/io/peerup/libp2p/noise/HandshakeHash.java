package io.peerup.libp2p.noise;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/// The 32-byte hash of a whole handshake, equal on both sides and unique to the session.
public final class HandshakeHash {

  private final byte[] bytes;

  HandshakeHash(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /// The 32 bytes. A fresh copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HandshakeHash that && MessageDigest.isEqual(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
