package io.peerup.libp2p.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// Builds a byte array from fixed and length-prefixed fields. Not thread-safe.
public final class ByteWriter {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public ByteWriter u8(int value) {
    out.write(value);
    return this;
  }

  public ByteWriter u16(int value) {
    out.write(value >>> 8);
    out.write(value);
    return this;
  }

  /// Eight bytes, big-endian.
  public ByteWriter u64(long value) {
    return bytes(ByteBuffer.allocate(8).putLong(value).array());
  }

  public ByteWriter varint(long value) {
    Varint.write(value, out);
    return this;
  }

  public ByteWriter bytes(byte[] value) {
    out.write(value, 0, value.length);
    return this;
  }

  /// Varint length, then the bytes.
  public ByteWriter lengthPrefixed(byte[] value) {
    return varint(value.length).bytes(value);
  }

  public byte[] toByteArray() {
    return out.toByteArray();
  }
}
