package io.peerup.libp2p;

import io.peerup.libp2p.wire.Base32;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.IpLiteral;
import io.peerup.libp2p.wire.Multibase;
import java.util.Arrays;

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
      int port = AddressText.decimal(text, 0xffff);
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
      return new byte[] {(byte) AddressText.decimal(text, 0xff)};
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
      return AddressText.utf8(text, AddressText::isLabelLetter);
    }

    @Override
    String toText(byte[] bytes) {
      return AddressText.utf8(bytes, AddressText::isLabelLetter);
    }
  },

  /// A DNS name.
  NAME(-1) {
    @Override
    byte[] toBytes(String text) {
      return AddressText.utf8(checkLength(text), AddressText::isNameLetter);
    }

    @Override
    String toText(byte[] bytes) {
      return checkLength(AddressText.utf8(bytes, AddressText::isNameLetter));
    }

    private static String checkLength(String name) {
      if (name.length() > Limits.DNS_NAME_CHARS_MAX) {
        throw new MalformedInput(
            "name of " + name.length() + " characters, at most " + Limits.DNS_NAME_CHARS_MAX);
      }
      return name;
    }
  },

  /// Any printable text without a slash.
  LABEL(-1) {
    @Override
    byte[] toBytes(String text) {
      return AddressText.utf8(text, AddressText::isLabelLetter);
    }

    @Override
    String toText(byte[] bytes) {
      return AddressText.utf8(bytes, AddressText::isLabelLetter);
    }
  },

  /// A path from the root, which takes the rest of the text, as in go-multiaddr. The binary form of
  /// js-multiaddr lacks the first slash; both become the rooted form.
  PATH(-1) {
    @Override
    byte[] toBytes(String text) {
      if (!text.startsWith("/") || text.length() == 1) {
        throw new MalformedInput("empty path");
      }
      return AddressText.utf8(text, AddressText::isPathLetter);
    }

    @Override
    String toText(byte[] bytes) {
      String path = AddressText.utf8(bytes, AddressText::isPathLetter);
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
        throw new MalformedInput("not 56 letters, a colon and a port");
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
      return AddressText.notEmpty(AddressText.percentDecode(text));
    }

    @Override
    String toText(byte[] bytes) {
      return AddressText.percentEncode(AddressText.notEmpty(bytes));
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
}
