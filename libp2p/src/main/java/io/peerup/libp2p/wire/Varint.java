package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.io.ByteArrayOutputStream;

/// Unsigned varints as multiformats defines them: little-endian base 128, minimal, at most 9 bytes
/// (63 bits). Protobuf's own varints are laxer and live in [ProtoReader].
public final class Varint {

  /// Longest legal encoding, by the multiformats unsigned-varint rule.
  public static final int BYTES_MAX = 9;

  private Varint() {}

  /// The number of bytes that [#encode] makes of this value.
  public static int size(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("varint of a negative number: " + value);
    }
    int size = 1;
    for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
      size++;
    }
    return size;
  }

  /// The encoding of a non-negative value.
  public static byte[] encode(long value) {
    byte[] out = new byte[size(value)];
    write(value, out, 0);
    return out;
  }

  /// Writes the encoding of a non-negative value at `offset` and returns the offset behind it.
  public static int write(long value, byte[] target, int offset) {
    if (value < 0) {
      throw new IllegalArgumentException("varint of a negative number: " + value);
    }
    int at = offset;
    long rest = value;
    while (rest >= 0x80) {
      target[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[at++] = (byte) rest;
    return at;
  }

  /// Writes the encoding to a stream.
  public static void write(long value, ByteArrayOutputStream target) {
    byte[] bytes = encode(value);
    target.write(bytes, 0, bytes.length);
  }

  /// Feeds a varint byte by byte, for readers that must not take one byte more than the number has.
  public static final class Decoder {
    private long value;
    private int count;

    /// Takes the next byte; true when the number is complete. Throws [MalformedInput] on a number
    /// that is too long or not minimal.
    public boolean accept(byte next) {
      if (count == BYTES_MAX) {
        throw new MalformedInput("varint longer than " + BYTES_MAX + " bytes");
      }
      value |= (long) (next & 0x7f) << (7 * count);
      count++;
      if (next < 0) {
        if (count == BYTES_MAX) {
          throw new MalformedInput("varint longer than " + BYTES_MAX + " bytes");
        }
        return false;
      }
      if (next == 0 && count > 1) {
        throw new MalformedInput("varint is not minimal");
      }
      return true;
    }

    /// The number, once [#accept] returned true.
    public long value() {
      return value;
    }
  }
}
