package io.peerup.libp2p.noise;

import io.peerup.libp2p.ProtocolViolation;
import java.util.Arrays;
import java.util.Objects;

/// Splits a byte stream into Noise frames: u16 big-endian length, then the body. Chunks may end
/// anywhere. Keeps one growing buffer, reused for every frame. Not thread-safe.
///
/// ```java
/// while (length > 0) {
///   int used = framer.consume(in, offset, length);
///   offset += used;
///   length -= used;
///   if (framer.complete()) {
///     handle(framer.body(), framer.bodyLength()); // body starts at index 0
///     framer.next();
///   }
/// }
/// ```
public final class NoiseFramer {

  private static final byte[] EMPTY = new byte[0];
  private static final int HEADER_BYTES = 2;

  private int bodyBytesMax;
  private byte[] body = EMPTY;
  private int bodyLength;
  private int headerFilled;
  private int filled;
  private boolean failed;

  /// Refuses bodies longer than `bodyBytesMax`: [Limits#HANDSHAKE_FRAME_BYTES_MAX] during the
  /// handshake, [Limits#FRAME_BYTES_MAX] after it.
  public NoiseFramer(int bodyBytesMax) {
    this.bodyBytesMax = bodyBytesMax;
  }

  /// Changes the limit, from the next length on.
  public void bodyBytesMax(int max) {
    bodyBytesMax = max;
  }

  /// Takes bytes up to the end of the current frame and returns how many; 0 while [#complete()].
  /// Throws [ProtocolViolation] on a length above the limit; every later call then throws
  /// [IllegalStateException].
  public int consume(byte[] in, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, in.length);
    if (failed) {
      throw new IllegalStateException("the framing has failed");
    }
    int at = offset;
    int end = offset + length;
    while (headerFilled < HEADER_BYTES && at < end) {
      bodyLength = bodyLength << 8 | (in[at++] & 0xff);
      if (++headerFilled == HEADER_BYTES) {
        makeRoom();
      }
    }
    if (headerFilled == HEADER_BYTES) {
      int count = Math.min(bodyLength - filled, end - at);
      System.arraycopy(in, at, body, filled, count);
      filled += count;
      at += count;
    }
    return at - offset;
  }

  /// True if a whole frame lies in [#body()].
  public boolean complete() {
    return headerFilled == HEADER_BYTES && filled == bodyLength && !failed;
  }

  /// The buffer whose first [#bodyLength()] bytes are the body; valid until [#next()]. The caller
  /// may overwrite it (decrypt in place).
  public byte[] body() {
    return body;
  }

  /// The length of the complete frame's body. Throws [IllegalStateException] before that.
  public int bodyLength() {
    if (!complete()) {
      throw new IllegalStateException("the frame is not complete");
    }
    return bodyLength;
  }

  /// A copy of the body, for handshake messages.
  public byte[] bodyCopy() {
    return Arrays.copyOf(body, bodyLength());
  }

  /// Begins the next frame.
  public void next() {
    if (!complete()) {
      throw new IllegalStateException("the frame is not complete");
    }
    headerFilled = 0;
    bodyLength = 0;
    filled = 0;
  }

  /// Gives the buffer back if no frame is under way: an idle connection need not hold 64 KiB.
  public void shrink() {
    if (headerFilled == 0) {
      body = EMPTY;
    }
  }

  /// A frame around a body of at most [Limits#FRAME_BYTES_MAX] bytes: its two length bytes and the
  /// body, in a fresh array.
  public static byte[] frame(byte[] body) {
    if (body.length > Limits.FRAME_BYTES_MAX) {
      throw new IllegalArgumentException("Noise frame of " + body.length + " bytes");
    }
    byte[] out = new byte[HEADER_BYTES + body.length];
    out[0] = (byte) (body.length >>> 8);
    out[1] = (byte) body.length;
    System.arraycopy(body, 0, out, HEADER_BYTES, body.length);
    return out;
  }

  private void makeRoom() {
    if (bodyLength > bodyBytesMax) {
      failed = true;
      throw new ProtocolViolation(
          "Noise frame of " + bodyLength + " bytes, at most " + bodyBytesMax + " are expected now");
    }
    if (body.length < bodyLength) {
      // Doubling keeps the number of reallocations small without giving every peer 64 KiB.
      body = new byte[Math.min(bodyBytesMax, Math.max(bodyLength, 2 * body.length))];
    }
  }
}
