package io.peerup.testkit;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/// Beginnings of length-prefixed frames that no reader may accept, by what is wrong with them. Each
/// is to be followed by the end of the stream.
public final class BadFrames {

  private static final int BODY_BYTES = 16;

  private BadFrames() {}

  /// All of them, for a protocol whose largest frame has `limit` bytes.
  public static Map<String, byte[]> of(int limit) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("a length of one more than the limit", frame(limit + 1L));
    all.put("a length of 2^31", frame(1L << 31));
    all.put("a length of 2^62", frame(1L << 62));
    all.put("a length of 2^63", frame(1L << 63));
    all.put("a length of eleven bytes", bytes(0x80, 10, 0x01));
    all.put("a length without end", bytes(0xff, 64, 0xff));
    all.put("a length with a needless byte", bytes(0x85, 1, 0x00));
    all.put("a frame that is cut short", frame(BODY_BYTES + 1));
    all.put("a length that is cut short", bytes(0x80, 1, 0x80));
    return all;
  }

  private static byte[] frame(long length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = length;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    out.writeBytes(new byte[BODY_BYTES]);
    return out.toByteArray();
  }

  private static byte[] bytes(int repeated, int times, int last) {
    byte[] out = new byte[times + 1];
    java.util.Arrays.fill(out, (byte) repeated);
    out[times] = (byte) last;
    return out;
  }
}
