package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.InviteSummary.State;
import io.peerup.pairing.PairingResponder.Cause;
import io.peerup.pairing.PairingWorld.Run;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Runs between honest sides, and what an invite becomes by them.
class PairingRunTest {

  private final PairingWorld world = new PairingWorld(SeededRandom.of(PairingRunTest.class));

  @Test
  void theRightCodePairsBothSides() {
    Run run = world.run(world.secret, PairingWorld.JOINER);
    assertThat(run.inviterPaired()).isTrue();
    assertThat(run.joinerPaired()).isTrue();
    assertThat(run.acknowledged()).isTrue();
    assertThat(run.attempts).isEqualTo(1);
    var commit = (PairingResponder.Step.Commit) run.committed;
    assertThat(commit).isNotNull();
    assertThat(commit.peer()).isEqualTo(PairingWorld.JOINER.peerId());
    assertThat(commit.joiner().name()).isEqualTo("laptop");
    assertThat(commit.changed()).isTrue();
    assertThat(world.invite().state()).isEqualTo(State.CONSUMED);
    assertThat(world.invite().consumedBy()).contains(PairingWorld.JOINER.peerId());
  }

  /// The inviter's wish travels under the keys of the run, and outlives its restart.
  @Test
  void anInviteThatAsksForAComparisonTellsTheJoinerAndAnyOtherDoesNot() {
    for (boolean asks : new boolean[] {false, true}) {
      PairingWorld other = new PairingWorld(SeededRandom.of("comparison"));
      String id = other.invite().id();
      if (asks) {
        other.table.requireSas(id);
      }
      other.restart();
      assertThat(other.table.requiresSas(id)).isEqualTo(asks);
      PairingInitiator a = other.joiner(other.secret, PairingWorld.JOINER);
      PairingResponder b = other.inviter(PairingWorld.JOINER);
      byte[] m2 = send(b.receive(a.start(other.now()), other.now()));
      byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, other.now())).frame();
      byte[] proof = proof(a, send(b.receive(m3, other.now())));
      var commit = (PairingResponder.Step.Commit) b.receive(proof, other.now());
      var paired = (PairingInitiator.Step.Paired) a.receive(commit.frame(), other.now());
      assertThat(paired.inviter().requiresSas()).isEqualTo(asks);
      assertThat(paired.inviter().name()).isEqualTo("home");
    }
  }

  @Test
  void everyKindOfIdentityPairs() {
    // Peer ids of RSA keys are hashes: the key must come from the channel.
    JsonArray keys = Vectors.json("libp2p/peer_ids.json").getAsJsonArray("keys");
    assertThat(keys).hasSize(4);
    for (JsonElement key : keys) {
      PrivateKey identity =
          PrivateKey.decode(Fixtures.hex(key.getAsJsonObject(), "private_key_protobuf"));
      PairingWorld other = new PairingWorld(SeededRandom.of("kinds"));
      Run run = other.run(other.secret, identity);
      assertThat(run.acknowledged()).as(identity.type().toString()).isTrue();
    }
  }

  @Test
  void aWrongCodePairsNobodyAndIsCounted() {
    Run run = world.run(world.wrong, PairingWorld.JOINER);
    assertThat(run.inviterPaired()).isFalse();
    assertThat(run.joinerPaired()).isFalse();
    assertThat(fail(run).cause()).isEqualTo(Cause.WRONG_CODE);
    assertThat(fail(run).changed()).as("to disk first").isTrue();
    assertThat(world.invite().failures()).isEqualTo(1);
    assertThat(world.invite().state()).isEqualTo(State.OPEN);
  }

  @Test
  void twoWrongCodesLeaveTheInviteAndThreeBurnItEvenAcrossRestarts() {
    world.run(world.wrong, PairingWorld.STRANGER);
    world.restart();
    world.run(world.wrong, PairingWorld.STRANGER);
    world.restart();
    assertThat(world.invite().state()).isEqualTo(State.OPEN);
    world.run(world.wrong, PairingWorld.STRANGER);
    world.restart();
    assertThat(world.invite().state()).isEqualTo(State.BURNED);
    Run right = world.run(world.secret, PairingWorld.JOINER);
    assertThat(right.inviterPaired()).isFalse();
    assertThat(fail(right).cause()).isEqualTo(Cause.NO_INVITE);
  }

  @Test
  void ofAThousandParallelWrongRunsThreeAreEvaluated() {
    List<PairingResponder> waiting = new ArrayList<>();
    List<PairingInitiator> guessers = new ArrayList<>();
    List<byte[]> proofs = new ArrayList<>();
    // Everybody goes as far as it can before anybody proves anything.
    for (int i = 0; i < 1_000; i++) {
      PairingResponder b = world.inviter(PairingWorld.STRANGER);
      PairingInitiator a = world.joiner(world.wrong, PairingWorld.STRANGER);
      byte[] m2 = send(b.receive(a.start(world.now()), world.now()));
      byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, world.now())).frame();
      PairingResponder.Step step = b.receive(m3, world.now());
      waiting.add(b);
      guessers.add(a);
      proofs.add(step instanceof PairingResponder.Step.Send s ? proof(a, s.frame()) : new byte[0]);
    }
    assertThat(proofs.stream().filter(p -> p.length == 0)).hasSize(Limits.WAITING_RUNS_MAX);
    int evaluated = 0;
    for (int i = 0; i < waiting.size(); i++) {
      PairingResponder b = waiting.get(i);
      byte[] proof = proofs.get(i);
      if (proof.length == 0) {
        proof = proof(guessers.get(i), send(b.proceed(world.now())));
      }
      var end = (PairingResponder.Step.Fail) b.receive(proof, world.now());
      evaluated += end.cause() == Cause.WRONG_CODE ? 1 : 0;
    }
    assertThat(evaluated).isEqualTo(Limits.FAILURES_MAX);
    assertThat(world.invite().failures()).isEqualTo(Limits.FAILURES_MAX);
    assertThat(world.invite().state()).isEqualTo(State.BURNED);
  }

  @Test
  void aRunThatWaitsGetsItsTurnWhenTheOneBeforeItEnds() {
    PairingResponder first = upToShare(PairingWorld.STRANGER);
    PairingInitiator a = world.joiner(world.secret, PairingWorld.JOINER);
    PairingResponder second = world.inviter(PairingWorld.JOINER);
    byte[] m2 = send(second.receive(a.start(world.now()), world.now()));
    byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, world.now())).frame();
    assertThat(second.receive(m3, world.now())).isInstanceOf(PairingResponder.Step.Wait.class);
    assertThat(second.proceed(world.now())).isInstanceOf(PairingResponder.Step.Wait.class);
    assertThat(world.invite().state()).isEqualTo(State.RESERVED);
    first.lost(world.now());
    byte[] m5 = proof(a, send(second.proceed(world.now())));
    assertThat(second.receive(m5, world.now())).isInstanceOf(PairingResponder.Step.Commit.class);
  }

  @Test
  void aRunThatHoldsTheInviteTooLongIsNotEvaluatedAnyMore() {
    PairingInitiator slow = world.joiner(world.secret, PairingWorld.STRANGER);
    PairingResponder first = world.inviter(PairingWorld.STRANGER);
    byte[] m2 = send(first.receive(slow.start(world.now()), world.now()));
    byte[] m3 = ((PairingInitiator.Step.Send) slow.receive(m2, world.now())).frame();
    byte[] m5 = proof(slow, send(first.receive(m3, world.now())));
    world.clock.advance(Limits.HOLD_TIME);
    // Without a word from the shell about the deadline.
    assertThat(world.run(world.secret, PairingWorld.JOINER).acknowledged()).isTrue();
    assertThat(first.receive(m5, world.now())).isInstanceOf(PairingResponder.Step.Fail.class);
    assertThat(world.invite().consumedBy()).contains(PairingWorld.JOINER.peerId());
  }

  @Test
  void aRunWaitsTenSecondsAndThenGetsADummy() {
    world.clock.advance(Duration.ofSeconds(1));
    PairingResponder holder = upToShare(PairingWorld.STRANGER);
    PairingResponder waiting = upToWait(world.secret, PairingWorld.JOINER);
    assertThat(waiting.deadline()).isEqualTo(world.now().plus(Limits.WAIT_TIME));
    world.clock.advance(Limits.HOLD_TIME.minusMillis(1));
    assertThat(waiting.proceed(world.now())).isInstanceOf(PairingResponder.Step.Wait.class);
    holder.lost(world.now());
    // Somebody else is always before it.
    PairingResponder next = upToWait(world.secret, PairingWorld.STRANGER);
    world.clock.advance(Limits.WAIT_TIME);
    assertThat(waiting.proceed(world.now())).isInstanceOf(PairingResponder.Step.Send.class);
    assertThat(next.lost(world.now())).isInstanceOf(PairingResponder.Step.Fail.class);
  }

  @Test
  void runsBrokenOffBeforeTheProofAreNoFailuresAndTwentyOfThemBurn() {
    for (int i = 1; i < Limits.LOST_RUNS_MAX; i++) {
      var lost = (PairingResponder.Step.Fail) upToShare(PairingWorld.STRANGER).lost(world.now());
      assertThat(lost.cause()).isEqualTo(Cause.LOST);
      world.restart();
    }
    assertThat(world.invite().state()).isEqualTo(State.OPEN);
    assertThat(world.invite().failures()).isZero();
    upToShare(PairingWorld.STRANGER).lost(world.now());
    assertThat(world.invite().state()).isEqualTo(State.BURNED);
  }

  @Test
  void aRunThatEndsBeforeItHoldsTheInviteCostsNothing() {
    for (int i = 0; i < 50; i++) {
      PairingResponder b = world.inviter(PairingWorld.STRANGER);
      b.receive(world.joiner(world.wrong, PairingWorld.STRANGER).start(world.now()), world.now());
      b.lost(world.now());
    }
    assertThat(world.invite().state()).isEqualTo(State.OPEN);
    assertThat(world.run(world.secret, PairingWorld.JOINER).acknowledged()).isTrue();
  }

  @Test
  void theSamePeerMayAskAgainAndNothingChanges() {
    PairingInitiator dies = world.joiner(world.secret, PairingWorld.JOINER);
    Run first = new Run(dies, world.inviter(PairingWorld.JOINER));
    first.finish(world, (number, frame) -> number == 6 ? new byte[0] : frame);
    assertThat(first.inviterPaired()).isTrue();
    assertThat(first.joinerPaired()).isFalse();
    var before = world.table.snapshot();
    world.restart();

    Run again = world.run(world.secret, PairingWorld.JOINER);
    assertThat(again.acknowledged()).isTrue();
    assertThat(((PairingResponder.Step.Commit) Objects.requireNonNull(again.committed)).changed())
        .isFalse();
    assertThat(world.table.snapshot()).isEqualTo(before);
  }

  @Test
  void wrongCodesOfThePeerThatJoinedAreNotCountedAndOfOthersAreDummies() {
    world.run(world.secret, PairingWorld.JOINER);
    for (int i = 0; i < 10; i++) {
      world.run(world.wrong, PairingWorld.JOINER);
    }
    assertThat(world.run(world.secret, PairingWorld.JOINER).acknowledged()).isTrue();
    Run other = world.run(world.secret, PairingWorld.STRANGER);
    assertThat(fail(other).cause()).isEqualTo(Cause.NO_INVITE);
    assertThat(world.invite().failures()).isZero();
  }

  @Test
  void anInviteWorksUntilItsLastInstantAndNotAtItsEnd() {
    Instant end = world.invite().expires();
    world.clock.advance(Duration.between(world.now(), end).minusNanos(1));
    PairingWorld early = world;
    assertThat(early.run(world.secret, PairingWorld.JOINER).acknowledged()).isTrue();

    PairingWorld late = new PairingWorld(SeededRandom.of("late"));
    late.clock.advance(Duration.between(late.now(), late.invite().expires()));
    assertThat(late.run(late.secret, PairingWorld.JOINER).inviterPaired()).isFalse();
    assertThat(late.invite().state()).isEqualTo(State.EXPIRED);
  }

  @Test
  void aRevokedInviteEndsARunThatHoldsIt() {
    PairingInitiator a = world.joiner(world.secret, PairingWorld.JOINER);
    PairingResponder b = world.inviter(PairingWorld.JOINER);
    byte[] m2 = send(b.receive(a.start(world.now()), world.now()));
    byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, world.now())).frame();
    byte[] m5 = proof(a, send(b.receive(m3, world.now())));
    assertThat(world.table.revoke(world.invite().id())).isTrue();
    assertThat(b.receive(m5, world.now())).isInstanceOf(PairingResponder.Step.Fail.class);
    assertThat(world.table.invites(world.now())).isEmpty();
    assertThat(world.table.unentered()).isEmpty();
  }

  @Test
  void afterACrashBetweenTheTwoFilesThePeerIsStillToBeEntered() {
    world.run(world.secret, PairingWorld.JOINER);
    world.restart();
    assertThat(world.table.unentered())
        .containsExactly(
            new InviteTable.Admitted(world.invite().id(), PairingWorld.JOINER.peerId(), "laptop"));
    // Not even time makes it forget.
    world.table.prune(world.now().plus(Duration.ofDays(30)));
    assertThat(world.table.unentered()).hasSize(1);
    world.table.entered(world.invite().id());
    world.restart();
    assertThat(world.table.unentered()).isEmpty();
    world.table.prune(world.now().plus(Duration.ofDays(30)));
    assertThat(world.table.invites(world.now())).isEmpty();
  }

  @Test
  void fiveInvitesAreOpenAtATimeAndNotSix() {
    for (int i = 1; i < Limits.OPEN_INVITES_MAX; i++) {
      create("SELECT" + i);
    }
    assertThatThrownBy(() -> create("SELECT9")).isInstanceOf(LimitReached.class);
    world.table.revoke(world.invite().id());
    create("SELECT9");
  }

  @Test
  void theJoinerMayTryOneCodeThreeTimesAnHourAndARestartDoesNotReset() {
    AttemptLimit limit = new AttemptLimit();
    byte[] key = AttemptLimit.keyOf(world.secret);
    for (int i = 0; i < Limits.ATTEMPTS_MAX; i++) {
      limit.count(key, world.now());
      limit = AttemptLimit.restore(limit.snapshot());
    }
    AttemptLimit full = limit;
    assertThatThrownBy(() -> full.count(key, world.now()))
        .isInstanceOf(LimitReached.class)
        .extracting(e -> ((LimitReached) e).hint())
        .isEqualTo("ask for a new code");
    limit.count(AttemptLimit.keyOf(PairingWorld.STRANGER.peerId()), world.now());
    world.clock.advance(Limits.ATTEMPT_WINDOW.minusNanos(1));
    assertThat(limit.left(key, world.now())).isZero();
    world.clock.advance(Duration.ofNanos(1));
    assertThat(limit.left(key, world.now())).isEqualTo(Limits.ATTEMPTS_MAX);
  }

  @Test
  void fiveRunsASecondFromOneSourceAndNotSix() {
    RunRate<SourcePrefix> rate = new RunRate<>();
    SourcePrefix source = Fixtures.source("192.0.2.1");
    for (int i = 0; i < Limits.RUNS_PER_SOURCE_MAX; i++) {
      assertThat(rate.begin(source, world.now())).isTrue();
    }
    assertThat(rate.begin(source, world.now())).isFalse();
    assertThat(rate.begin(Fixtures.source("192.0.2.2"), world.now())).isTrue();
    world.clock.advance(Limits.RUN_RATE_WINDOW);
    assertThat(rate.begin(source, world.now())).isTrue();
  }

  @Test
  void aSilentInviterIsUnreachableAndALaterSilenceIsAFailure() {
    PairingInitiator a = world.joiner(world.secret, PairingWorld.JOINER);
    byte[] m1 = a.start(world.now());
    assertThat(a.deadline()).isEqualTo(world.now().plus(Limits.JOIN_FRAME_TIME));
    PairingInitiator b = world.joiner(world.secret, PairingWorld.JOINER);
    b.start(world.now());
    assertThat(b.timeOut()).isEqualTo(new PairingInitiator.Step.Unreachable());
    a.receive(send(world.inviter(PairingWorld.JOINER).receive(m1, world.now())), world.now());
    world.clock.advance(Limits.JOIN_FRAME_TIME);
    assertThat(a.receive(new byte[3], world.now())).isEqualTo(new PairingInitiator.Step.Failed());
  }

  @Test
  void anInvitersRunEndsAtItsDeadlinesAndNotBefore() {
    PairingResponder b = world.inviter(PairingWorld.JOINER);
    assertThat(b.deadline()).isEqualTo(world.now().plus(Limits.RUN_FRAME_TIME));
    world.clock.advance(Limits.RUN_FRAME_TIME.minusNanos(1));
    PairingInitiator a = world.joiner(world.secret, PairingWorld.JOINER);
    byte[] m1 = a.start(world.now());
    assertThat(b.receive(m1, world.now())).isInstanceOf(PairingResponder.Step.Send.class);
    world.clock.advance(Limits.RUN_FRAME_TIME);
    var late = (PairingResponder.Step.Fail) b.receive(m1, world.now());
    assertThat(late.cause()).isEqualTo(Cause.LOST);
  }

  private InviteSummary create(String selector) {
    PairingSecret other = new PairingSecret(2, Crypto.ascii(selector), new byte[32]);
    return world.table.create(other, Duration.ofMinutes(10), "", world.now());
  }

  /// A run that holds the invite.
  private PairingResponder upToShare(PrivateKey identity) {
    PairingInitiator a = world.joiner(world.wrong, identity);
    PairingResponder b = world.inviter(identity);
    byte[] m2 = send(b.receive(a.start(world.now()), world.now()));
    byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, world.now())).frame();
    send(b.receive(m3, world.now()));
    return b;
  }

  private PairingResponder upToWait(PairingSecret code, PrivateKey identity) {
    PairingInitiator a = world.joiner(code, identity);
    PairingResponder b = world.inviter(identity);
    byte[] m2 = send(b.receive(a.start(world.now()), world.now()));
    byte[] m3 = ((PairingInitiator.Step.Send) a.receive(m2, world.now())).frame();
    assertThat(b.receive(m3, world.now())).isInstanceOf(PairingResponder.Step.Wait.class);
    return b;
  }

  private byte[] proof(PairingInitiator a, byte[] m4) {
    return ((PairingInitiator.Step.CountAndSend) a.receive(m4, world.now())).frame();
  }

  private static byte[] send(PairingResponder.Step step) {
    return ((PairingResponder.Step.Send) step).frame();
  }

  private static PairingResponder.Step.Fail fail(Run run) {
    return (PairingResponder.Step.Fail) Objects.requireNonNull(run.lastOfB);
  }
}
