package io.peerup.libp2p.yamux;

import io.peerup.libp2p.OverlayException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// One end of a yamux connection: bytes in by [#receive], frames out by [YamuxOutput], streams in
/// between (libp2p specs `yamux/README.md`).
///
/// Single-threaded: one event loop makes every call here and on the streams. Nothing blocks,
/// nothing throws because of what the peer sent: a broken rule ends the session with a go-away and
/// [YamuxListener#onClosed].
///
/// The shell calls [#tick()] right after creation and then about once a second, and
/// [#transportWritable()] whenever the transport takes bytes again.
public final class YamuxSession {

  /// @param client true for the side that dialled (odd stream ids)
  /// @param nanoTime the time in nanoseconds from any origin, never going back (System::nanoTime)
  public YamuxSession(
      boolean client,
      YamuxLimits limits,
      LongSupplier nanoTime,
      YamuxOutput output,
      YamuxListener listener) {
    throw new UnsupportedOperationException();
  }

  /// Takes bytes from the transport, cut anywhere. The array may be reused afterwards. After the
  /// end of the session they are ignored.
  public void receive(byte[] source, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /// Opens a stream; the peer is told at once (or when the transport takes bytes again). Never
  /// waits: throws [io.peerup.libp2p.LimitReached] if too many are open, too many wait for the
  /// peer's acknowledgement, or the ids are used up; [io.peerup.libp2p.PeerUnreachable] if either
  /// side said go-away or the session is over.
  public YamuxStream open() {
    throw new UnsupportedOperationException();
  }

  /// The transport takes bytes again: sends what waits, then gives the waiting streams their turns.
  public void transportWritable() {
    throw new UnsupportedOperationException();
  }

  /// Time passed: keep-alive pings, a silent peer, a stalled transport, lingering streams.
  public void tick() {
    throw new UnsupportedOperationException();
  }

  /// Announces that we are leaving: the peer opens no more streams, open ones may finish, and the
  /// session ends with the last of them.
  public void goAway() {
    throw new UnsupportedOperationException();
  }

  /// Ends the session now: go-away with `code` (0 normal, else a libp2p connection error code), the
  /// streams are told, then [YamuxListener#onClosed]. Idempotent.
  public void close(long code) {
    throw new UnsupportedOperationException();
  }

  /// The transport below is gone: ends the session without a word to the peer. Idempotent.
  public void transportClosed(OverlayException cause) {
    throw new UnsupportedOperationException();
  }

  /// True until the session ended.
  public boolean isOpen() {
    throw new UnsupportedOperationException();
  }

  /// True between onReadingPaused(true) and onReadingPaused(false).
  public boolean isReadingPaused() {
    throw new UnsupportedOperationException();
  }

  /// Streams open now, both directions.
  public int streamCount() {
    throw new UnsupportedOperationException();
  }

  /// The smoothed round trip of our own pings, or empty before the first answer.
  public Optional<Duration> rtt() {
    throw new UnsupportedOperationException();
  }
}
