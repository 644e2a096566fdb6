package io.peerup.libp2p.yamux;

/// How much the peer may send on one stream. At any moment: credit out + bytes unread + bytes read
/// but not yet granted again = the window's size.
final class ReceiveWindow {

  private final YamuxSession session;
  private int size = YamuxLimits.INITIAL_WINDOW_BYTES;
  private long credit = YamuxLimits.INITIAL_WINDOW_BYTES;
  private long consumed;
  private boolean granted;
  private long lastGrantNanos;

  ReceiveWindow(YamuxSession session) {
    this.session = session;
  }

  /// A frame of `length` bytes comes. False if the peer has no credit for it.
  boolean spend(long length) {
    if (length > credit) {
      return false;
    }
    credit -= length;
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

  /// Credit to send now, or 0. Doubles the window if the last half of it was used up within 4 round
  /// trips: then the window, not the reader, is what limits the stream (as go-yamux does).
  long grant() {
    if (!isDue()) {
      return 0;
    }
    long now = session.nanoTime();
    long rtt = session.rttNanos();
    long delta = consumed;
    if (granted && rtt > 0 && now - lastGrantNanos < 4 * rtt) {
      int growth = (int) Math.min(size, session.limits().streamWindowBytesMax() - (long) size);
      growth = session.registry().reserveGrowth(growth);
      size += growth;
      delta += growth;
    }
    granted = true;
    lastGrantNanos = now;
    consumed = 0;
    credit += delta;
    return delta;
  }

  private boolean isDue() {
    return consumed >= size / 2;
  }
}
