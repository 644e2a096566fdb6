package io.peerup.libp2p.muxer;

import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Direction;
import java.util.Optional;

/// One stream of a muxed connection. Called on the thread that owns the connection, never blocks.
///
/// Writing is bounded by the peer's window and by the transport. Reading is bounded by our window;
/// credit goes back only for bytes that were read.
public interface MuxStream {

  /// Who opened it.
  Direction direction();

  /// From now on tells `listener`. Events of the past are not repeated: drain the stream and look
  /// at [#remoteClosed()] when handing it from one listener to the next.
  void listen(MuxStreamListener listener);

  /// Sends as many of the bytes as the peer's window and the transport take now, and returns how
  /// many. If fewer than `length`, [MuxStreamListener#onWritable] follows. Throws the cause after a
  /// reset or the connection's end; IllegalStateException after [#closeWrite()].
  int write(byte[] source, int offset, int length);

  /// Sends FIN: we shall write no more. Reading goes on. Idempotent, never throws.
  void closeWrite();

  /// Offers buffered bytes to `sink`, piece by piece, until it takes less than offered or nothing
  /// is left. Returns the sum, 0 when nothing is there now, -1 after the peer's FIN. Throws the
  /// cause after a reset. The sink must not read this stream itself.
  int drain(MuxSink sink);

  /// We shall read no more: what is buffered is dropped, and so is what still comes. Idempotent,
  /// never throws. Together with [#closeWrite()] this is a polite close: the peer still gets all we
  /// wrote.
  void closeRead();

  /// Ends both directions at once and tells the peer why (libp2p stream error codes). Idempotent,
  /// never throws, no callback.
  void reset(long code);

  /// The stream's datagrams, if the connection has them. Any thread.
  default Optional<Datagrams> datagrams() {
    return Optional.empty();
  }

  /// True once the peer's FIN has come (bytes may still be buffered).
  boolean remoteClosed();
}
