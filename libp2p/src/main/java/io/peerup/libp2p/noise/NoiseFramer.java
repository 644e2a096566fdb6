package io.peerup.libp2p.noise;

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

  /// Refuses bodies longer than `bodyBytesMax`: [Limits#HANDSHAKE_FRAME_BYTES_MAX] during the
  /// handshake, [Limits#FRAME_BYTES_MAX] after it.
  public NoiseFramer(int bodyBytesMax) {
    throw new UnsupportedOperationException("written next");
  }

  /// Takes bytes up to the end of the current frame and returns how many; 0 while [#complete()].
  /// Throws [io.peerup.libp2p.ProtocolViolation] on a length above the limit.
  public int consume(byte[] in, int offset, int length) {
    throw new UnsupportedOperationException("written next");
  }

  /// True if a whole frame lies in [#body()].
  public boolean complete() {
    throw new UnsupportedOperationException("written next");
  }

  /// The buffer whose first [#bodyLength()] bytes are the body; valid until [#next()]. The caller
  /// may overwrite it (decrypt in place).
  public byte[] body() {
    throw new UnsupportedOperationException("written next");
  }

  public int bodyLength() {
    throw new UnsupportedOperationException("written next");
  }

  /// A copy of the body, for handshake messages.
  public byte[] bodyCopy() {
    throw new UnsupportedOperationException("written next");
  }

  /// Begins the next frame.
  public void next() {
    throw new UnsupportedOperationException("written next");
  }

  /// A frame around a body: its two length bytes and the body, in a fresh array.
  public static byte[] frame(byte[] body) {
    throw new UnsupportedOperationException("written next");
  }
}
