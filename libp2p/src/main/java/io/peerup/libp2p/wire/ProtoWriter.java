package io.peerup.libp2p.wire;

import java.nio.charset.StandardCharsets;

/// Writes the protobuf wire format field by field, in the order of the calls; what is not written
/// is absent, and a written zero is on the wire (libp2p needs both). Not thread-safe.
public final class ProtoWriter {

  private final ByteWriter out = new ByteWriter();

  /// Wire type 0. The value is taken as unsigned 64 bits.
  public ProtoWriter uint(int field, long value) {
    out.varint((long) field << 3);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.u8((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.u8((int) rest);
    return this;
  }

  /// Wire type 2.
  public ProtoWriter bytes(int field, byte[] value) {
    out.varint((long) field << 3 | 2).lengthPrefixed(value);
    return this;
  }

  /// Wire type 2, UTF-8.
  public ProtoWriter string(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /// Wire type 2, a nested message.
  public ProtoWriter message(int field, ProtoWriter value) {
    return bytes(field, value.toByteArray());
  }

  /// Wire type 1, little-endian.
  public ProtoWriter fixed64(int field, long value) {
    out.varint((long) field << 3 | 1);
    for (int shift = 0; shift < 64; shift += 8) {
      out.u8((int) (value >>> shift) & 0xff);
    }
    return this;
  }

  public byte[] toByteArray() {
    return out.toByteArray();
  }
}
