package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupJoin.Result;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.pairing.PairMessages.Admitted;
import io.peerup.testkit.SeededRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GroupJoinTest {

  private final SeededRandom random = SeededRandom.of(GroupJoinTest.class);
  private final World world = new World(3, random);
  private final World.Device home = world.device(1, "home");
  private final World.Device laptop = world.device(2, "laptop");
  private final GroupKey key = world.codes.getFirst().secrets().groupKey();

  @Test
  void joinerLearnsTheMembersAndTheyLearnIt() {
    world.join(home, world.codes.get(0));
    Result.Joined joined = (Result.Joined) world.join(laptop, world.codes.get(1));
    assertThat(joined.members()).containsExactly(home.peer);
    assertThat(joined.names())
        .containsEntry(home.peer, "home")
        .containsEntry(laptop.peer, "laptop");
    assertThat(joined.warnings()).isEmpty();
    assertThat(home.membership().members()).containsExactly(laptop.peer);
    assertThat(joined.membership().relayId()).isEqualTo(World.RELAY);
    assertThat(joined.membership().relayAddress()).hasToString("/ip4/203.0.113.7/tcp/7777");
  }

  @Test
  void refusalIsOneResultWithoutAReason() {
    world.join(home, world.codes.get(0));
    assertThat(world.join(laptop, world.codes.get(0))).isEqualTo(new Result.Failed());
  }

  @Test
  void answerOfAnotherRelayIsNotLookedAt() {
    GroupJoin join = join(laptop);
    assertThatThrownBy(() -> join.finish(home.peer, PairMessages.encode(new PairMessages.Failed())))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("not the one in the code");
  }

  @Test
  void hostileRelayAddsSwapsRelabelsReplaysAndIsCaughtEachTime() {
    Intro good = intro(1, "home", key);
    GroupKey otherGroup = GroupKey.of(random.bytes(8), random.bytes(16));
    Intro stranger = intro(66, "mallory", GroupKey.of(key.selector(), random.bytes(16)));
    Intro replayed = intro(3, "phone", otherGroup);
    byte[] swapped = good.encoded();
    byte[] strangerId = Fixtures.peer(66).bytes();
    // Label, selector and their lengths take 26 bytes, the intro's own length 2.
    System.arraycopy(strangerId, 0, swapped, 2 + 16 + 9 + 1, strangerId.length);
    byte[] relabelled = good.encoded();
    byte[] otherName = intro(1, "mallory", otherGroup).sealedName();
    System.arraycopy(otherName, 0, relabelled, 2 + 16 + 9 + 39 + 1, otherName.length);

    byte[] answer =
        PairMessages.encode(
            new Admitted(
                Optional.empty(),
                List.of(
                    stranger.encoded(),
                    replayed.encoded(),
                    swapped,
                    relabelled,
                    new byte[] {1, 2, 3},
                    good.encoded())));
    Result.Joined joined = (Result.Joined) join(laptop).finish(World.RELAY, answer);
    assertThat(joined.members()).containsExactly(home.peer);
    assertThat(joined.names()).containsOnlyKeys(home.peer, laptop.peer);
    assertThat(joined.warnings())
        .hasSize(5)
        .allSatisfy(w -> assertThat(w).endsWith("the relay is lying or broken"));
  }

  @Test
  void hostileRelayThatReordersOrRepeatsIntroductionsChangesNothing() {
    List<byte[]> intros = List.of(intro(1, "home", key).encoded(), intro(3, "home", key).encoded());
    List<byte[]> reordered =
        List.of(intros.get(1), intros.get(0), intros.get(1), intros.get(0), intros.get(0));
    Result.Joined plain = joined(intros);
    Result.Joined other = joined(reordered);
    assertThat(other.members()).isEqualTo(plain.members()).hasSize(2);
    assertThat(other.names()).isEqualTo(plain.names());
    assertThat(other.warnings()).isEmpty();
  }

  @Test
  void introductionThatTheRelayHeldBackCountsWheneverItComes() {
    byte[] first = intro(1, "home", key).encoded();
    byte[] second = intro(3, "phone", key).encoded();
    Result.Joined kept = joined(List.of(first, second));
    Result.Joined cheated = joined(List.of(first));
    assertThat(cheated.members()).containsExactly(home.peer);
    assertThat(cheated.membership().accept(second))
        .isEqualTo(new IntroResult.Added(Fixtures.peer(3)));
    assertThat(cheated.membership().names()).isEqualTo(kept.names());
  }

  private Result.Joined joined(List<byte[]> intros) {
    return (Result.Joined)
        join(laptop)
            .finish(World.RELAY, PairMessages.encode(new Admitted(Optional.empty(), intros)));
  }

  @Test
  void ownIntroductionInTheAnswerIsIgnoredWithoutWarning() {
    byte[] answer =
        PairMessages.encode(
            new Admitted(Optional.empty(), List.of(intro(2, "someone", key).encoded())));
    Result.Joined joined = (Result.Joined) join(laptop).finish(World.RELAY, answer);
    assertThat(joined.warnings()).isEmpty();
    assertThat(joined.members()).isEmpty();
    assertThat(joined.names().get(laptop.peer)).isEqualTo("laptop");
  }

  @Test
  void expiryOfTheAuthorisationArrives() {
    Instant end = Instant.parse("2026-03-01T00:00:00Z");
    Result.Joined joined =
        (Result.Joined)
            join(laptop)
                .finish(
                    World.RELAY, PairMessages.encode(new Admitted(Optional.of(end), List.of())));
    assertThat(joined.authExpires()).contains(end);
    assertThat(GroupMembership.restore(joined.membership().snapshot()).authExpires()).contains(end);
  }

  @Test
  void membershipTellsNewRenamedKnownAndRemovedApart() {
    world.join(laptop, world.codes.get(0));
    GroupMembership membership = laptop.membership();
    PeerId phone = Fixtures.peer(3);
    Intro first = intro(3, "laptop", key);
    assertThat(membership.accept(first.encoded())).isEqualTo(new IntroResult.Added(phone));
    assertThat(Set.copyOf(membership.names().values()))
        .containsExactlyInAnyOrder("laptop", "laptop-2");
    assertThat(membership.accept(first.encoded())).isEqualTo(new IntroResult.Unchanged(phone));
    assertThat(membership.accept(intro(3, "laptop", key).encoded()))
        .isEqualTo(new IntroResult.Unchanged(phone));
    assertThat(membership.accept(intro(3, "phone", key).encoded()))
        .isEqualTo(new IntroResult.Renamed(phone));
    assertThat(membership.names())
        .containsEntry(phone, "phone")
        .containsEntry(laptop.peer, "laptop");

    assertThat(membership.remove(phone)).isTrue();
    assertThat(membership.remove(phone)).isFalse();
    GroupMembership restored = GroupMembership.restore(membership.snapshot());
    assertThat(restored.accept(first.encoded()))
        .isInstanceOfSatisfying(IntroResult.Rejected.class, r -> assertThat(r.harmless()).isTrue());
    assertThat(restored.members()).isEmpty();
  }

  @Test
  void noticeForAnotherGroupIsRejected() {
    world.join(laptop, world.codes.get(0));
    GroupKey otherGroup = GroupKey.of(random.bytes(8), random.bytes(16));
    PairMessages.PeerNotice foreign =
        new PairMessages.PeerNotice(otherGroup.selector(), intro(3, "phone", otherGroup).encoded());
    assertThat(laptop.membership().isFor(foreign)).isFalse();
    assertThat(laptop.membership().accept(foreign)).isInstanceOf(IntroResult.Rejected.class);
    assertThat(laptop.membership().members()).isEmpty();
  }

  @Test
  void membershipTakes63OthersAndRejectsThe64th() {
    world.join(laptop, world.codes.get(0));
    List<IntroResult> results = new ArrayList<>();
    for (int i = 0; i < Limits.MEMBERS_MAX; i++) {
      results.add(laptop.membership().accept(intro(100 + i, "n", key).encoded()));
    }
    assertThat(results.subList(0, 63)).allMatch(IntroResult.Added.class::isInstance);
    assertThat(results.get(63)).isInstanceOf(IntroResult.Rejected.class);
    assertThat(GroupMembership.restore(laptop.membership().snapshot()).names())
        .isEqualTo(laptop.membership().names());
  }

  @Test
  void snapshotHasTheKeyAndToStringHasNot() {
    world.join(laptop, world.codes.get(0));
    String secret = HexFormat.of().formatHex(key.key());
    JsonObject snapshot = laptop.membership().snapshot();
    assertThat(snapshot.toString()).contains(secret);
    assertThat(laptop.membership().toString()).doesNotContain(secret);
    assertThat(GroupMembership.restore(snapshot).snapshot()).isEqualTo(snapshot);
    for (String field : Set.copyOf(snapshot.keySet())) {
      JsonObject damaged = snapshot.deepCopy();
      damaged.remove(field);
      if (!field.equals("authExpires")) {
        assertThatThrownBy(() -> GroupMembership.restore(damaged))
            .as(field)
            .isInstanceOf(MalformedInput.class);
      }
      damaged.addProperty(field, "\u202e");
      assertThatThrownBy(() -> GroupMembership.restore(damaged))
          .as(field)
          .isInstanceOf(MalformedInput.class);
    }
  }

  private GroupJoin join(World.Device device) {
    return new GroupJoin(world.codes.getFirst(), device.identity, device.name, world.random);
  }

  private Intro intro(int number, String name, GroupKey group) {
    return Intro.create(group, Fixtures.identity(number), name, world.random);
  }
}
