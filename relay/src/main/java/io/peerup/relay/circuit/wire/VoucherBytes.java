package io.peerup.relay.circuit.wire;

import java.util.Arrays;

/// The bytes of a signed envelope that should contain a voucher. Immutable.
public final class VoucherBytes {

  private final byte[] bytes;

  public VoucherBytes(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /// A fresh copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VoucherBytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "VoucherBytes[" + bytes.length + "]";
  }
}
