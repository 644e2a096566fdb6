package io.peerup.libp2p;

import io.peerup.libp2p.wire.Base32;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.IpLiteral;
import io.peerup.libp2p.wire.Multibase;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntPredicate;

/// The forms that the value of a multiaddr component can take. Both directions check the value, so
/// that what one accepts the other can write. Throw only [MalformedInput].
enum AddressValue {
  /// No value at all.
  NONE(0) {
    @Override
    byte[] toBytes(String text) {
      return new byte[0];
    }

    @Override
    String toText(byte[] bytes) {
      return "";
    }
  },

  IP4(4) {
    @Override
    byte[] toBytes(String text) {
      return IpLiteral.parse4(text);
    }

    @Override
    String toText(byte[] bytes) {
      return IpLiteral.format(bytes);
    }
  },

  IP6(16) {
    @Override
    byte[] toBytes(String text) {
      return IpLiteral.parse6(text);
    }

    @Override
    String toText(byte[] bytes) {
      return IpLiteral.format(bytes);
    }
  },

  PORT(2) {
    @Override
    byte[] toBytes(String text) {
      int port = decimal(text, 0xffff);
      return new byte[] {(byte) (port >>> 8), (byte) port};
    }

    @Override
    String toText(byte[] bytes) {
      return Integer.toString((bytes[0] & 0xff) << 8 | (bytes[1] & 0xff));
    }
  },

  PREFIX_LENGTH(1) {
    @Override
    byte[] toBytes(String text) {
      return new byte[] {(byte) decimal(text, 0xff)};
    }

    @Override
    String toText(byte[] bytes) {
      return Integer.toString(bytes[0] & 0xff);
    }
  },

  /// The name of a network interface.
  ZONE(-1) {
    @Override
    byte[] toBytes(String text) {
      return utf8(text, AddressValue::isLabelLetter);
    }

    @Override
    String toText(byte[] bytes) {
      return utf8(bytes, AddressValue::isLabelLetter);
    }
  },

  /// A DNS name.
  NAME(-1) {
    @Override
    byte[] toBytes(String text) {
      return utf8(checkLength(text), AddressValue::isNameLetter);
    }

    @Override
    String toText(byte[] bytes) {
      return checkLength(utf8(bytes, AddressValue::isNameLetter));
    }

    private static String checkLength(String name) {
      if (name.length() > Limits.DNS_NAME_CHARS_MAX) {
        throw new MalformedInput("name of " + name.length() + " characters in an address");
      }
      return name;
    }
  },

  /// Any printable text without a slash.
  LABEL(-1) {
    @Override
    byte[] toBytes(String text) {
      return utf8(text, AddressValue::isLabelLetter);
    }

    @Override
    String toText(byte[] bytes) {
      return utf8(bytes, AddressValue::isLabelLetter);
    }
  },

  /// A path from the root, which takes the rest of the text, as in go-multiaddr. The binary form of
  /// js-multiaddr lacks the first slash; both become the rooted form.
  PATH(-1) {
    @Override
    byte[] toBytes(String text) {
      if (!text.startsWith("/") || text.length() == 1) {
        throw new MalformedInput("empty path in an address");
      }
      return utf8(text, AddressValue::isPathLetter);
    }

    @Override
    String toText(byte[] bytes) {
      String path = utf8(bytes, AddressValue::isPathLetter);
      return path.startsWith("/") ? path : "/" + path;
    }

    @Override
    byte[] normalized(byte[] bytes) {
      return toBytes(toText(bytes));
    }
  },

  /// Multihash of a public key.
  PEER(-1) {
    @Override
    byte[] toBytes(String text) {
      return PeerId.parse(text).bytes();
    }

    @Override
    String toText(byte[] bytes) {
      return PeerId.fromBytes(bytes).toString();
    }
  },

  /// `<base32 of 35 bytes>:<port>`.
  ONION3(37) {
    @Override
    byte[] toBytes(String text) {
      int colon = text.indexOf(':');
      if (colon != ONION3_CHARS) {
        throw new MalformedInput("onion address is not 56 letters, a colon and a port");
      }
      byte[] out = Arrays.copyOf(Base32.decode(text.substring(0, colon)), 37);
      System.arraycopy(PORT.toBytes(text.substring(colon + 1)), 0, out, 35, 2);
      return out;
    }

    @Override
    String toText(byte[] bytes) {
      return Base32.encode(Arrays.copyOf(bytes, 35))
          + ":"
          + PORT.toText(Arrays.copyOfRange(bytes, 35, 37));
    }
  },

  /// Multihash bytes; as text in multibase.
  CERTIFICATE_HASH(-1) {
    @Override
    byte[] toBytes(String text) {
      return checkMultihash(Multibase.decode(text));
    }

    @Override
    String toText(byte[] bytes) {
      return Multibase.base64Url(checkMultihash(bytes));
    }

    private static byte[] checkMultihash(byte[] bytes) {
      ByteReader in = new ByteReader(bytes);
      in.varint(Integer.MAX_VALUE);
      in.lengthPrefixed(Limits.MULTIADDR_BYTES_MAX);
      in.expectEnd();
      return bytes;
    }
  },

  /// Any bytes; as text with `%2F` and the like.
  PERCENT_ENCODED(-1) {
    @Override
    byte[] toBytes(String text) {
      return notEmpty(percentDecode(text));
    }

    @Override
    String toText(byte[] bytes) {
      return percentEncode(notEmpty(bytes));
    }
  };

  private static final int ONION3_CHARS = 56;

  private final int size;

  AddressValue(int size) {
    this.size = size;
  }

  abstract byte[] toBytes(String text);

  abstract String toText(byte[] bytes);

  /// The one binary form of a value that has several.
  byte[] normalized(byte[] bytes) {
    return bytes;
  }

  boolean isVariable() {
    return size < 0;
  }

  boolean isNone() {
    return size == 0;
  }

  /// The number of bytes, unless variable.
  int size() {
    return size;
  }

  private static int decimal(String text, int max) {
    boolean wellFormed =
        !text.isEmpty()
            && text.length() <= 5
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    int value = wellFormed ? Integer.parseInt(text) : Integer.MAX_VALUE;
    if (value > max) {
      throw new MalformedInput("not a number of 0 to " + max + " in an address");
    }
    return value;
  }

  private static byte[] utf8(String text, IntPredicate letters) {
    return notEmpty(checkLetters(text, letters).getBytes(StandardCharsets.UTF_8));
  }

  private static String utf8(byte[] bytes, IntPredicate letters) {
    try {
      return checkLetters(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(notEmpty(bytes))).toString(),
          letters);
    } catch (CharacterCodingException e) {
      throw new MalformedInput("text in an address is not UTF-8", e);
    }
  }

  private static byte[] notEmpty(byte[] bytes) {
    if (bytes.length == 0) {
      throw new MalformedInput("empty value in an address");
    }
    return bytes;
  }

  private static String checkLetters(String text, IntPredicate letters) {
    if (!text.codePoints().allMatch(letters)) {
      throw new MalformedInput("letter that is not allowed in an address");
    }
    return text;
  }

  /// Names end up in terminals and logs: no control letters, no marks that change direction.
  private static boolean isNameLetter(int letter) {
    return Character.isLetterOrDigit(letter) || letter == '-' || letter == '.' || letter == '_';
  }

  private static boolean isLabelLetter(int letter) {
    return (letter != '/' && letter > ' ' && letter < 0x7f) || Character.isLetterOrDigit(letter);
  }

  private static boolean isPathLetter(int letter) {
    return switch (Character.getType(letter)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private static byte[] percentDecode(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter == '%') {
        boolean complete = i + 2 < text.length();
        int high = complete ? hexDigit(text.charAt(i + 1)) : -1;
        int low = complete ? hexDigit(text.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw new MalformedInput("percent sign without two hex digits in an address");
        }
        out.write(high << 4 | low);
        i += 2;
      } else if (letter > ' ' && letter < 0x7f && letter != '/') {
        out.write(letter);
      } else {
        throw new MalformedInput("path in an address is not percent-encoded");
      }
    }
    return out.toByteArray();
  }

  private static String percentEncode(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (byte next : bytes) {
      char letter = (char) (next & 0xff);
      // RFC 3986 §2.3, unreserved.
      boolean plain =
          letter < 0x80 && (Character.isLetterOrDigit(letter) || "-._~".indexOf(letter) >= 0);
      if (plain) {
        out.append(letter);
      } else {
        out.append(String.format(Locale.ROOT, "%%%02X", (int) letter));
      }
    }
    return out.toString();
  }

  private static int hexDigit(char letter) {
    return letter < 0x80 ? Character.digit(letter, 16) : -1;
  }
}
