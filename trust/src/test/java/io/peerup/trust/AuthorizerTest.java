package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AuthorizerTest {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  private final AtomicReference<AuthorizedKeys> keys =
      new AtomicReference<>(AuthorizedKeys.empty());
  private final AtomicReference<BlockedPeers> blocked = new AtomicReference<>(BlockedPeers.empty());
  private final Authorizer authorizer = new Authorizer(keys::get, blocked::get);

  @Test
  void peerWithALineIsAllowedAndAnyOtherIsNot() {
    keys.set(AuthorizedKeys.parse(peer(1) + " name=home group=6b84d506\n"));
    Authorizer.Decision home = authorizer.decide(peer(1), NOON);
    assertThat(home.allowed()).isTrue();
    assertThat(home.tiers()).containsExactly(Tier.GROUP);
    assertThat(home.reason()).isEqualTo("authorised as home");
    Authorizer.Decision stranger = authorizer.decide(peer(2), NOON);
    assertThat(stranger.allowed()).isFalse();
    assertThat(stranger.tiers()).isEmpty();
    assertThat(stranger.reason()).isEqualTo("not in authorized_keys");
  }

  @Test
  void whoIsHeldMayBeVerifiedAndNothingElseUntilItIsReleased() {
    AuthorizedPeer held = AuthorizedPeer.of(peer(1), "home").withTier(Tier.HELD);
    keys.set(AuthorizedKeys.empty().with(held));
    assertThat(AuthorizedKeys.parse(keys.get().render())).isEqualTo(keys.get());
    assertThat(authorizer.decide(peer(1), NOON).scopes()).containsExactly(Scope.VERIFY);
    assertThat(authorizer.allows(peer(1), Scope.DIRECT, NOON)).isFalse();
    assertThat(held.isHeld(NOON)).isTrue();
    keys.set(AuthorizedKeys.empty().with(held.released()));
    assertThat(authorizer.decide(peer(1), NOON).tiers()).containsExactly(Tier.INVITE);
    assertThat(authorizer.allows(peer(1), Scope.DIRECT, NOON)).isTrue();
    // The owner's word stands beside it, and does not end with it.
    AuthorizedPeer both = held.allowed(NOON);
    assertThat(both.isHeld(NOON)).isFalse();
    assertThat(both.released().tiers()).containsExactly(Tier.LOCAL, Tier.INVITE);
    assertThat(AuthorizedPeer.of(peer(2)).released()).isEqualTo(AuthorizedPeer.of(peer(2)));
  }

  @Test
  void authorisationEndsAtItsVeryInstantAndNotBefore() {
    keys.set(AuthorizedKeys.parse(peer(1) + " expires=2026-06-01T12:00:00Z\n"));
    assertThat(authorizer.decide(peer(1), NOON.minusNanos(1)).allowed()).isTrue();
    Authorizer.Decision ended = authorizer.decide(peer(1), NOON);
    assertThat(ended.allowed()).isFalse();
    assertThat(ended.tiers()).isEmpty();
    assertThat(ended.reason()).isEqualTo("authorisation ended at 2026-06-01T12:00:00Z");
    assertThat(keys.get().nextExpiry(NOON.minusNanos(1))).contains(NOON);
    assertThat(keys.get().nextExpiry(NOON)).isEmpty();
  }

  @Test
  void removalTakesEffectWithTheNextDecision() {
    keys.set(AuthorizedKeys.parse(peer(1) + "\n"));
    assertThat(authorizer.decide(peer(1), NOON).allowed()).isTrue();
    keys.updateAndGet(k -> k.without(peer(1)));
    assertThat(authorizer.decide(peer(1), NOON).allowed()).isFalse();
  }

  @Test
  void brokenLineAllowsNobodyAndHarmsNobody() {
    keys.set(AuthorizedKeys.parse(peer(1) + " expires=never\n" + peer(2) + "\n* name=all\n"));
    assertThat(authorizer.decide(peer(1), NOON).allowed()).isFalse();
    assertThat(authorizer.decide(peer(2), NOON).allowed()).isTrue();
    assertThat(authorizer.decide(peer(3), NOON).allowed()).isFalse();
  }

  /// What each tier brings, said once more by hand.
  private static Set<Scope> scopesOf(Tier tier) {
    return switch (tier) {
      case LOCAL, GROUP -> Set.of(Scope.DIRECT, Scope.GROUP);
      case INVITE -> Set.of(Scope.DIRECT);
      case HELD -> Set.of(Scope.VERIFY);
    };
  }

  /// Every set of tiers, with and without an end of all or of all but `local`, before, at and after
  /// it, blocked and not.
  static List<Arguments> everyCombination() {
    List<Arguments> out = new ArrayList<>();
    for (Set<Tier> tiers :
        List.of(
            EnumSet.of(Tier.LOCAL),
            EnumSet.of(Tier.GROUP),
            EnumSet.of(Tier.INVITE),
            EnumSet.of(Tier.HELD),
            EnumSet.of(Tier.LOCAL, Tier.HELD),
            EnumSet.of(Tier.LOCAL, Tier.GROUP),
            EnumSet.of(Tier.LOCAL, Tier.INVITE),
            EnumSet.of(Tier.GROUP, Tier.INVITE),
            EnumSet.allOf(Tier.class))) {
      for (String end : List.of("", "expires", "tier-expires")) {
        for (long nanos : new long[] {-1, 0, 1}) {
          for (boolean block : new boolean[] {false, true}) {
            out.add(Arguments.of(tiers, end, nanos, block));
          }
        }
      }
    }
    return out;
  }

  @ParameterizedTest
  @MethodSource("everyCombination")
  void tiersEndsAndTheBlockListDecideTogether(
      Set<Tier> tiers, String end, long nanos, boolean block) {
    String list = tiers.stream().map(Tier::text).collect(Collectors.joining(","));
    String until = end.isEmpty() ? "" : " " + end + "=" + NOON;
    keys.set(AuthorizedKeys.parse(peer(1) + " tier=" + list + until + "\n" + peer(2) + "\n"));
    assertThat(keys.get().disabled()).isEmpty();
    blocked.set(block ? BlockedPeers.empty().with(peer(1), Optional.empty()) : blocked.get());

    Set<Tier> inForce = EnumSet.copyOf(tiers);
    if (nanos >= 0 && end.equals("expires")) {
      inForce.clear();
    } else if (nanos >= 0 && end.equals("tier-expires")) {
      inForce.retainAll(Set.of(Tier.LOCAL));
    }
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    inForce.forEach(tier -> scopes.addAll(scopesOf(tier)));
    boolean allowed = !block && !inForce.isEmpty();

    Authorizer.Decision decision = authorizer.decide(peer(1), NOON.plusNanos(nanos));
    assertThat(decision.allowed()).isEqualTo(allowed);
    assertThat(decision.blocked()).isEqualTo(block);
    assertThat(decision.tiers()).isEqualTo(inForce);
    assertThat(decision.scopes()).isEqualTo(allowed ? scopes : Set.of());
    for (Scope scope : Scope.values()) {
      assertThat(authorizer.allows(peer(1), scope, NOON.plusNanos(nanos)))
          .isEqualTo(allowed && scopes.contains(scope));
    }
    assertThat(decision.reason())
        .startsWith(
            block
                ? "blocked by blocked_peers"
                : allowed ? "authorised as peer-" : "authorisation ended at 2026-06-01T12:00:00Z");
    assertThat(authorizer.allowed(NOON.plusNanos(nanos)))
        .isEqualTo(allowed ? Set.of(peer(1), peer(2)) : Set.of(peer(2)));
  }

  @Test
  void aBlockedStrangerIsBlockedAndAnUnblockedOneIsAStranger() {
    blocked.set(BlockedPeers.empty().with(peer(3), Optional.of("spam")));
    assertThat(authorizer.decide(peer(3), NOON).blocked()).isTrue();
    blocked.updateAndGet(all -> all.without(peer(3)));
    assertThat(authorizer.decide(peer(3), NOON))
        .isEqualTo(
            new Authorizer.Decision(false, Set.of(), Set.of(), false, "not in authorized_keys"));
  }
}
