package io.peerup.node.network;

import java.time.Duration;

/// Times and bounds of joining and of notices.
final class Limits {

  /// Dialling the relay of a code, handshake included.
  static final Duration DIAL = Duration.ofSeconds(10);

  /// The pairing dialogue itself; the relay answers within a second and drops us after 15.
  static final Duration DIALOGUE = Duration.ofSeconds(10);

  /// Attempts when the relay closes the connection before it answers: it does so while too many
  /// strangers from one address try at the same time, such as three devices of one household.
  static final int ATTEMPTS = 3;

  /// First wait between such attempts; grows by as much each time, plus chance, so that the devices
  /// of one household do not meet again.
  static final Duration ATTEMPT_PAUSE = Duration.ofMillis(500);

  /// Groups one node may be in: people have a family, a team and a lab, not hundreds.
  static final int GROUPS_MAX = 16;

  /// An answer: 64 introductions of at most 400 bytes, with room to spare.
  static final int ANSWER_BYTES_MAX = 64 << 10;

  /// One notice frame.
  static final int NOTICE_BYTES_MAX = 4096;

  /// Notices on one stream: a relay that connects tells of every member of all our groups.
  static final int NOTICES_MAX = GROUPS_MAX * 64;

  /// Time for one stream of notices.
  static final Duration NOTICES = Duration.ofSeconds(15);

  private Limits() {}
}
