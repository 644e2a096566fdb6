package io.peerup.libp2p.yamux;

/// How much the peer may send on one stream. At any moment: credit out + bytes unread + bytes read
/// but not yet granted again = the window's size.
final class ReceiveWindow {

  private final YamuxSession session;
  private int size = YamuxLimits.INITIAL_WINDOW_BYTES;
  private long credit = YamuxLimits.INITIAL_WINDOW_BYTES;
  private long consumed;
  private boolean used;
  private long sinceNanos;

  ReceiveWindow(YamuxSession session) {
    this.session = session;
  }

  /// A frame of `length` bytes comes. False if the peer has no credit for it.
  boolean spend(long length) {
    if (length > credit) {
      return false;
    }
    credit -= length;
    if (!used && length > 0) {
      used = true;
      sinceNanos = session.nanoTime();
    }
    return true;
  }

  boolean isExhausted() {
    return credit == 0;
  }

  long growth() {
    return size - (long) YamuxLimits.INITIAL_WINDOW_BYTES;
  }

  /// Bytes were read. True once it is worth a window update: at half the window, so that the other
  /// half is still under way while the update travels.
  boolean consumed(int count) {
    consumed += count;
    return isDue();
  }

  /// Credit to send now, or 0. The window grows if the last half of it was used up within 4 round
  /// trips: then the window, not the reader, is what limits the stream. It doubles, as go-yamux's;
  /// the first time at once to what an earlier stream of this connection came to need, which spares
  /// a transfer on a long path the round trips of finding that out again.
  long grant() {
    if (!isDue()) {
      return 0;
    }
    long now = session.nanoTime();
    long rtt = session.rttNanos();
    long delta = consumed;
    if (rtt > 0 && now - sinceNanos < 4 * rtt) {
      long next = growth() == 0 ? session.registry().largestWindow() : 0;
      next = Math.min(Math.max(2L * size, next), session.limits().streamWindowBytesMax());
      int growth = session.registry().reserveGrowth((int) (next - size));
      size += growth;
      delta += growth;
      session.registry().windowGrewTo(size);
    }
    sinceNanos = now;
    consumed = 0;
    credit += delta;
    return delta;
  }

  private boolean isDue() {
    return consumed >= size / 2;
  }
}
