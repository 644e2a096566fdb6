package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// A DNS message (RFC 1035) as far as this room needs it: for which TXT records it asks, and those
/// that it brings. Everything else in it is skipped. Names are in lower case, without the last dot;
/// a dot within a label is written `\.`.
///
/// @param response an answer, not a question
/// @param questions names whose TXT records are asked for
/// @param texts TXT records, wherever in the message they stand
record DnsMessage(boolean response, List<String> questions, List<Text> texts) {

  /// A TXT record. Its strings are bytes, one character each.
  record Text(String name, List<String> strings) {
    Text {
      strings = List.copyOf(strings);
    }
  }

  DnsMessage {
    questions = List.copyOf(questions);
    texts = List.copyOf(texts);
  }

  private static final int TYPE_TXT = 16;
  private static final int TYPE_ANY = 255;
  private static final int CLASS_IN = 1;

  /// The highest bit of a class is multicast DNS's own (unicast wanted; flush the cache).
  private static final int CLASS_MASK = 0x7fff;

  private static final int RESPONSE = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int OPCODE_AND_STATUS = 0x780f;
  private static final int LABEL_BYTES_MAX = 63;

  /// Reads a message. Throws [MalformedInput] for what is none, or is too large to be looked at.
  static DnsMessage decode(byte[] bytes) {
    if (bytes.length > Limits.MESSAGE_BYTES_MAX) {
      throw new MalformedInput("a DNS message that is too long");
    }
    Reader in = new Reader(bytes);
    in.u16(); // multicast DNS has no use for the id
    int flags = in.u16();
    int questionCount = in.u16();
    int recordCount = in.u16() + in.u16() + in.u16();
    if ((flags & OPCODE_AND_STATUS) != 0 || questionCount + recordCount > Limits.RECORDS_MAX) {
      throw new MalformedInput("not a DNS message that is looked at here");
    }
    List<String> questions = new ArrayList<>();
    for (int i = 0; i < questionCount; i++) {
      String name = in.name();
      int type = in.u16();
      if ((in.u16() & CLASS_MASK) == CLASS_IN && (type == TYPE_TXT || type == TYPE_ANY)) {
        questions.add(name);
      }
    }
    List<Text> texts = new ArrayList<>();
    for (int i = 0; i < recordCount; i++) {
      String name = in.name();
      int type = in.u16();
      int of = in.u16() & CLASS_MASK;
      in.skip(4); // time to live
      int end = in.ahead(in.u16());
      if (type == TYPE_TXT && of == CLASS_IN) {
        texts.add(new Text(name, in.strings(end)));
      }
      in.at = end;
    }
    return new DnsMessage((flags & RESPONSE) != 0, questions, texts);
  }

  /// The message that asks for the TXT records of these names.
  static byte[] question(Collection<String> names) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    header(out, 0, names.size(), 0);
    for (String name : names) {
      name(out, name);
      u16(out, TYPE_TXT);
      u16(out, CLASS_IN);
    }
    return out.toByteArray();
  }

  /// The message that brings one TXT record; each string of at most 255 bytes.
  static byte[] answer(String name, List<String> strings) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (String each : strings) {
      byte[] bytes = each.getBytes(StandardCharsets.ISO_8859_1);
      if (bytes.length > Limits.ADDRESS_BYTES_MAX) {
        throw new IllegalArgumentException("a string of " + bytes.length + " bytes");
      }
      data.write(bytes.length);
      data.writeBytes(bytes);
    }
    if (strings.isEmpty()) {
      data.write(0); // RFC 6763, section 6.1: never without a string
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    header(out, RESPONSE | AUTHORITATIVE, 0, 1);
    name(out, name);
    u16(out, TYPE_TXT);
    u16(out, CLASS_IN);
    u16(out, 0);
    u16(out, Limits.TTL_SECONDS);
    u16(out, data.size());
    out.writeBytes(data.toByteArray());
    return out.toByteArray();
  }

  private static void header(ByteArrayOutputStream out, int flags, int questions, int answers) {
    u16(out, 0);
    u16(out, flags);
    u16(out, questions);
    u16(out, answers);
    u16(out, 0);
    u16(out, 0);
  }

  /// Names of ours have no dots within labels.
  private static void name(ByteArrayOutputStream out, String name) {
    for (String label : name.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
      if (bytes.length == 0 || bytes.length > LABEL_BYTES_MAX) {
        throw new IllegalArgumentException("not a name: " + name);
      }
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    out.write(0);
  }

  private static void u16(ByteArrayOutputStream out, int value) {
    out.write(value >>> 8);
    out.write(value);
  }

  private static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    int u8() {
      int next = ahead(1);
      int value = bytes[at] & 0xff;
      at = next;
      return value;
    }

    int u16() {
      return u8() << 8 | u8();
    }

    void skip(int count) {
      at = ahead(count);
    }

    /// Where so many bytes further on is. Throws if the message is shorter.
    int ahead(int count) {
      if (count > bytes.length - at) {
        throw new MalformedInput("a DNS message that ends too early");
      }
      return at + count;
    }

    List<String> strings(int end) {
      List<String> out = new ArrayList<>();
      while (at < end) {
        int length = u8();
        if (length > end - at) {
          throw new MalformedInput("a string that is longer than its record");
        }
        out.add(new String(bytes, at, length, StandardCharsets.ISO_8859_1));
        at += length;
      }
      return out;
    }

    /// A pointer leads to before the part that it ends, so each name ends.
    String name() {
      StringBuilder out = new StringBuilder();
      int before = at;
      int resume = -1;
      int wireBytes = 0;
      while (true) {
        int length = u8();
        if (length == 0) {
          break;
        }
        if (length >= 0xc0) {
          int target = (length & 0x3f) << 8 | u8();
          if (target >= before) {
            throw new MalformedInput("a name that points ahead");
          }
          resume = resume < 0 ? at : resume;
          before = target;
          at = target;
          continue;
        }
        wireBytes += 1 + length;
        if (length > LABEL_BYTES_MAX || wireBytes >= Limits.NAME_BYTES_MAX) {
          throw new MalformedInput("a name that is too long");
        }
        int end = ahead(length);
        out.append(out.isEmpty() ? "" : ".")
            .append(new String(bytes, at, length, StandardCharsets.ISO_8859_1).replace(".", "\\."));
        at = end;
      }
      at = resume < 0 ? at : resume;
      return out.toString().toLowerCase(Locale.ROOT);
    }
  }
}
