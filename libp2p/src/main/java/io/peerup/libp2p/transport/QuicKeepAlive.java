package io.peerup.libp2p.transport;

import java.time.Duration;

/// When a connection was silent for so long that we say something: the peer's answer shows that it
/// is there, and mappings of NATs on the way live on. A machine.
final class QuicKeepAlive {

  private final long silenceNanos;
  private long packets;
  private long sinceNanos;

  QuicKeepAlive(Duration silence, long nowNanos) {
    this.silenceNanos = silence.toNanos();
    this.sinceNanos = nowNanos;
  }

  /// Whether to say something now. If so, the silence begins anew.
  ///
  /// @param packetsByNow that were received so far
  boolean isDue(long packetsByNow, long nowNanos) {
    boolean heard = packetsByNow != packets;
    if (!heard && nowNanos - sinceNanos < silenceNanos) {
      return false;
    }
    packets = packetsByNow;
    sinceNanos = nowNanos;
    return !heard;
  }
}
