package io.peerup.libp2p.yamux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A frame as it lies on the wire; for tests to build and to compare.
record SentFrame(int type, int flags, int id, long length, List<Byte> payload) {

  static SentFrame data(int flags, int id, byte[] payload) {
    return new SentFrame(Frame.DATA, flags, id, payload.length, boxed(payload));
  }

  static SentFrame windowUpdate(int flags, int id, long delta) {
    return new SentFrame(Frame.WINDOW_UPDATE, flags, id, delta, List.of());
  }

  static SentFrame reset(int id, long code) {
    return windowUpdate(Frame.RST, id, code);
  }

  static SentFrame ping(int flags, long value) {
    return new SentFrame(Frame.PING, flags, 0, value, List.of());
  }

  static SentFrame goAway(long code) {
    return new SentFrame(Frame.GO_AWAY, 0, 0, code, List.of());
  }

  byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(Frame.HEADER_BYTES + payload.size());
    out.put((byte) 0).put((byte) type).putShort((short) flags).putInt(id).putInt((int) length);
    payload.forEach(out::put);
    return out.array();
  }

  static byte[] bytes(SentFrame... frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (SentFrame frame : frames) {
      out.writeBytes(frame.bytes());
    }
    return out.toByteArray();
  }

  static List<SentFrame> parse(byte[] bytes) {
    List<SentFrame> frames = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int type = Frame.type(bytes, at);
      long length = Frame.length(bytes, at);
      int payloadBytes = type == Frame.DATA ? (int) length : 0;
      byte[] payload = new byte[payloadBytes];
      System.arraycopy(bytes, at + Frame.HEADER_BYTES, payload, 0, payloadBytes);
      frames.add(
          new SentFrame(
              type, Frame.flags(bytes, at), Frame.streamId(bytes, at), length, boxed(payload)));
      at += Frame.HEADER_BYTES + payloadBytes;
    }
    return frames;
  }

  private static List<Byte> boxed(byte[] bytes) {
    List<Byte> boxed = new ArrayList<>(bytes.length);
    for (byte value : bytes) {
      boxed.add(value);
    }
    return boxed;
  }

  @Override
  public String toString() {
    String name =
        switch (type) {
          case Frame.DATA -> "DATA";
          case Frame.WINDOW_UPDATE -> "WINDOW_UPDATE";
          case Frame.PING -> "PING";
          case Frame.GO_AWAY -> "GO_AWAY";
          default -> "type " + type;
        };
    return name + " flags " + flags + " stream " + Integer.toUnsignedString(id) + " " + length;
  }
}
