package io.peerup.libp2p;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/// 32 bytes that both ends of one security handshake know and that no other handshake has: for
/// Noise its hash (Noise revision 34, section 11.2), for TLS 1.3 exported keying material (RFC 8446
/// section 7.5). Other protocols bind themselves to the connection with it.
public final class ChannelBinding {

  private final byte[] bytes;

  /// The caller's array is copied.
  public ChannelBinding(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /// The 32 bytes. A fresh copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelBinding that && MessageDigest.isEqual(bytes, that.bytes);
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
