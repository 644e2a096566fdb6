package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/// Reads fixed and length-prefixed fields from an array, never beyond its end. Not thread-safe.
public final class ByteReader {

  private final byte[] source;
  private final int end;
  private int at;

  public ByteReader(byte[] source) {
    this(source, 0, source.length);
  }

  public ByteReader(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    this.source = source;
    this.at = offset;
    this.end = offset + length;
  }

  public int remaining() {
    return end - at;
  }

  public boolean hasRemaining() {
    return at < end;
  }

  /// The next byte as 0…255.
  public int u8() {
    need(1);
    return source[at++] & 0xff;
  }

  public int u16() {
    return u8() << 8 | u8();
  }

  /// Eight bytes, big-endian.
  public long u64() {
    need(8);
    long value = ByteBuffer.wrap(source, at, 8).getLong();
    at += 8;
    return value;
  }

  /// A strict varint of at most `max`.
  public long varint(long max) {
    Varint.Decoder decoder = new Varint.Decoder();
    while (true) {
      need(1);
      if (decoder.accept(source[at++])) {
        break;
      }
    }
    if (decoder.value() > max) {
      throw new MalformedInput("number " + decoder.value() + " is above the limit of " + max);
    }
    return decoder.value();
  }

  /// Exactly `count` bytes, copied.
  public byte[] bytes(int count) {
    need(count);
    byte[] out = Arrays.copyOfRange(source, at, at + count);
    at += count;
    return out;
  }

  /// A varint length of at most `max`, then as many bytes. The length is checked before allocating.
  public byte[] lengthPrefixed(int max) {
    return bytes((int) varint(max));
  }

  /// Everything that is left.
  public byte[] rest() {
    return bytes(remaining());
  }

  /// Throws [MalformedInput] if anything is left.
  public void expectEnd() {
    if (hasRemaining()) {
      throw new MalformedInput(remaining() + " bytes behind the end of the message");
    }
  }

  private void need(int count) {
    if (count < 0 || remaining() < count) {
      throw new MalformedInput(
          "message ends early: " + count + " bytes wanted, " + remaining() + " left");
    }
  }
}
