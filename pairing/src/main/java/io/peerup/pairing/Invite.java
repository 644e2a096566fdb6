package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One invite as its maker keeps it. Belongs to its [InviteTable], which decides; this class knows,
/// counts and keeps the order of runs.
final class Invite {

  /// A run that waits for its turn.
  record Waiting(long run, Instant until) {}

  /// Whom the invite paired us with.
  ///
  /// @param peer who
  /// @param name what it calls itself
  /// @param entered true once its trust entry is on disk
  record Consumed(PeerId peer, String name, boolean entered) {}

  /// The number of no run.
  static final long NOBODY = 0;

  private static final int ID_BYTES = 4;

  final int kind;
  final byte[] selector;
  final byte[] prs;
  final Instant created;
  final Instant expires;
  final String label;
  boolean requiresSas;
  int failures;
  int lost;
  @Nullable Consumed consumed;

  // Not persisted: after a restart no run goes on.
  long holder = NOBODY;
  Instant heldUntil = Instant.MIN;
  final Deque<Waiting> queue = new ArrayDeque<>();

  Invite(PairingSecret secret, Instant created, Instant expires, String label) {
    this.kind = secret.kind();
    this.selector = secret.selector();
    this.prs = secret.prs().clone();
    this.created = created;
    this.expires = expires;
    this.label = label;
  }

  /// A short public name: a hash, so that a list does not reveal the selector.
  String id() {
    return HexFormat.of()
        .formatHex(
            Crypto.sha256("peerup-invite-id-v1", Crypto.lv(new byte[] {(byte) kind}, selector)),
            0,
            ID_BYTES);
  }

  boolean isFor(int otherKind, byte[] otherSelector) {
    return kind == otherKind && Arrays.equals(selector, otherSelector);
  }

  boolean isBurned() {
    return failures >= Limits.FAILURES_MAX || lost >= Limits.LOST_RUNS_MAX;
  }

  boolean isOver(Instant now) {
    return !now.isBefore(expires);
  }

  /// True if a run with this peer is worth more than a dummy: the invite is open, or it is this
  /// peer's and its answer was lost.
  boolean isLiveFor(PeerId peer, Instant now) {
    if (isOver(now)) {
      return false;
    }
    return consumed == null ? !isBurned() : consumed.peer().equals(peer);
  }

  InviteSummary summary(Instant now) {
    InviteSummary.State state;
    if (consumed != null) {
      state = InviteSummary.State.CONSUMED;
    } else if (isBurned()) {
      state = InviteSummary.State.BURNED;
    } else if (isOver(now)) {
      state = InviteSummary.State.EXPIRED;
    } else {
      state = holder != NOBODY ? InviteSummary.State.RESERVED : InviteSummary.State.OPEN;
    }
    return new InviteSummary(
        id(),
        kind,
        label,
        state,
        created,
        expires,
        failures,
        Optional.ofNullable(consumed).map(Consumed::peer));
  }

  void wipe() {
    Arrays.fill(prs, (byte) 0);
  }
}
