package io.peerup.node.invites;

import io.peerup.control.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How long whoever accepts a link is kept waiting, and what it hears if nothing came of it. No
/// thread and no clock; used under the monitor of the [LinkStore].
final class AcceptWait {

  /// How long the first attempt may take; whoever accepts waits for it in any case.
  private static final Duration FIRST_ATTEMPT = Limits.DIAL.plus(Limits.DIALOGUE.multipliedBy(2));

  private final Acceptance mine;
  private final int attemptsBefore;
  private final Instant attempted;
  private final Duration most;
  private Optional<Instant> end = Optional.empty();

  /// Begins, before the link is pursued.
  ///
  /// @param most how long to wait for the acknowledgement once the drop is left
  AcceptWait(Acceptance mine, Duration most, Instant now) {
    this.mine = mine;
    this.attemptsBefore = mine.attempts;
    this.attempted = now.plus(FIRST_ATTEMPT);
    this.most = most;
  }

  /// How long to wait for a change before this is asked again; empty when the wait is over: both
  /// trust each other, or the drop is left and the inviter has not answered.
  ///
  /// @throws Failure `link-used`, `other-network`, `link-refused`, `relay-unreachable`,
  ///   `link-expired`
  Optional<Duration> next(Instant now) {
    switch (mine.state) {
      case PAIRED -> {
        return Optional.empty();
      }
      case ALREADY_USED -> throw used();
      case OTHER_NETWORK -> throw otherNetwork();
      case SENDING, DROP_SENT -> {}
    }
    if (mine.refused) {
      throw refused();
    }
    boolean sent = mine.state == Acceptance.State.DROP_SENT;
    if (!sent && mine.attempts > attemptsBefore && !mine.reached) {
      throw unreachable();
    }
    if (!now.isBefore(mine.accept.expires())) {
      throw expired(mine.accept.expires());
    }
    if (sent && end.isEmpty()) {
      end = Optional.of(now.plus(most));
    }
    Instant until = end.orElse(attempted);
    if (now.isBefore(until)) {
      return Optional.of(Duration.between(now, until));
    }
    if (!sent) {
      throw unreachable();
    }
    return Optional.empty();
  }

  private Failure used() {
    return new Failure(
        "link-used",
        "the link was already used by another device",
        "if that was not meant to be, tell " + mine.accept.name() + " and ask for a new one");
  }

  private static Failure otherNetwork() {
    return new Failure(
        "other-network",
        "the inviter is in another network than this device",
        "use another home for another network: peerup accept --home DIR URL");
  }

  private static Failure refused() {
    return new Failure(
        "link-refused",
        "the relay does not take the link: it was already used, or taken back, or too many"
            + " asked from here within a minute",
        "try once more in a minute, then ask for a new one");
  }

  private Failure unreachable() {
    return new Failure(
        "relay-unreachable",
        "cannot reach the relay of the link" + (mine.trouble.isEmpty() ? "" : ": " + mine.trouble),
        "check that this device is online, then do the same again");
  }

  static Failure expired(Instant end) {
    return new Failure("link-expired", "the link expired at " + end, "ask for a new one");
  }
}
