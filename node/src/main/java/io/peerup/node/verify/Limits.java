package io.peerup.node.verify;

import java.time.Duration;

/// Bounds of this package.
final class Limits {

  /// To reach the peer, and to agree on the protocol.
  static final Duration DIAL = Duration.ofSeconds(10);

  /// Largest frame of a run: two numbers and 32 bytes.
  static final int FRAME_BYTES_MAX = 64;

  /// Runs that peers opened and that wait for our person, one a peer: more than a person can
  /// compare within the five minutes that each lasts.
  static final int CALLED_MAX = 16;

  /// Mismatches remembered for showing, the last of each peer.
  static final int MISMATCHES_MAX = 64;

  private Limits() {}
}
