package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AuthorizerTest {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  private final AtomicReference<AuthorizedKeys> keys =
      new AtomicReference<>(AuthorizedKeys.empty());
  private final Authorizer authorizer = new Authorizer(keys::get);

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
}
