package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The few DER shapes that keys and certificates are made of (X.690): definite minimal lengths, low
/// tag numbers, nothing else. Reads each element from its own slice, so that nothing reaches beyond
/// its parent. Throws only [MalformedInput]. Not thread-safe.
public final class DerReader {

  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int NULL = 0x05;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int SEQUENCE = 0x30;
  private static final int CONTEXT = 0xa0;

  private final byte[] source;
  private final int end;
  private int at;

  private DerReader(byte[] source, int start, int end) {
    this.source = source;
    this.at = start;
    this.end = end;
  }

  /// The SEQUENCE that is all of these bytes.
  public static DerReader ofSequence(byte[] source) {
    DerReader outer = new DerReader(source, 0, source.length);
    DerReader inner = outer.sequence();
    outer.expectEnd();
    return inner;
  }

  /// The inside of the OCTET STRING that is all of these bytes.
  public static byte[] ofOctetString(byte[] source) {
    DerReader outer = new DerReader(source, 0, source.length);
    byte[] inner = outer.octetString();
    outer.expectEnd();
    return inner;
  }

  /// Opens a SEQUENCE.
  public DerReader sequence() {
    return element(SEQUENCE);
  }

  /// A non-negative INTEGER of any size.
  public BigInteger integer() {
    DerReader value = element(INTEGER);
    int length = value.end - value.at;
    if (length == 0 || source[value.at] < 0) {
      throw new MalformedInput("DER integer is empty or negative");
    }
    if (length > 1 && source[value.at] == 0 && source[value.at + 1] >= 0) {
      throw new MalformedInput("DER integer is not minimal");
    }
    return new BigInteger(1, value.content());
  }

  /// An INTEGER of 0 … 127, e.g. a version.
  public int smallInteger() {
    BigInteger value = integer();
    if (value.bitLength() > 7) {
      throw new MalformedInput("DER integer is larger than any known version");
    }
    return value.intValue();
  }

  /// The bytes of an OCTET STRING.
  public byte[] octetString() {
    return element(OCTET_STRING).content();
  }

  /// A BIT STRING of whole bytes.
  public byte[] bitString() {
    byte[] content = element(BIT_STRING).content();
    if (content.length == 0 || content[0] != 0) {
      throw new MalformedInput("DER bit string is not made of whole bytes");
    }
    return Arrays.copyOfRange(content, 1, content.length);
  }

  /// The encoded arcs.
  public byte[] objectIdentifier() {
    return element(OBJECT_IDENTIFIER).content();
  }

  /// A NULL.
  public void nothing() {
    element(NULL).expectEnd();
  }

  /// The inside of an explicit context tag, or null if another element or none comes next.
  public @Nullable DerReader optionalContext(int number) {
    boolean present = at < end && (source[at] & 0xff) == (CONTEXT | number);
    return present ? element(CONTEXT | number) : null;
  }

  /// Throws [MalformedInput] if something is left.
  public void expectEnd() {
    if (at != end) {
      throw new MalformedInput("bytes behind the end of a DER element");
    }
  }

  private DerReader element(int tag) {
    int found = u8();
    if (found != tag) {
      throw new MalformedInput(String.format("DER tag 0x%02x, expected 0x%02x", found, tag));
    }
    int length = length();
    if (length > end - at) {
      throw new MalformedInput("DER element is longer than its parent");
    }
    DerReader inner = new DerReader(source, at, at + length);
    at += length;
    return inner;
  }

  private int length() {
    int first = u8();
    if (first < 0x80) {
      return first;
    }
    int count = first & 0x7f;
    if (count == 0 || count > 2) {
      throw new MalformedInput("DER length is indefinite or above 65535");
    }
    int length = count == 1 ? u8() : u8() << 8 | u8();
    if (length < (count == 1 ? 0x80 : 0x100)) {
      throw new MalformedInput("DER length is not minimal");
    }
    return length;
  }

  private int u8() {
    if (at >= end) {
      throw new MalformedInput("DER ends early");
    }
    return source[at++] & 0xff;
  }

  private byte[] content() {
    return Arrays.copyOfRange(source, at, end);
  }
}
