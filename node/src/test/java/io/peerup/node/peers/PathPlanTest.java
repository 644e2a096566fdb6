package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.node.peers.PathPlan.Step;
import io.peerup.node.peers.PathPlan.View;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PathPlanTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final View ALONE = new View(false, false, false, true);
  private static final View RELAYED = new View(false, true, true, true);

  private final PathPlan plan = new PathPlan();

  @Test
  void aPeerWithoutConnectionIsDialledAtOnce() {
    assertThat(plan.next(ALONE, NOW)).isEqualTo(new Step.Connect());
  }

  @Test
  void aPeerThatNoWayLeadsToIsNotDialled() {
    assertThat(plan.next(new View(false, false, false, false), NOW)).isInstanceOf(Step.Wait.class);
  }

  @Test
  void aPeerWithDirectAddressesAndNoRelayIsDialled() {
    assertThat(plan.next(new View(false, false, true, false), NOW)).isEqualTo(new Step.Connect());
  }

  @Test
  void failuresDoubleTheWaitUpToAMinute() {
    Instant now = NOW;
    long[] seconds = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (long wait : seconds) {
      assertThat(plan.next(ALONE, now)).isEqualTo(new Step.Connect());
      plan.connected(false, now);
      assertThat(plan.next(ALONE, now)).isEqualTo(new Step.Wait(now.plusSeconds(wait)));
      assertThat(plan.next(ALONE, now.plusSeconds(wait).minusMillis(1)))
          .isInstanceOf(Step.Wait.class);
      now = now.plusSeconds(wait);
    }
  }

  @Test
  void aThousandFailuresOverflowNothing() {
    for (int i = 0; i < 1000; i++) {
      plan.connected(false, NOW);
      plan.upgraded(false, NOW);
    }
    assertThat(plan.next(ALONE, NOW)).isEqualTo(new Step.Wait(NOW.plus(Limits.RETRY_MAX)));
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Wait(NOW.plus(Limits.UPGRADE_MAX)));
  }

  @Test
  void aSuccessEndsTheBackOff() {
    plan.connected(false, NOW);
    plan.connected(true, NOW);
    assertThat(plan.next(ALONE, NOW)).isEqualTo(new Step.Connect());
  }

  @Test
  void directDialsThatGoOnBehindARelayedPathAreGivenTimeUnlessThereIsNews() {
    plan.connected(true, NOW);
    Instant later = NOW.plus(Limits.UPGRADE_FIRST);
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Wait(later));
    assertThat(plan.next(RELAYED, later)).isEqualTo(new Step.Upgrade());
    plan.forgive();
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Upgrade());
  }

  @Test
  void newsForgiveFailures() {
    plan.connected(false, NOW);
    plan.upgraded(false, NOW);
    plan.forgive();
    assertThat(plan.next(ALONE, NOW)).isEqualTo(new Step.Connect());
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Upgrade());
  }

  @Test
  void aRelayedPeerIsTriedDirectlyLessAndLessOften() {
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Upgrade());
    plan.upgraded(false, NOW);
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Wait(NOW.plus(Duration.ofSeconds(5))));
    plan.upgraded(false, NOW);
    assertThat(plan.next(RELAYED, NOW)).isEqualTo(new Step.Wait(NOW.plus(Duration.ofSeconds(10))));
  }

  @Test
  void aRelayedPeerWithoutDirectAddressesIsLeftAlone() {
    assertThat(plan.next(new View(false, true, false, true), NOW)).isInstanceOf(Step.Wait.class);
  }

  @Test
  void aDirectPeerIsLeftAlone() {
    assertThat(plan.next(new View(true, true, true, true), NOW)).isInstanceOf(Step.Wait.class);
  }
}
