package io.peerup.node.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Failure;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.StreamReset;
import io.peerup.node.Ids;
import io.peerup.node.verify.Run.Outcome;
import io.peerup.node.verify.Side.Shown;
import io.peerup.pairing.PairingChannel;
import io.peerup.pairing.Sas;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Verified;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Live verifications between devices in memory, and with others in their place that say what they
/// like.
@Timeout(60)
class VerificationsTest {

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();
  private final List<Side> sides = new ArrayList<>();

  private Side side(PrivateKey key) {
    Side side = new Side(directory, clock, key);
    sides.add(side);
    return side;
  }

  /// Two devices, the one with the lower peer id first.
  private List<Side> pair() {
    Side one = side(Ids.key(1));
    Side other = side(Ids.key(2));
    Side.connect(one, other);
    return one.id.compareTo(other.id) < 0 ? List.of(one, other) : List.of(other, one);
  }

  @AfterEach
  void end() {
    sides.forEach(Side::close);
  }

  private static void waitsFor(Side called) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> called.verifications.news().stream().anyMatch(n -> n.contains("wants to")));
  }

  @Test
  void bothSeeTheSameAndBothMustSayYesBeforeEitherMarksTheOther() throws Exception {
    List<Side> both = pair();
    Side a = both.get(0);
    Side b = both.get(1);
    String name = b.keys.current().find(a.id).orElseThrow().name();
    Shown atA = a.verify(b);
    waitsFor(b);
    assertThat(b.verifications.news())
        .containsExactly("`%s` wants to verify: run peerup verify %s".formatted(name, name));
    Shown atB = b.verify(a);
    assertThat(b.verifications.news()).as("somebody looks").isEmpty();
    assertThat(atA.digits()).matches("[0-9]{3}-[0-9]{3}").isEqualTo(atB.digits());
    atA.run().answer(true);
    assertThat(a.isMarked(b) || b.isMarked(a)).isFalse();
    atB.run().answer(atA.digits());
    assertThat(atA.run().awaitOutcome()).isEqualTo(new Outcome.Verified());
    assertThat(atB.run().awaitOutcome()).isEqualTo(new Outcome.Verified());
    assertThat(a.isMarked(b) && b.isMarked(a)).isTrue();
    assertThat(a.keys.current().find(b.id).orElseThrow().verified())
        .contains(Verified.by(Verified.Method.LIVE, a.id, b.id));
  }

  @Test
  void aNoWarnsBothAndTakesAMarkOfBeforeAway() throws Exception {
    List<Side> both = pair();
    Side a = both.get(0);
    Side b = both.get(1);
    Marks.set(a.keys, a.id, b.id, Verified.Method.LIVE);
    Shown atA = a.verify(b);
    waitsFor(b);
    Shown atB = b.verify(a);
    atA.run().answer(true);
    atB.run().answer(false);
    assertThat(atA.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
    assertThat(atB.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
    assertThat(a.isMarked(b) || b.isMarked(a)).isFalse();
    for (Side each : both) {
      assertThat(each.verifications.news())
          .singleElement()
          .asString()
          .contains("may be in the middle");
    }
  }

  @Test
  void otherDigitsAreANo() throws Exception {
    List<Side> both = pair();
    Shown atA = both.get(0).verify(both.get(1));
    waitsFor(both.get(1));
    String wrong = atA.digits().startsWith("000") ? "111-111" : "000-000";
    both.get(1).verify(both.get(0)).run().answer(wrong);
    assertThat(atA.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
  }

  @Test
  void whoAsksAgainSeesTheSameRunAndAnswersItOnce() throws Exception {
    List<Side> both = pair();
    Shown first = both.get(0).verify(both.get(1));
    Shown again = both.get(0).verify(both.get(1));
    assertThat(again).isEqualTo(first);
    again.run().answer(true);
    assertThatThrownBy(() -> first.run().answer(true))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("already-answered"));
    waitsFor(both.get(1));
    both.get(1).verify(both.get(0)).run().answer(true);
    assertThat(first.run().awaitOutcome()).isEqualTo(new Outcome.Verified());
    assertThatThrownBy(() -> first.run().answer(false))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("verification-over"));
    assertThat(both.get(0).isMarked(both.get(1))).isTrue();
  }

  /// However the first frames cross, both people see one code.
  @Test
  void bothMayStartAtTheSameTime() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        List<Side> both = List.of(side(Ids.key(10 + 2 * i)), side(Ids.key(11 + 2 * i)));
        Side.connect(both.get(0), both.get(1));
        CyclicBarrier start = new CyclicBarrier(2);
        List<Future<Shown>> shown = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
          int me = n;
          shown.add(
              threads.submit(() -> {
                start.await();
                return both.get(me).verify(both.get(1 - me));
              }));
        }
        Shown one = shown.get(0).get();
        Shown other = shown.get(1).get();
        assertThat(one.digits()).as("world %d", i).isNotEmpty().isEqualTo(other.digits());
        one.run().answer(true);
        other.run().answer(true);
        assertThat(one.run().awaitOutcome()).isEqualTo(new Outcome.Verified());
        assertThat(other.run().awaitOutcome()).isEqualTo(new Outcome.Verified());
        both.forEach(Side::close);
        sides.removeAll(both);
      }
    }
  }

  /// The lower id's run goes first; the other side's is turned away before it has come.
  @Test
  void aRunThatIsTurnedAwayGoesOnWithTheOneThatComesInItsPlace() throws Exception {
    Side a = side(Ids.key(1));
    PrivateKey lower = lowerThan(a.id);
    byte[] binding = new byte[32];
    a.knows(
        "other",
        lower,
        binding,
        stream -> {
          stream.readFrame(64);
          stream.reset();
        });
    Run first = a.verifications.begin(PeerId.of(lower.publicKey()));
    Sas theirs = initiator(lower, a.key, binding);
    Pipe stream = Pipe.open(lower, a.key, binding, a.verifications);
    // Before or after the reset: the same.
    stream.writeFrame(theirs.start());
    var step = (Sas.Step.SendAndCompare) theirs.receive(stream.take(), clock.instant());
    stream.writeFrame(step.frame());
    assertThat(first.awaitCode()).isEmpty();
    Shown shown = a.verify(PeerId.of(lower.publicKey()));
    assertThat(shown.digits()).isEqualTo(step.code().digits());
    assertThat(first.successor()).contains(shown.run());
  }

  private static PrivateKey lowerThan(PeerId id) {
    for (int i = 1; i < 200; i++) {
      if (Ids.peer(i).compareTo(id) < 0) {
        return Ids.key(i);
      }
    }
    throw new AssertionError("no lower id");
  }

  private static PrivateKey higherThan(PeerId id) {
    for (int i = 1; i < 200; i++) {
      if (Ids.peer(i).compareTo(id) > 0) {
        return Ids.key(i);
      }
    }
    throw new AssertionError("no higher id");
  }

  private Sas initiator(PrivateKey from, PrivateKey to, byte[] binding) {
    return Sas.initiator(
        new PairingChannel(
            PeerId.of(from.publicKey()), to.publicKey(), Optional.empty(), "/noise", binding),
        KeyRandom.secure(),
        clock.instant());
  }

  /// What a person looks at is never exchanged for something else.
  @Test
  void aCodeThatIsShownStaysUntilItsRunEnds() throws Exception {
    List<Side> both = pair();
    Shown shown = both.get(0).verify(both.get(1));
    Pipe second =
        Pipe.open(both.get(1).key, both.get(0).key, new byte[32], both.get(0).verifications);
    second.writeFrame(initiator(both.get(1).key, both.get(0).key, new byte[32]).start());
    assertThat(second.wasReset()).isTrue();
    assertThat(both.get(0).verify(both.get(1))).isEqualTo(shown);
  }

  @Test
  void anotherNumberThanTheCommittedOneWarnsTheCalledSide() throws Exception {
    List<Side> both = pair();
    Side b = both.get(1);
    Sas attacker = initiator(both.get(0).key, b.key, new byte[32]);
    Pipe stream = Pipe.open(both.get(0).key, b.key, new byte[32], b.verifications);
    stream.writeFrame(attacker.start());
    var step = (Sas.Step.SendAndCompare) attacker.receive(stream.take(), clock.instant());
    byte[] chosen = step.frame().clone();
    chosen[20] ^= 1;
    stream.writeFrame(chosen);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(b.verifications.news())
                .singleElement()
                .asString()
                .contains("changed its number"));
    assertThat(b.isMarked(both.get(0))).isFalse();
  }

  @Test
  void aCommitmentThatDoesNotComeInTimeIsNoRunAndKeepsNobodyFromOne() throws Exception {
    List<Side> both = pair();
    Side b = both.get(1);
    Pipe silent = Pipe.open(both.get(0).key, b.key, new byte[32], b.verifications);
    Shown atA = both.get(0).verify(b);
    waitsFor(b);
    assertThat(b.verify(both.get(0)).digits()).isEqualTo(atA.digits());
    silent.expire(io.peerup.pairing.Limits.VERIFY_FRAME_TIME);
    assertThat(silent.wasReset()).isTrue();
    assertThat(atA.run().isOver()).isFalse();
  }

  @Test
  void aPeerThatBeginsAnewEndsTheRunBeforeAndNothingElse() throws Exception {
    List<Side> both = pair();
    Side b = both.get(1);
    Shown before = both.get(0).verify(b);
    Shown shown = waitAndVerify(b, both.get(0));
    Pipe second = Pipe.open(both.get(0).key, b.key, new byte[32], b.verifications);
    second.writeFrame(initiator(both.get(0).key, b.key, new byte[32]).start());
    assertThat(second.take()).hasSize(34);
    assertThat(shown.run().awaitOutcome()).isInstanceOf(Outcome.Ended.class);
    assertThat(before.run().awaitOutcome()).isInstanceOf(Outcome.Ended.class);
    assertThatThrownBy(() -> shown.run().answer(true)).isInstanceOf(Failure.class);
  }

  @Test
  void peopleWhoDoNotAnswerInTimeEndARunWithoutAWarning() throws Exception {
    List<Side> both = pair();
    Sas machine = initiator(both.get(0).key, both.get(1).key, new byte[32]);
    Pipe stream =
        Pipe.open(both.get(0).key, both.get(1).key, new byte[32], both.get(1).verifications);
    stream.writeFrame(machine.start());
    stream.writeFrame(
        ((Sas.Step.SendAndCompare) machine.receive(stream.take(), clock.instant())).frame());
    waitsFor(both.get(1));
    Shown atB = both.get(1).verify(both.get(0));
    clock.advance(Duration.ofMinutes(5));
    stream.writeFrame(machine.answer(true));
    assertThat(atB.run().awaitOutcome()).isInstanceOf(Outcome.Ended.class);
    assertThat(both.get(1).verifications.news()).isEmpty();
  }

  /// Between two people who trust the same stranger for each other, codes differ; digits read over
  /// the phone do not fit.
  @Test
  void somebodyInTheMiddleMakesTheCodesDiffer() throws Exception {
    Side alice = side(Ids.key(1));
    Side bob = side(Ids.key(2));
    Side toAlice = side(Ids.key(3));
    Side toBob = side(Ids.key(4));
    Side.connect(alice, toAlice);
    Side.connect(toBob, bob);
    Shown atAlice = alice.verify(toAlice);
    Shown atBob = bob.verify(toBob);
    waitsFor(toAlice);
    waitsFor(toBob);
    assertThat(atAlice.digits()).isNotEqualTo(atBob.digits());
    toAlice.verify(alice).run().answer(true);
    toBob.verify(bob).run().answer(true);
    atAlice.run().answer(atBob.digits());
    atBob.run().answer(atAlice.digits());
    assertThat(atAlice.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
    assertThat(atBob.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
    assertThat(alice.isMarked(toAlice) || bob.isMarked(toBob)).isFalse();
  }

  @Test
  void aPeerHasThreeRunsAnHourAndNotFourWhoeverOpensThem() throws Exception {
    List<Side> both = pair();
    Side a = both.get(0);
    Side b = both.get(1);
    for (int i = 0; i < 3; i++) {
      Shown shown = a.verify(b);
      shown.run().answer(false);
      assertThat(shown.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
    }
    assertThatThrownBy(() -> a.verify(b))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("too-many-attempts"));
    // The called side counted, too, and does not show its number a fourth time.
    Pipe fourth = Pipe.open(a.key, b.key, new byte[32], b.verifications);
    fourth.writeFrame(initiator(a.key, b.key, new byte[32]).start());
    assertThatThrownBy(fourth::take).isInstanceOf(RuntimeException.class);
    clock.advance(Duration.ofHours(1));
    assertThat(a.verify(b).digits()).isNotEmpty();
  }

  @Test
  void aPeerThatCannotBeReachedFailsWithTheWayThatNeedsNoConnection() throws Exception {
    Side a = side(Ids.key(1));
    a.keys.update(all -> all.with(AuthorizedPeer.of(Ids.peer(2), "far")));
    assertThat(a.verifications.begin(Ids.peer(2)).awaitOutcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> {
              assertThat(failed.failure().code()).isEqualTo("peer-unreachable");
              assertThat(failed.failure().hint()).contains("--full");
            });
  }

  @Test
  void aStrangerIsShownOutBeforeItIsRead() throws Exception {
    Side b = side(Ids.key(2));
    Pipe stream = Pipe.open(Ids.key(1), b.key, new byte[32], b.verifications);
    assertThat(stream.wasReset()).isTrue();
    assertThatThrownBy(() -> b.verify(Ids.peer(1)))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("cannot-verify"));
  }

  @Test
  void aConnectionWithoutABindingIsNotVerifiedLive() throws Exception {
    Side a = side(Ids.key(1));
    Side b = side(Ids.key(2));
    a.knows("b", b.key, new byte[0], b.verifications);
    b.knows("a", a.key, new byte[0], a.verifications);
    assertThat(a.verifications.begin(b.id).awaitOutcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> {
              assertThat(failed.failure().code()).isEqualTo("cannot-verify");
              assertThat(failed.failure().hint()).contains("--full");
            });
    Pipe stream = Pipe.open(a.key, b.key, new byte[0], b.verifications);
    stream.writeFrame(initiator(a.key, b.key, new byte[32]).start());
    assertThat(stream.wasReset()).isTrue();
    assertThatThrownBy(stream::take).isInstanceOf(StreamReset.class);
  }

  /// Frames of a run that both people confirmed, again: on the same connection they make another
  /// code and their yes fits nothing; on another connection not even that.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void framesOfARunThatWasConfirmedAreWorthNothingInAnother(boolean sameConnection)
      throws Exception {
    List<Side> both = pair();
    Side b = both.get(1);
    byte[] binding = new byte[32];
    Sas honest = initiator(both.get(0).key, b.key, binding);
    byte[] commit = honest.start();
    Pipe first = Pipe.open(both.get(0).key, b.key, binding, b.verifications);
    first.writeFrame(commit);
    byte[] number =
        ((Sas.Step.SendAndCompare) honest.receive(first.take(), clock.instant())).frame();
    first.writeFrame(number);
    Shown shown = waitAndVerify(b, both.get(0));
    byte[] yes = honest.answer(true);
    first.writeFrame(yes);
    shown.run().answer(true);
    assertThat(shown.run().awaitOutcome()).isEqualTo(new Outcome.Verified());
    Marks.clear(b.keys, both.get(0).id);

    byte[] other = binding.clone();
    other[0] = sameConnection ? (byte) 0 : 1;
    Pipe second = Pipe.open(both.get(0).key, b.key, other, b.verifications);
    second.writeFrame(commit);
    second.take();
    second.writeFrame(number);
    if (sameConnection) {
      Shown again = waitAndVerify(b, both.get(0));
      assertThat(again.digits()).isNotEqualTo(shown.digits());
      again.run().answer(true);
      second.writeFrame(yes);
      assertThat(again.run().awaitOutcome()).isInstanceOf(Outcome.Mismatch.class);
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(b.verifications.news()).singleElement().asString().contains("failed"));
    assertThat(b.isMarked(both.get(0))).isFalse();
  }

  private static Shown waitAndVerify(Side called, Side caller) throws InterruptedException {
    waitsFor(called);
    return called.verify(caller);
  }

  @Test
  void whoIsNoLongerAuthorisedWhenBothHaveSaidYesIsNotWrittenDown() throws Exception {
    List<Side> both = pair();
    Shown atA = both.get(0).verify(both.get(1));
    Shown atB = waitAndVerify(both.get(1), both.get(0));
    both.get(1).keys.update(all -> all.without(both.get(0).id));
    atA.run().answer(true);
    atB.run().answer(true);
    assertThat(atB.run().awaitOutcome()).isInstanceOf(Outcome.Failed.class);
    assertThat(both.get(1).keys.current().find(both.get(0).id)).isEmpty();
  }

  @Test
  void sixteenPeersMayWaitAndASeventeenthNotAndOwnRunsAreNotAmongThem() throws Exception {
    Side b = side(Ids.key(1));
    List<Pipe> streams = new ArrayList<>();
    for (int i = 2; i < 19; i++) {
      b.knows("peer" + i, Ids.key(i), new byte[32], _ -> {});
      Pipe stream = Pipe.open(Ids.key(i), b.key, new byte[32], b.verifications);
      stream.writeFrame(initiator(Ids.key(i), b.key, new byte[32]).start());
      if (i < 18) {
        stream.take();
        streams.add(stream);
      } else {
        assertThat(stream.wasReset()).isTrue();
      }
    }
    assertThat(streams).hasSize(Limits.CALLED_MAX);
    Side c = side(Ids.key(100));
    Side.connect(b, c);
    assertThat(b.verify(c).digits()).isNotEmpty();
  }

  @Test
  void sixtyFourWarningsAreKeptAndNoMore() throws Exception {
    Side b = side(Ids.key(1));
    for (int i = 2; i < 2 + Limits.MISMATCHES_MAX + 1; i++) {
      b.knows("peer" + i, Ids.key(i), new byte[32], _ -> {});
      Pipe stream = Pipe.open(Ids.key(i), b.key, new byte[32], b.verifications);
      stream.writeFrame(new byte[34]);
      assertThatThrownBy(stream::take).isInstanceOf(RuntimeException.class);
    }
    assertThat(b.verifications.news())
        .hasSize(Limits.MISMATCHES_MAX)
        .noneMatch(each -> each.contains("`peer2`"));
  }

  @Test
  void aDaemonThatGoesDownEndsItsRuns() throws Exception {
    List<Side> both = pair();
    Shown atA = both.get(0).verify(both.get(1));
    both.get(0).verifications.close();
    assertThat(atA.run().awaitOutcome()).isInstanceOf(Outcome.Failed.class);
    assertThatThrownBy(() -> both.get(0).verify(both.get(1)))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("stopping"));
  }

  @Test
  void theLowerIdGoesFirstAlsoAgainstWhoSaysOtherwise() throws Exception {
    Side a = side(Ids.key(1));
    PrivateKey higher = higherThan(a.id);
    byte[] binding = new byte[32];
    var sent = new LinkedBlockingQueue<byte[]>();
    a.knows(
        "other",
        higher,
        binding,
        stream -> {
          sent.add(stream.readFrame(64));
          stream.readFrame(64);
        });
    a.verifications.begin(PeerId.of(higher.publicKey()));
    assertThat(sent.take()).hasSize(34);
    Pipe stream = Pipe.open(higher, a.key, binding, a.verifications);
    stream.writeFrame(initiator(higher, a.key, binding).start());
    assertThat(stream.wasReset()).isTrue();
  }
}
