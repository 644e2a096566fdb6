package io.peerup.node.invites;

import java.time.Duration;
import java.util.List;

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

  /// How often mailboxes are looked into without word from the relay, while a link is open: its
  /// word may have been lost.
  static final Duration MAIL_ROUND = Duration.ofMinutes(1);

  /// How soon a relay is asked again after something went wrong.
  static final Duration MAIL_RETRY = Duration.ofSeconds(5);

  /// How often an acknowledgement is left that the relay does not take; a minute apart, or a few
  /// seconds.
  static final int ACK_TRIES_MAX = 20;

  /// Why drops were refused, remembered for showing: the last ones.
  static final int REFUSALS_MAX = 64;

  /// Capabilities of revoked links that a relay has yet to forget: one for each link and relay that
  /// a device may have at a time.
  static final int REVOKED_MAX = 256;

  /// Links of others that this device accepted, remembered until a day after their end.
  static final int ACCEPTED_MAX = 16;

  /// Pauses of a joiner that looks for the acknowledgement while the inviter may be online:
  /// together shorter than a relay lets a stranger stay, and few enough for what it may ask in a
  /// minute.
  static final List<Duration> FIRST_LOOKS =
      List.of(
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(4));

  /// Pauses after that, the last one repeated: the inviter may be offline for days.
  static final List<Duration> LATER_LOOKS =
      List.of(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(60));

  /// Relays that codes brought, kept to be found at: as many as one device keeps places at.
  static final int RELAYS_MAX = 16;

  private Limits() {}
}
