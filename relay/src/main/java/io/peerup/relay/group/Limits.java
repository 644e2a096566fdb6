package io.peerup.relay.group;

import java.time.Duration;

/// Every bound of this package, with its reason; those of the protocol itself are in
/// [io.peerup.pairing.Limits].
public final class Limits {

  /// Pairing requests of members in work at once. Each waits at least 100 ms for its answer, so
  /// this is also a rate: 160 a second. Strangers need no number of their own: each connection has
  /// one request at a time, and probation bounds their connections.
  public static final int MEMBER_REQUESTS_MAX = 16;

  /// A pairing stream from open to close: its frame is a few hundred bytes.
  public static final Duration DIALOGUE_MAX = Duration.ofSeconds(10);

  /// One attempt to tell a member of others.
  public static final Duration NOTIFY_MAX = Duration.ofSeconds(10);

  /// Attempts to tell a member while it stays connected: together they last longer than the muxer
  /// bears silence (40 s), so that a network that only paused does not cost an introduction. When
  /// all fail, its next connection is told everything again.
  public static final int NOTIFY_ATTEMPTS_MAX = 5;

  /// Pause between them.
  public static final Duration NOTIFY_PAUSE = Duration.ofSeconds(2);

  /// Where the audit log starts anew; the one before is kept. About 40 000 lines.
  public static final long AUDIT_BYTES_MAX = 4L << 20;

  private Limits() {}
}
