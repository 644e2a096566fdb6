package io.peerup.node.invites;

import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.rendezvous.Selector;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The invites that somebody may come with: while there is one, strangers are let in and the local
/// network is answered. A used one is among them: it answers the peer that used it again, in case
/// our answer was lost. Thread-safe.
final class OpenInvites {

  private final InviteStore store;
  private final InstantSource clock;
  private volatile Instant until = Instant.MIN;

  OpenInvites(InviteStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /// Whether strangers have a reason to come. Answers from memory.
  boolean any() {
    return clock.instant().isBefore(until);
  }

  /// Under the store's monitor, after every change.
  void look() {
    until =
        answering(clock.instant())
            .map(InviteSummary::expires)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
  }

  /// What a device on the local network may ask for.
  List<Selector> selectors() {
    if (!any()) {
      return List.of();
    }
    synchronized (store) {
      return answering(clock.instant()).flatMap(each -> store.selectorOf(each).stream()).toList();
    }
  }

  private Stream<InviteSummary> answering(Instant now) {
    return store.table().invites(now).stream()
        .filter(each -> isOpen(each) || each.state() == InviteSummary.State.CONSUMED);
  }

  /// Whether nobody has used it yet and somebody may.
  static boolean isOpen(InviteSummary invite) {
    return invite.state() == InviteSummary.State.OPEN
        || invite.state() == InviteSummary.State.RESERVED;
  }
}
