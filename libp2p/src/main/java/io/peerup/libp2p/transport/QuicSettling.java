package io.peerup.libp2p.transport;

import java.time.Duration;

/// Tells when what a connection sent until now has arrived. quiche keeps that to itself: known is
/// how many bytes are under way on the whole connection, but not reliably once packets were lost,
/// and how many were. So it is when nothing is under way, or when nothing was lost for as long as
/// an acknowledgement and the notice of a loss take.
final class QuicSettling {

  /// Round trips without a loss: for the acknowledgement and, where none came, for two probes and
  /// their answers (RFC 9002 section 6.2).
  private static final int ROUND_TRIPS = 4;

  /// And what these wait for acknowledgements that are held back (RFC 9000 section 18.2).
  private static final Duration ACK_DELAYS = Duration.ofMillis(100);

  /// On a busy line that loses packets all the time there is no telling.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final long began;
  private long quietSince;
  private long lost;

  QuicSettling(long now, long lost) {
    this.began = now;
    this.quietSince = now;
    this.lost = lost;
  }

  boolean hasSettled(long now, boolean nothingUnderWay, long lostByNow, long rttNanos) {
    if (lostByNow != lost) {
      lost = lostByNow;
      quietSince = now;
    }
    return (nothingUnderWay && lost == 0)
        || now - quietSince >= ROUND_TRIPS * rttNanos + ACK_DELAYS.toNanos()
        || now - began >= PATIENCE.toNanos();
  }
}
