package io.peerup.control.client;

import java.time.Duration;

/// The limits of the control client, each with its reason. Documents and lines are bounded by
/// [io.peerup.control.Limits#JSON_BYTES].
final class Limits {
  /// One line of a reply's head: our server's are a tenth of it.
  static final int HEAD_LINE_BYTES = 4 << 10;

  /// Lines of a reply's head; our server sends about four.
  static final int HEAD_LINES = 64;

  /// Bytes asked of the system at once.
  static final int READ_BYTES = 16 << 10;

  /// A local daemon accepts at once; one that does not within this is stuck.
  static final Duration CONNECT = Duration.ofSeconds(5);

  /// Between two attempts to connect to a server whose queue of connections is full.
  static final Duration CONNECT_PAUSE = Duration.ofMillis(5);

  private Limits() {}
}
