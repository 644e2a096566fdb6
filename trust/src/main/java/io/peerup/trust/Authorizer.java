package io.peerup.trust;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The one place that decides whether a peer may speak to us, and about what. Asked for every dial,
/// connection and stream, in both directions, and by protocol handlers; answers from memory.
/// Thread-safe.
///
/// The block list counts before everything else. Whoever adds another reason to refuse adds it to
/// [#decide], and nowhere else; another tier is a row of [#SCOPES].
public final class Authorizer {

  /// What each tier brings. A peer in several has the scopes of all. A group that says by a signed
  /// list what its members may do will be a tier of its own, with less than [Tier#GROUP], which
  /// pairing gives.
  private static final Map<Tier, Set<Scope>> SCOPES =
      Map.of(
          Tier.LOCAL, Set.of(Scope.DIRECT, Scope.GROUP),
          Tier.GROUP, Set.of(Scope.DIRECT, Scope.GROUP),
          Tier.INVITE, Set.of(Scope.DIRECT),
          Tier.HELD, Set.of(Scope.VERIFY));

  private final Supplier<AuthorizedKeys> keys;
  private final Supplier<BlockedPeers> blocked;

  /// Decides from what these return at the time, e.g. `AuthorizedKeysFile::current` and
  /// `BlockedPeersFile::current`.
  public Authorizer(Supplier<AuthorizedKeys> keys, Supplier<BlockedPeers> blocked) {
    this.keys = keys;
    this.blocked = blocked;
  }

  /// An answer.
  ///
  /// @param allowed whether the peer may speak to us
  /// @param tiers why it is trusted, closest first; also for a blocked peer, which gets them back
  ///   once it is unblocked
  /// @param scopes about what it may speak; empty unless it is allowed
  /// @param blocked whether the block list names it
  /// @param reason for logs and status, without a full stop
  public record Decision(
      boolean allowed, Set<Tier> tiers, Set<Scope> scopes, boolean blocked, String reason) {
    public Decision {
      tiers = inOrder(tiers, Tier.class);
      scopes = inOrder(scopes, Scope.class);
    }

    private static <E extends Enum<E>> Set<E> inOrder(Set<E> some, Class<E> type) {
      Set<E> out = EnumSet.noneOf(type);
      out.addAll(some);
      return Collections.unmodifiableSet(out);
    }
  }

  /// May this peer speak to us at this time, and about what?
  public Decision decide(PeerId peer, Instant now) {
    Optional<AuthorizedPeer> entry = keys.get().find(peer);
    Set<Tier> tiers = entry.map(each -> each.tiers(now)).orElse(Set.of());
    if (isBlocked(peer)) {
      return new Decision(false, tiers, Set.of(), true, "blocked by blocked_peers");
    }
    if (entry.isEmpty()) {
      return new Decision(false, Set.of(), Set.of(), false, "not in authorized_keys");
    }
    if (tiers.isEmpty()) {
      return new Decision(
          false, Set.of(), Set.of(), false, "authorisation ended" + at(entry.get()));
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    tiers.forEach(tier -> scopes.addAll(SCOPES.getOrDefault(tier, Set.of())));
    return new Decision(true, tiers, scopes, false, "authorised as " + entry.get().name());
  }

  /// May this peer speak to us about this?
  public boolean allows(PeerId peer, Scope scope, Instant now) {
    return decide(peer, now).scopes().contains(scope);
  }

  /// Whether the block list names this peer. It then gets nothing, whatever else speaks for it:
  /// also as a relay, and also as a stranger who wants to pair.
  public boolean isBlocked(PeerId peer) {
    return blocked.get().contains(peer);
  }

  /// Everyone who may speak to us at this time.
  public Set<PeerId> allowed(Instant now) {
    return keys.get().peers().stream()
        .map(AuthorizedPeer::peer)
        .filter(peer -> decide(peer, now).allowed())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String at(AuthorizedPeer peer) {
    return peer.expires().or(peer::tierExpires).map(end -> " at " + end).orElse("");
  }
}
