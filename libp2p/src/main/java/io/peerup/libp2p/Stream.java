package io.peerup.libp2p;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/// One multiplexed stream: an ordered pair of byte pipes with independent ends.
///
/// Made for one (virtual) thread at a time in each direction: one may read while another writes.
/// All calls block; writes wait while the peer grants no window, reads wait for bytes. Credit goes
/// back to the peer only when bytes are taken by a read. Every call fails with [DeadlineExceeded]
/// once the deadline has passed, with [StreamReset] after a reset, with [PeerUnreachable] when the
/// connection is gone. Interrupting a blocked thread resets the stream.
public interface Stream extends AutoCloseable {

  /// The connection that carries this stream.
  Connection connection();

  /// The protocol id that both sides agreed on.
  String protocol();

  /// Who opened it.
  Direction direction();

  /// Reads at least one byte unless `length` is 0. Returns the count, or -1 after the peer's FIN.
  int read(byte[] target, int offset, int length);

  /// Reads exactly `count` bytes. Throws [ProtocolViolation] if the peer's FIN comes first.
  byte[] readExactly(int count);

  /// Reads one frame: unsigned varint length, then as many bytes. Takes not one byte more. Throws
  /// [ProtocolViolation] if the length is above `bytesMax` (before allocating), not minimal, or if
  /// the FIN comes within the frame.
  byte[] readFrame(int bytesMax);

  /// Writes all bytes; returns when they are handed to the connection (or its window allows no more
  /// to wait). The array may be reused afterwards.
  void write(byte[] source, int offset, int length);

  /// Writes all bytes.
  default void write(byte[] source) {
    write(source, 0, source.length);
  }

  /// Writes one frame: unsigned varint length, then the bytes, in one piece.
  void writeFrame(byte[] body);

  /// Sends FIN: we shall write no more. Reading goes on. Idempotent.
  void closeWrite();

  /// Ends both directions at once; the peer sees a reset. Idempotent.
  default void reset() {
    reset(0);
  }

  /// As [#reset()], with an error code for the peer (libp2p error codes; advisory).
  void reset(long code);

  /// Closes politely: FIN for our direction; what the peer still sends is dropped (the peer is told
  /// to stop if its FIN has not come). Idempotent, never blocks, never throws.
  @Override
  void close();

  /// From now on, no call of this stream may end later than `fromNow` from this moment.
  void deadline(Duration fromNow);

  /// Removes the deadline: for streams that carry user traffic.
  void clearDeadline();

  /// True while neither side has reset it and the connection lives.
  boolean isOpen();

  /// Datagrams that belong to this stream; empty where the connection carries none, as over TCP or
  /// through a relay.
  default Optional<Datagrams> datagrams() {
    return Optional.empty();
  }

  /// This stream's inbound bytes as a [java.io.InputStream]; [OverlayException]s come as
  /// IOException.
  InputStream inputStream();

  /// This stream's outbound bytes as an [java.io.OutputStream]; its `close` is [#closeWrite()].
  OutputStream outputStream();
}
