package io.peerup.node.invites;

import java.time.Duration;

/// Bounds of this package.
final class Limits {

  /// To reach a relay or, through it, the inviter.
  static final Duration DIAL = Duration.ofSeconds(10);

  /// To reach a device of the local network, where everybody is near; up to eight may be lies.
  static final Duration DIAL_NEAR = Duration.ofSeconds(2);

  /// One request to a relay and its answer; it leaves within a fifth of a second there.
  static final Duration DIALOGUE = Duration.ofSeconds(10);

  /// A relay that cannot be asked to admit the joiner must not keep the joiner waiting.
  static final Duration VOUCH = Duration.ofSeconds(3);

  /// How often invites are made known again to the relays that know them: one that was restarted
  /// has forgotten them.
  static final Duration RENEWAL = Duration.ofSeconds(20);

  /// Largest frame of a pairing run.
  static final int FRAME_BYTES_MAX = 4096;

  /// Peers that have not acknowledged, remembered for showing.
  static final int PENDING_MAX = 256;

  private Limits() {}
}
