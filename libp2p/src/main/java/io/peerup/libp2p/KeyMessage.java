package io.peerup.libp2p;

import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.util.Arrays;

/// The protobuf `{Type = 1, Data = 2}` that public and private keys share (peer-ids.md). Taken in
/// its canonical form only: the form is hashed into peer ids, so that a second encoding would be a
/// second identity of the same key.
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeyMessage(KeyType type, byte[] data) {

  static KeyMessage decode(byte[] encoded, int bytesMax) {
    if (encoded.length > bytesMax) {
      throw new MalformedInput("key of " + encoded.length + " bytes, at most " + bytesMax);
    }
    int type = -1;
    byte[] data = null;
    ProtoReader in = new ProtoReader(encoded);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = in.uint31();
        case 2 -> data = in.bytes();
        default -> throw new MalformedInput("key has an unknown field " + in.field());
      }
    }
    if (data == null) {
      throw new MalformedInput("key without data");
    }
    KeyMessage message = new KeyMessage(typeOf(type), data);
    if (!Arrays.equals(encoded, message.encode())) {
      throw new MalformedInput("key is not in its canonical encoding");
    }
    return message;
  }

  byte[] encode() {
    return new ProtoWriter().uint(1, type.code()).bytes(2, data).toByteArray();
  }

  private static KeyType typeOf(int code) {
    for (KeyType type : KeyType.values()) {
      if (type.code() == code) {
        return type;
      }
    }
    throw new MalformedInput(code == -1 ? "key without type" : "unknown key type " + code);
  }
}
