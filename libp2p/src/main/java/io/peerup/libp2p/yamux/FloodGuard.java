package io.peerup.libp2p.yamux;

/// Counts frames that cost us work and carry nothing: pings, empty frames, refused or instantly
/// reset streams. A lawful peer sends few of them; a leaky bucket tells it from a flood ("rapid
/// reset", CVE-2023-44487 in HTTP/2, has the same cure).
public final class FloodGuard {

  /// So many at once are fine: as many as a peer may have streams by default, so that resetting
  /// them all together is lawful.
  static final int BURST = 1000;

  /// And so many a second for ever.
  static final int PER_SECOND = 100;

  private static final long COST_NANOS = 1_000_000_000L / PER_SECOND;

  private long levelNanos;
  private long lastNanos;

  public FloodGuard(long nowNanos) {
    lastNanos = nowNanos;
  }

  /// Counts one. False when the bucket overflows.
  public boolean admits(long nowNanos) {
    levelNanos = Math.max(0, levelNanos - Math.max(0, nowNanos - lastNanos)) + COST_NANOS;
    lastNanos = nowNanos;
    return levelNanos <= BURST * COST_NANOS;
  }
}
