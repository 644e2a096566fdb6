package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Walks the fields of one protobuf message:
///
/// ```java
/// ProtoReader in = new ProtoReader(bytes);
/// while (in.next()) {
///   switch (in.field()) {
///     case 1 -> type = in.uint();
///     case 2 -> data = in.bytes();
///     default -> in.skip();
///   }
/// }
/// ```
///
/// Unknown fields are skipped, groups are refused, numbers may be up to ten bytes and need not be
/// minimal (protobuf's rule). Never allocates more than the message's own size. Not thread-safe.
public final class ProtoReader {

  /// Most fields taken from one message: far above any libp2p message within its byte limit that is
  /// not padding.
  public static final int FIELDS_MAX = 20_000;

  private final byte[] source;
  private final int end;
  private int at;
  private int field;
  private int wireType;
  private int fields;
  private boolean unread;

  public ProtoReader(byte[] source) {
    this.source = source;
    this.end = source.length;
  }

  /// Moves to the next field; false at the end. Every field must be consumed by exactly one call of
  /// [#uint], [#uint31], [#fixed64], [#bytes], [#string] or [#skip]; a caller that does otherwise
  /// would read values as fields, and gets an [IllegalStateException].
  public boolean next() {
    if (unread) {
      throw new IllegalStateException("internal error: field " + field + " was not consumed");
    }
    if (at == end) {
      return false;
    }
    if (++fields > FIELDS_MAX) {
      throw new MalformedInput("protobuf message has more than " + FIELDS_MAX + " fields");
    }
    long tag = rawVarint();
    long number = tag >>> 3;
    if (number == 0 || number > 0x1fff_ffffL) {
      throw new MalformedInput("protobuf field number " + number + " is not legal");
    }
    field = (int) number;
    wireType = (int) (tag & 7);
    unread = true;
    return true;
  }

  /// The number of the current field.
  public int field() {
    return field;
  }

  /// A wire-type-0 value as unsigned 64 bits.
  public long uint() {
    expect(0);
    return rawVarint();
  }

  /// A wire-type-0 value that must fit a non-negative int, e.g. an enum. Larger ones become
  /// [Integer#MAX_VALUE], which no enum uses.
  public int uint31() {
    long value = uint();
    return value < 0 || value > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) value;
  }

  public long fixed64() {
    expect(1);
    need(8);
    long value = ByteBuffer.wrap(source, at, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    at += 8;
    return value;
  }

  /// A wire-type-2 value, copied.
  public byte[] bytes() {
    expect(2);
    int length = length();
    byte[] out = Arrays.copyOfRange(source, at, at + length);
    at += length;
    return out;
  }

  /// A wire-type-2 value as UTF-8 text; malformed UTF-8 is refused.
  public String string() {
    byte[] raw = bytes();
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
      return text.toString();
    } catch (CharacterCodingException e) {
      throw new MalformedInput("protobuf text field " + field + " is not UTF-8", e);
    }
  }

  /// Passes over the current field whatever it is.
  public void skip() {
    consume();
    switch (wireType) {
      case 0 -> rawVarint();
      case 1 -> advance(8);
      case 2 -> advance(length());
      case 5 -> advance(4);
      default -> throw new MalformedInput("protobuf wire type " + wireType + " is not supported");
    }
  }

  private int length() {
    long length = rawVarint();
    if (length < 0 || length > end - at) {
      throw new MalformedInput("protobuf field " + field + " is longer than its message");
    }
    return (int) length;
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      need(1);
      byte next = source[at++];
      value |= shift == 63 ? (long) (next & 1) << 63 : (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new MalformedInput("protobuf varint longer than 10 bytes");
  }

  private void expect(int wanted) {
    consume();
    if (wireType != wanted) {
      throw new MalformedInput(
          "protobuf field " + field + " has wire type " + wireType + ", expected " + wanted);
    }
  }

  private void consume() {
    if (!unread) {
      throw new IllegalStateException("internal error: field " + field + " was consumed twice");
    }
    unread = false;
  }

  private void advance(int count) {
    need(count);
    at += count;
  }

  private void need(int count) {
    if (end - at < count) {
      throw new MalformedInput("protobuf message ends early");
    }
  }
}
