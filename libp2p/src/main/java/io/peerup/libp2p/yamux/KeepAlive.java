package io.peerup.libp2p.yamux;

import io.peerup.libp2p.PeerUnreachable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Is anyone there? Pings, round trip times, and two clocks: how long the peer has been silent and
/// how long the transport has taken nothing.
final class KeepAlive {

  /// So many of our pings in a row the peer's can stand for; then one of ours measures the round
  /// trip again.
  static final int SPARED_MAX = 10;

  private final YamuxLimits limits;
  private long lastSignNanos;
  private long nextPingNanos;
  private long pingSentNanos;
  private boolean unanswered;
  private int spared;

  /// Of the last ping; the first is 0.
  private int value = -1;

  private boolean stalled;
  private long stalledSinceNanos;
  private long rttNanos = -1;

  KeepAlive(YamuxLimits limits, long nowNanos) {
    this.limits = limits;
    lastSignNanos = nowNanos;
    nextPingNanos = nowNanos;
  }

  /// Smoothed; -1 before the first answer.
  long rttNanos() {
    return rttNanos;
  }

  /// Bytes came.
  void received(long nowNanos) {
    lastSignNanos = nowNanos;
  }

  /// The transport was full and has room again: the other side's kernel took bytes, so it is there,
  /// even if our ping still waits behind much data.
  void drained(long nowNanos) {
    lastSignNanos = nowNanos;
    stalled = false;
  }

  /// Returns why the peer must be given up, or null.
  @Nullable PeerUnreachable check(long nowNanos, boolean writable, boolean readingPaused) {
    if (writable) {
      stalled = false;
    } else if (!stalled) {
      stalled = true;
      stalledSinceNanos = nowNanos;
    } else if (nowNanos - stalledSinceNanos > limits.writeStallMax().toNanos()) {
      return new PeerUnreachable(
          "yamux: the connection took no bytes for " + limits.writeStallMax().toSeconds() + " s");
    }
    // While we do not read, silence proves nothing; the stall above ends that state.
    long silent = Math.min(nowNanos - pingSentNanos, nowNanos - lastSignNanos);
    if (unanswered && !readingPaused && silent > limits.answerMax().toNanos()) {
      return new PeerUnreachable(
          "yamux: the peer sent nothing for "
              + Duration.ofNanos(nowNanos - lastSignNanos).toSeconds()
              + " s and did not answer a ping");
    }
    return null;
  }

  /// The peer pinged: it is there, and our answer keeps the ways between us open as a ping of ours
  /// would. Of two that ping in the same rhythm one does, which halves the traffic of an idle
  /// connection.
  void pinged(long nowNanos) {
    if (rttNanos >= 0 && spared < SPARED_MAX) {
      spared++;
      nextPingNanos = nowNanos + limits.keepAlive().toNanos() * 5 / 4;
    }
  }

  boolean pingDue(long nowNanos) {
    return !unanswered && nowNanos - nextPingNanos >= 0;
  }

  /// A ping leaves now; returns its value.
  int ping(long nowNanos) {
    unanswered = true;
    spared = 0;
    pingSentNanos = nowNanos;
    nextPingNanos = nowNanos + limits.keepAlive().toNanos();
    return ++value;
  }

  /// Returns false for an answer to nothing.
  boolean answered(long answer, long nowNanos) {
    if (!unanswered || answer != Integer.toUnsignedLong(value)) {
      return false;
    }
    unanswered = false;
    long sample = nowNanos - pingSentNanos;
    rttNanos = rttNanos < 0 ? sample : (rttNanos + sample) / 2;
    return true;
  }
}
