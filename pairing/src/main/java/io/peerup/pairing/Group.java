package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One group as the relay keeps it. Belongs to its [GroupTable], which decides; this class knows
/// and counts.
final class Group {

  /// One code: the hash of its token and whom it admitted.
  ///
  /// @param hash of the token
  /// @param usedBy the member it admitted, or null
  /// @param usedAt when, or null
  /// @param removed true if that member was removed: the code stays dead
  // The array is never compared by equals nor handed out.
  @SuppressWarnings("ArrayRecordComponent")
  record Slot(byte[] hash, @Nullable PeerId usedBy, @Nullable Instant usedAt, boolean removed) {

    static Slot unused(byte[] hash) {
      return new Slot(hash, null, null, false);
    }

    Slot takenBy(PeerId peer, Instant now) {
      return new Slot(hash, peer, now, false);
    }

    boolean belongsTo(PeerId peer) {
      return usedBy != null && usedBy.equals(peer);
    }
  }

  final byte[] selector;
  final String namespace;
  final Instant created;
  Instant expires;
  final @Nullable Instant authExpires;
  final List<Slot> slots = new ArrayList<>();
  // In order of peer id, so that answers do not depend on who came first.
  final Map<PeerId, byte[]> intros = new TreeMap<>();
  final Map<SourcePrefix, Integer> failuresBySource = new HashMap<>();
  int failures;
  boolean revoked;

  Group(
      byte[] selector,
      String namespace,
      Instant created,
      Instant expires,
      @Nullable Instant authExpires) {
    this.selector = selector;
    this.namespace = namespace;
    this.created = created;
    this.expires = expires;
    this.authExpires = authExpires;
  }

  /// The index of the slot with this hash, or -1. Always compares [Limits#MEMBERS_MAX] times,
  /// whatever it finds and however many codes there are.
  int match(byte[] hash, PairWork work) {
    byte[] nothing = new byte[hash.length];
    int found = -1;
    for (int i = 0; i < Limits.MEMBERS_MAX; i++) {
      boolean real = i < slots.size();
      boolean equal = MessageDigest.isEqual(hash, real ? slots.get(i).hash() : nothing);
      work.compared();
      if (equal && real) {
        found = i;
      }
    }
    return found;
  }

  /// True while its selector means anything: not expired, not revoked.
  boolean isLive(Instant now) {
    return !revoked && now.isBefore(expires);
  }

  boolean isBurned() {
    return failures >= Limits.FAILURES_MAX;
  }

  /// True if the members' authorisation has ended.
  boolean isOver(Instant now) {
    return authExpires != null && !now.isBefore(authExpires);
  }

  boolean isLocked(SourcePrefix source) {
    return !source.isLoopback()
        && failuresBySource.getOrDefault(source, 0) >= Limits.FAILURES_PER_SOURCE_MAX;
  }

  void countFailure(SourcePrefix source) {
    failures++;
    failuresBySource.merge(source, 1, Integer::sum);
  }

  /// Takes fresh codes instead of the unused ones, and forgets all failures. Used codes stay used.
  void reissue(List<byte[]> hashes, Instant until) {
    slots.removeIf(slot -> slot.usedBy() == null);
    hashes.forEach(hash -> slots.add(Slot.unused(hash)));
    failures = 0;
    failuresBySource.clear();
    revoked = false;
    expires = until;
  }

  /// Forgets the member; its code stays dead. False if it was none.
  boolean remove(PeerId peer) {
    slots.replaceAll(s -> s.belongsTo(peer) ? new Slot(s.hash(), s.usedBy(), s.usedAt(), true) : s);
    return intros.remove(peer) != null;
  }

  List<PeerId> others(PeerId peer) {
    return intros.keySet().stream().filter(p -> !p.equals(peer)).toList();
  }

  String id() {
    return GroupKey.groupId(selector);
  }

  Optional<String> network() {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  GroupSummary summary(Instant now) {
    return new GroupSummary(
        id(),
        state(now),
        slots.size(),
        (int) slots.stream().filter(s -> s.usedBy() != null).count(),
        failures,
        created,
        expires,
        Optional.ofNullable(authExpires),
        network(),
        List.copyOf(intros.keySet()));
  }

  private GroupSummary.State state(Instant now) {
    if (revoked) {
      return GroupSummary.State.REVOKED;
    }
    if (isBurned()) {
      return GroupSummary.State.BURNED;
    }
    return now.isBefore(expires) ? GroupSummary.State.OPEN : GroupSummary.State.EXPIRED;
  }
}
