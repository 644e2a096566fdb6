package io.peerup.node.lan;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeekPlanTest {

  private static final PeerId ONE = Ids.peer(1);
  private static final PeerId TWO = Ids.peer(2);

  private final SeekPlan plan = new SeekPlan();
  private Instant now = Instant.EPOCH;

  @Test
  void whoIsMissedIsAskedForAtOnceAndThenLessAndLessOften() {
    assertThat(plan.wanted(List.of(ONE), now)).containsExactly(ONE);
    Duration wait = Limits.PEERS_AGAIN;
    for (int i = 0; i < 10; i++) {
      assertThat(plan.wanted(List.of(ONE), now.plus(wait).minusMillis(1))).isEmpty();
      now = now.plus(wait);
      assertThat(plan.wanted(List.of(ONE), now)).containsExactly(ONE);
      Duration doubled = wait.multipliedBy(2);
      wait = doubled.compareTo(Limits.PEERS_AGAIN_MAX) < 0 ? doubled : Limits.PEERS_AGAIN_MAX;
    }
    assertThat(wait).isEqualTo(Limits.PEERS_AGAIN_MAX);
  }

  @Test
  void whoGoesMissingIsAskedForAtOnceWithTheOthers() {
    plan.wanted(List.of(ONE), now);
    assertThat(plan.wanted(List.of(ONE, TWO), now)).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(plan.wanted(List.of(ONE), now)).isEmpty();
    assertThat(plan.wanted(List.of(ONE, TWO), now)).as("missed anew").contains(TWO);
  }

  @Test
  void nobodyIsAskedForWhenNobodyIsMissing() {
    assertThat(plan.wanted(List.of(), now)).isEmpty();
  }

  @Test
  void manyPeersTakeTurns() {
    List<PeerId> many = IntStream.rangeClosed(1, 40).mapToObj(Ids::peer).toList();
    Set<PeerId> asked = new HashSet<>();
    for (int round = 0; round < 3; round++) {
      List<PeerId> wanted = plan.wanted(many, now);
      assertThat(wanted).hasSize(Limits.PEERS_MAX);
      asked.addAll(wanted);
      now = now.plus(Limits.PEERS_AGAIN_MAX);
    }
    assertThat(asked).hasSize(40);
  }
}
