package io.peerup.libp2p.yamux;

import io.peerup.libp2p.Direction;

/// One stream of a [YamuxSession]. Same thread as the session, never blocks.
public final class YamuxStream {

  /// The stream id, 1 to 2^32-1.
  public long id() {
    throw new UnsupportedOperationException();
  }

  /// Who opened it.
  public Direction direction() {
    throw new UnsupportedOperationException();
  }

  /// The session that carries it.
  public YamuxSession session() {
    throw new UnsupportedOperationException();
  }

  /// From now on tells `listener`. Events of the past are not repeated: look at [#available()] and
  /// [#remoteClosed()] when handing a stream from one listener to the next.
  public void listen(YamuxStreamListener listener) {
    throw new UnsupportedOperationException();
  }

  /// Sends as many of the bytes as the peer's window and the transport take now, and returns how
  /// many; nothing is buffered here. If fewer than `length`, [YamuxStreamListener#onWritable]
  /// follows. Throws the cause after a reset or the session's end; IllegalStateException after
  /// [#closeWrite()].
  public int write(byte[] source, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /// Sends FIN: we shall write no more. Reading goes on. Idempotent, never throws.
  public void closeWrite() {
    throw new UnsupportedOperationException();
  }

  /// Takes buffered bytes, at most `length`, and grants credit for them. Returns 0 when nothing is
  /// there now (or `length` is 0), -1 after the peer's FIN. Throws the cause after a reset.
  public int read(byte[] target, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /// Offers buffered bytes to `sink`, piece by piece, until it takes less than offered or nothing
  /// is left. Returns the sum; -1 as for [#read].
  public int drain(YamuxSink sink) {
    throw new UnsupportedOperationException();
  }

  /// Bytes buffered now.
  public int available() {
    throw new UnsupportedOperationException();
  }

  /// We shall read no more: what is buffered is dropped, and so is what still comes, without
  /// credit. A peer that fills the window nevertheless is reset. Idempotent, never throws. Together
  /// with [#closeWrite()] this is a polite close: the peer still gets all we wrote; if its FIN does
  /// not come within [YamuxLimits#lingerMax()] the stream is reset.
  public void closeRead() {
    throw new UnsupportedOperationException();
  }

  /// Ends both directions at once and tells the peer why (libp2p stream error codes, 32 bits).
  /// Idempotent, never throws, no callback.
  public void reset(long code) {
    throw new UnsupportedOperationException();
  }

  /// True once the peer's FIN has come (bytes may still be buffered).
  public boolean remoteClosed() {
    throw new UnsupportedOperationException();
  }

  /// True until both directions ended, by FIN or reset.
  public boolean isOpen() {
    throw new UnsupportedOperationException();
  }
}
