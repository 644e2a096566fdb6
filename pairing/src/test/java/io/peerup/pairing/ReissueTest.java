package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.pairing.GroupJoin.Result;
import io.peerup.testkit.SeededRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A group whose codes were burned, revoked or forgotten gets fresh ones; its members stay.
class ReissueTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final World world = new World(3, SeededRandom.of(ReissueTest.class));
  private final World.Device first = world.device(1, "home");
  private final World.Device second = world.device(2, "laptop");

  private Optional<GroupSummary> reissue(GroupCode old, int count) {
    fresh = old.reissue(count, Fixtures.RELAY_HOST, world.random);
    return world.table.reissue(
        old.groupId(), fresh.spec().tokenHashes(), HOUR, world.clock.instant());
  }

  private GroupCode.NewGroup fresh =
      world.codes.getFirst().reissue(1, Fixtures.RELAY_HOST, world.random);

  private void burn() {
    for (String from : List.of("192.0.2.1", "192.0.2.1", "192.0.2.2")) {
      GroupSecrets secrets = world.codes.get(1).secrets();
      byte[] wrong = secrets.token();
      wrong[0] ^= 1;
      world.table.join(
          new PairMessages.PairRequest(
              secrets.selector(),
              wrong,
              Intro.create(secrets.groupKey(), Fixtures.identity(9), "x", world.random).encoded()),
          Fixtures.peer(9),
          Fixtures.source(from),
          world.clock.instant());
    }
  }

  @Test
  void aBurnedGroupTakesNewMembersWithFreshCodesAndTheOldOnesStayDead() {
    assertThat(world.join(first, world.codes.get(0))).isInstanceOf(Result.Joined.class);
    burn();
    assertThat(world.join(second, world.codes.get(1))).isInstanceOf(Result.Failed.class);

    assertThat(reissue(world.codes.get(0), 2).orElseThrow().state())
        .isEqualTo(GroupSummary.State.OPEN);
    world.restartRelay();
    assertThat(world.join(second, world.codes.get(1))).isInstanceOf(Result.Failed.class);
    assertThat(world.join(second, fresh.codes().get(0))).isInstanceOf(Result.Joined.class);
    assertThat(second.membership().members()).containsExactly(first.peer);
    assertThat(first.membership().members())
        .as("the fresh code carries the same group key")
        .containsExactly(second.peer);
    assertThat(world.join(first, world.codes.get(0)))
        .as("a used code still resumes for its owner")
        .isInstanceOf(Result.Joined.class);
  }

  @Test
  void aRevokedOrExpiredGroupIsOpenAgainForItsNewTime() {
    world.join(first, world.codes.get(0));
    world.table.revoke(world.codes.getFirst().groupId());
    assertThat(reissue(world.codes.get(2), 1)).isPresent();
    world.clock.advance(HOUR);
    assertThat(world.join(second, fresh.codes().getFirst())).isInstanceOf(Result.Failed.class);
    assertThat(reissue(world.codes.get(2), 1)).isPresent();
    assertThat(world.join(second, fresh.codes().getFirst())).isInstanceOf(Result.Joined.class);
  }

  @Test
  void usedAndFreshCodesAreSixtyFourTogetherAndNotOneMore() {
    world.join(first, world.codes.get(0));
    assertThatThrownBy(() -> reissue(world.codes.get(0), 64)).isInstanceOf(LimitReached.class);
    assertThat(world.table.groups(world.clock.instant()).getFirst().codes())
        .as("a refused reissue changes nothing")
        .isEqualTo(3);
    assertThat(reissue(world.codes.get(0), 63).orElseThrow().codes()).isEqualTo(64);
  }

  @Test
  void aGroupThatTheRelayDoesNotKnowIsNotMade() {
    GroupCode foreign =
        GroupCode.generate(1, World.RELAY, Fixtures.RELAY_HOST, "", world.random)
            .codes()
            .getFirst();
    assertThat(reissue(foreign, 1)).isEmpty();
    assertThat(world.table.groups(world.clock.instant())).hasSize(1);
  }

  @Test
  void aHashThatWasUsedBeforeIsRefused() {
    world.join(first, world.codes.get(0));
    byte[] used = world.codes.get(0).secrets().tokenHash();
    assertThatThrownBy(() ->
            world.table.reissue(
                world.codes.get(0).groupId(), List.of(used), HOUR, world.clock.instant()))
        .isInstanceOf(MalformedInput.class);
  }
}
