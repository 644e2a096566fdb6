package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages.PairRequest;
import io.peerup.pairing.PairOutcome.Cause;
import io.peerup.pairing.PairOutcome.Refused;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GroupTableTest {

  private static final String HOME = "198.51.100.1";
  private static final String ELSEWHERE = "198.51.100.2";
  private static final String THIRD = "203.0.113.9";

  private final SeededRandom random = SeededRandom.of(GroupTableTest.class);
  private final Counter work = new Counter();
  private final World world = new World(4, random, new GroupTable(work));

  private static final class Counter implements PairWork {
    int hashed;
    int compared;
    int checked;

    @Override
    public void hashed() {
      hashed++;
    }

    @Override
    public void compared() {
      compared++;
    }

    @Override
    public void checkedIntro() {
      checked++;
    }

    String take() {
      String all = hashed + " hashed, " + compared + " compared, " + checked + " checked";
      hashed = 0;
      compared = 0;
      checked = 0;
      return all;
    }
  }

  @Test
  void codeAdmitsOnePeerAndResumesOnlyForIt() {
    assertThat(join(1, 0, HOME)).isInstanceOf(PairOutcome.Admitted.class);
    PairOutcome again = join(1, 0, HOME);
    assertThat(again)
        .isInstanceOfSatisfying(PairOutcome.Admitted.class, a -> assertThat(a.resumed()).isTrue());
    assertRefused(join(2, 0, HOME), Cause.USED_TOKEN, true);
  }

  @Test
  void thirdWrongTokenBurnsTheGroupAndTheSecondDoesNot() {
    join(1, 0, HOME);
    assertRefused(wrong(2, HOME), Cause.WRONG_TOKEN, true);
    assertRefused(wrong(2, ELSEWHERE), Cause.WRONG_TOKEN, true);
    assertThat(summary().state()).isEqualTo(GroupSummary.State.OPEN);
    assertThat(join(3, 1, THIRD)).isInstanceOf(PairOutcome.Admitted.class);

    Refused third = (Refused) wrong(2, ELSEWHERE);
    assertThat(third.burnedNow()).isTrue();
    assertThat(summary().state()).isEqualTo(GroupSummary.State.BURNED);
    assertRefused(join(4, 2, THIRD), Cause.BURNED, false);
    // Members stay, and may still ask again with their own code.
    assertThat(join(1, 0, HOME)).isInstanceOf(PairOutcome.Admitted.class);
    assertThat(world.table.members(now())).containsExactlyInAnyOrder(peer(1), peer(3));
  }

  @Test
  void failuresOfOneGroupDoNotBurnAnother() {
    List<GroupCode> other = world.newGroup(1, Optional.empty());
    wrong(2, HOME);
    wrong(2, ELSEWHERE);
    wrong(2, THIRD);
    assertRefused(join(3, 0, HOME), Cause.BURNED, false);
    assertThat(join(request(3, other.getFirst().secrets(), 3), 3, HOME))
        .isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void countersSurviveARestartBetweenAllFailures() {
    wrong(2, HOME);
    restart();
    wrong(2, ELSEWHERE);
    restart();
    assertThat(summary().failures()).isEqualTo(2);
    wrong(2, THIRD);
    restart();
    assertThat(summary().state()).isEqualTo(GroupSummary.State.BURNED);
    assertRefused(join(3, 0, HOME), Cause.BURNED, false);
  }

  @Test
  void twoFailuresFromOneSourceLockItBeforeTheThirdCounts() {
    wrong(2, HOME);
    wrong(3, HOME);
    restart();
    assertRefused(wrong(4, HOME), Cause.LOCKED_SOURCE, false);
    assertRefused(join(4, 0, HOME), Cause.LOCKED_SOURCE, false);
    assertThat(summary().failures()).isEqualTo(2);
    assertThat(join(4, 0, ELSEWHERE)).isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void sourceIsAnIpv4AddressOrAnIpv6Slash56() {
    wrong(2, "2001:db8:0:100::1");
    wrong(2, "2001:db8:0:1ff::2");
    assertRefused(wrong(2, "2001:db8:0:155::3"), Cause.LOCKED_SOURCE, false);
    assertRefused(wrong(2, "2001:db8:0:200::1"), Cause.WRONG_TOKEN, true);
  }

  @Test
  void loopbackIsNeverLockedButCounts() {
    wrong(2, "127.0.0.1");
    wrong(2, "::1");
    wrong(2, "127.0.0.1");
    assertThat(summary().state()).isEqualTo(GroupSummary.State.BURNED);
  }

  @Test
  void memberWithAnotherCodeIsRefusedAndNotCounted() {
    join(1, 0, HOME);
    assertRefused(join(1, 1, HOME), Cause.ALREADY_MEMBER, false);
    assertRefused(wrong(1, HOME), Cause.ALREADY_MEMBER, false);
    assertThat(summary().failures()).isZero();
    assertThat(join(2, 1, HOME)).isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void memberOfOneGroupMayJoinAnother() {
    List<GroupCode> other = world.newGroup(1, Optional.empty());
    join(1, 0, HOME);
    assertThat(join(request(1, other.getFirst().secrets(), 1), 1, HOME))
        .isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void codesEndAtTheirTimeAndNotBefore() {
    world.clock.advance(Duration.ofHours(1).minusMillis(1));
    assertThat(join(1, 0, HOME)).isInstanceOf(PairOutcome.Admitted.class);
    assertThat(world.table.hasLiveGroup(now())).isTrue();
    world.clock.advance(Duration.ofMillis(1));
    assertRefused(join(2, 1, HOME), Cause.UNKNOWN_GROUP, false);
    assertRefused(join(1, 0, HOME), Cause.UNKNOWN_GROUP, false);
    assertThat(world.table.hasLiveGroup(now())).isFalse();
    assertThat(summary().state()).isEqualTo(GroupSummary.State.EXPIRED);
    assertThat(world.table.members(now())).containsExactly(peer(1));
  }

  @Test
  void everyRefusalGivesTheSameBytesForTheSameWork() {
    List<GroupCode> other = world.newGroup(1, Optional.empty());
    join(1, 0, HOME);
    PairRequest good = request(2, world.codes.get(1).secrets(), 2);
    Map<Cause, String> costs = new HashMap<>();
    List<PairOutcome> outcomes = new ArrayList<>();
    work.take();
    record Try(PairRequest request, int peer, String source) {}
    GroupSecrets unknown = GroupSecrets.of(new byte[8], random.bytes(16), random.bytes(16));
    List<Try> tries =
        new ArrayList<>(
            List.of(
                new Try(request(2, unknown, 2), 2, HOME),
                new Try(request(1, world.codes.get(2).secrets(), 1), 1, HOME),
                new Try(request(3, world.codes.get(0).secrets(), 3), 3, HOME),
                new Try(new PairRequest(good.selector(), good.token(), new byte[3]), 2, HOME),
                new Try(request(2, withToken(random.bytes(16)), 2), 2, HOME),
                new Try(good, 2, HOME),
                new Try(request(2, withToken(random.bytes(16)), 2), 2, THIRD),
                new Try(good, 2, THIRD)));
    for (Try t : tries) {
      Refused refused = (Refused) join(t.request(), t.peer(), t.source());
      costs.put(refused.cause(), work.take());
      outcomes.add(refused);
    }
    world.table.removeMember(peer(1));
    outcomes.add(join(request(1, world.codes.get(0).secrets(), 1), 1, ELSEWHERE));
    costs.put(((Refused) outcomes.getLast()).cause(), work.take());
    assertThat(costs.keySet())
        .containsExactlyInAnyOrder(
            Cause.UNKNOWN_GROUP,
            Cause.ALREADY_MEMBER,
            Cause.USED_TOKEN,
            Cause.BAD_INTRO,
            Cause.WRONG_TOKEN,
            Cause.LOCKED_SOURCE,
            Cause.BURNED,
            Cause.REMOVED_MEMBER);

    world.clock.advance(Duration.ofHours(2));
    outcomes.add(join(good, 2, HOME));
    String expired = work.take();
    world.clock.advance(Duration.ofSeconds(1));
    outcomes.add(world.table.join(new byte[] {1, 9}, peer(2), Fixtures.source(HOME), now()));

    assertThat(costs.values()).containsOnly(expired);
    assertThat(outcomes)
        .allSatisfy(o ->
            assertThat(o.answer())
                .isEqualTo("\u0001\u0000pairing failed".getBytes(StandardCharsets.UTF_8)));
    // And the same work as a success.
    World fresh = new World(1, random, new GroupTable(work));
    work.take();
    fresh.join(fresh.device(5, "five"), fresh.codes.getFirst());
    assertThat(work.take()).isEqualTo(expired);
    assertThat(other).hasSize(1);
  }

  @Test
  void tokenOfAnIntroductionThatIsNotTheCallersStaysUnused() {
    GroupSecrets secrets = world.codes.getFirst().secrets();
    PairRequest foreign = request(3, secrets, 3);
    assertRefused(join(foreign, 2, HOME), Cause.BAD_INTRO, false);
    GroupSecrets otherGroup = world.newGroup(1, Optional.empty()).getFirst().secrets();
    PairRequest mixed =
        new PairRequest(secrets.selector(), secrets.token(), request(2, otherGroup, 2).intro());
    assertRefused(join(mixed, 2, HOME), Cause.BAD_INTRO, false);
    assertThat(join(2, 0, HOME)).isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void resumeReplacesTheIntroductionAndTellsTheOthers() {
    join(1, 0, HOME);
    join(2, 1, HOME);
    GroupSecrets secrets = world.codes.getFirst().secrets();
    PairRequest same = request(1, secrets, 1);
    PairOutcome.Admitted renamed = (PairOutcome.Admitted) join(same, 1, HOME);
    assertThat(renamed.changed()).isTrue();
    assertThat(renamed.others()).containsExactly(peer(2));
    PairOutcome.Admitted repeated = (PairOutcome.Admitted) join(same, 1, HOME);
    assertThat(repeated.changed()).isFalse();
    assertThat(repeated.answer()).isEqualTo(renamed.answer());
  }

  @Test
  void removedMemberIsForgottenAndItsCodeStaysDead() {
    join(1, 0, HOME);
    join(2, 1, HOME);
    assertThat(world.table.removeMember(peer(1))).isTrue();
    assertThat(world.table.removeMember(peer(1))).isFalse();
    restart();
    assertThat(world.table.members(now())).containsExactly(peer(2));
    assertThat(world.table.noticesFor(peer(2), now())).isEmpty();
    assertRefused(join(1, 0, HOME), Cause.REMOVED_MEMBER, false);
    assertRefused(join(3, 0, HOME), Cause.USED_TOKEN, true);
    // A fresh code from the owner brings it back.
    assertThat(join(1, 2, HOME)).isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void revokedGroupIsUnknownToStrangersAndKeepsItsMembers() {
    join(1, 0, HOME);
    assertThat(world.table.revoke(summary().group())).isTrue();
    assertThat(world.table.revoke("00000000")).isFalse();
    restart();
    assertRefused(join(2, 1, HOME), Cause.UNKNOWN_GROUP, false);
    assertThat(summary().state()).isEqualTo(GroupSummary.State.REVOKED);
    assertThat(world.table.members(now())).containsExactly(peer(1));
    assertThat(world.table.hasLiveGroup(now())).isFalse();
  }

  @Test
  void authorisationEndsForAllMembersAtOnceAndTheGroupIsForgotten() {
    GroupTable table = new GroupTable();
    GroupCode.NewGroup group =
        GroupCode.generate(2, World.RELAY, Fixtures.RELAY_HOST, "", world.random);
    table.create(group.spec(), Duration.ofHours(2), Optional.of(Duration.ofHours(1)), "", now());
    PairOutcome outcome =
        table.join(
            request(1, group.codes().getFirst().secrets(), 1),
            peer(1),
            Fixtures.source(HOME),
            now());
    Instant end = now().plus(Duration.ofHours(1));
    assertThat(((PairOutcome.Admitted) outcome).authExpires()).contains(end);
    assertThat(PairMessages.decodeAnswer(outcome.answer()))
        .isInstanceOfSatisfying(
            PairMessages.Admitted.class, a -> assertThat(a.authExpires()).contains(end));
    assertThat(table.members(end.minusMillis(1))).containsExactly(peer(1));
    assertThat(table.members(end)).isEmpty();
    PairOutcome late =
        table.join(
            request(2, group.codes().get(1).secrets(), 2), peer(2), Fixtures.source(HOME), end);
    assertRefused(late, Cause.UNKNOWN_GROUP, false);
    assertThat(table.prune(end)).isTrue();
    assertThat(table.groups(end)).isEmpty();
  }

  @Test
  void groupTakes64MembersAndEveryoneKnowsEveryone() {
    World crowd = new World(Limits.MEMBERS_MAX, random);
    for (int i = 0; i < Limits.MEMBERS_MAX; i++) {
      assertThat(crowd.join(crowd.device(i + 1, "n"), crowd.codes.get(i)))
          .isInstanceOf(GroupJoin.Result.Joined.class);
    }
    PairOutcome last =
        crowd.table.join(
            request(64, crowd.codes.getLast().secrets(), 64),
            peer(64),
            Fixtures.source(HOME),
            now());
    assertThat(last.answer().length).isLessThan(Limits.ANSWER_BYTES_MAX);
    assertThat(crowd.devices.getFirst().membership().members()).hasSize(63);
    assertThatThrownBy(() ->
            new GroupSpec(new byte[8], Stream.generate(() -> random.bytes(32)).limit(65).toList()))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void relayOpens64GroupsAndTakesAnotherWhenOneIsRevoked() {
    for (int i = 1; i < Limits.OPEN_GROUPS_MAX; i++) {
      world.newGroup(1, Optional.empty());
    }
    assertThatThrownBy(() -> world.newGroup(1, Optional.empty()))
        .isInstanceOf(LimitReached.class)
        .hasMessageContaining("64");
    world.table.revoke(summary().group());
    world.newGroup(1, Optional.empty());
    world.clock.advance(Duration.ofHours(1));
    world.newGroup(1, Optional.empty());
    assertThat(world.table.groups(now())).hasSize(1);
  }

  @Test
  void timesOutsideTheirLimitsAreRefused() {
    GroupSpec spec =
        GroupCode.generate(1, World.RELAY, Fixtures.RELAY_HOST, "", world.random).spec();
    for (Duration ttl : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(31))) {
      assertThatThrownBy(() -> world.table.create(spec, ttl, Optional.empty(), "", now()))
          .isInstanceOf(MalformedInput.class);
    }
    assertThatThrownBy(() ->
            world.table.create(spec, Duration.ofHours(1), Optional.of(Duration.ZERO), "", now()))
        .isInstanceOf(MalformedInput.class);
    world.table.create(spec, Limits.TTL_MAX, Optional.empty(), "", now());
    assertThatThrownBy(() -> world.table.create(spec, Limits.TTL_MAX, Optional.empty(), "", now()))
        .hasMessageContaining("exists already");
  }

  @Test
  void stateFileHoldsNoTokenNoKeyAndNoName() {
    world.join(world.device(1, "a-very-secret-name"), world.codes.getFirst());
    String state = world.table.snapshot().toString();
    for (GroupCode code : world.codes) {
      GroupSecrets secrets = code.secrets();
      assertThat(state)
          .doesNotContain(HexFormat.of().formatHex(secrets.token()))
          .doesNotContain(HexFormat.of().formatHex(secrets.groupKey().key()))
          .doesNotContain(code.text());
    }
    assertThat(state)
        .doesNotContain("a-very-secret-name")
        .doesNotContain(
            HexFormat.of().formatHex("a-very-secret-name".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void snapshotComesBackAsItWas() {
    join(1, 0, HOME);
    wrong(2, HOME);
    JsonObject before = world.table.snapshot();
    restart();
    assertThat(world.table.snapshot()).isEqualTo(before);
  }

  @Test
  void damagedStateFileIsMalformedInputAndNothingElse() {
    join(1, 0, HOME);
    wrong(2, HOME);
    String state = world.table.snapshot().toString();
    for (int round = 0; round < 3000; round++) {
      char[] damaged = state.toCharArray();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = "0x\"{}[],:-9".charAt(random.nextInt(11));
      }
      try {
        if (JsonParser.parseString(new String(damaged)) instanceof JsonObject tree) {
          GroupTable.restore(tree, PairWork.uncounted());
        }
      } catch (MalformedInput | JsonParseException e) {
        // As it should be.
      }
    }
  }

  private PairOutcome join(int peer, int code, String source) {
    return join(request(peer, world.codes.get(code).secrets(), peer), peer, source);
  }

  private PairOutcome join(PairRequest request, int peer, String source) {
    return world.table.join(request, peer(peer), Fixtures.source(source), now());
  }

  private PairOutcome wrong(int peer, String source) {
    return join(request(peer, withToken(random.bytes(16)), peer), peer, source);
  }

  private GroupSecrets withToken(byte[] token) {
    GroupSecrets good = world.codes.getFirst().secrets();
    return GroupSecrets.of(good.selector(), token, good.groupKey().key());
  }

  private PairRequest request(int peer, GroupSecrets secrets, int name) {
    Intro intro =
        Intro.create(secrets.groupKey(), Fixtures.identity(peer), "name" + name, world.random);
    return new PairRequest(secrets.selector(), secrets.token(), intro.encoded());
  }

  private void restart() {
    world.restartRelay();
  }

  private GroupSummary summary() {
    return world.table.groups(now()).getFirst();
  }

  private Instant now() {
    return world.clock.instant();
  }

  private static PeerId peer(int number) {
    return Fixtures.peer(number);
  }

  private static void assertRefused(PairOutcome outcome, Cause cause, boolean counted) {
    assertThat(outcome).isInstanceOf(Refused.class);
    assertThat(((Refused) outcome).cause()).isEqualTo(cause);
    assertThat(((Refused) outcome).counted()).isEqualTo(counted);
    assertThat(outcome.changed()).isEqualTo(counted);
  }
}
