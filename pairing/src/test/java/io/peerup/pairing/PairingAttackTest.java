package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.pairing.InviteSummary.State;
import io.peerup.pairing.PairingResponder.Cause;
import io.peerup.pairing.PairingWorld.Run;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whoever sits between two devices that pair, or poses as one of them.
class PairingAttackTest {

  private static final int M3_BYTES = 1218;
  private static final int M4_BYTES = 1122;

  private final SeededRandom random = SeededRandom.of(PairingAttackTest.class);

  @Test
  void noFlippedByteOfTheFirstFourFramesPairsOrLeavesTheUniformPath() {
    int cases = 0;
    for (int number = 1; number <= 4; number++) {
      int length = recorded(fresh()).get(number - 1).length;
      for (int at = 0; at < length; at++) {
        PairingWorld world = fresh();
        Run run = flipped(world, number, at);
        String what = "byte %d of m%d".formatted(at, number);
        assertThat(run.inviterPaired()).as(what).isFalse();
        assertThat(run.joinerPaired()).as(what).isFalse();
        assertThat(run.lastOfA).as(what).isEqualTo(new PairingInitiator.Step.Failed());
        assertThat(fail(run).closeAt()).as(what).isEqualTo(world.now().plus(Limits.FAILURE_DELAY));
        assertThat(world.table.unentered()).as(what).isEmpty();
        cases++;
      }
    }
    assertThat(cases).isGreaterThan(2_400);
  }

  @Test
  void noFlippedByteOfTheJoinersProofPairs() {
    int length = recorded(fresh()).get(4).length;
    for (int at = 0; at < length; at++) {
      PairingWorld world = fresh();
      Run run = flipped(world, 5, at);
      assertThat(run.inviterPaired()).as("byte %d of m5", at).isFalse();
      assertThat(run.joinerPaired()).as("byte %d of m5", at).isFalse();
      assertThat(world.invite().failures()).as("byte %d of m5", at).isEqualTo(1);
    }
  }

  @Test
  void noFlippedByteOfTheInvitersProofOrTheAcknowledgementIsTaken() {
    List<byte[]> honest = recorded(fresh());
    for (int at = 0; at < honest.get(5).length; at++) {
      Run run = flipped(fresh(), 6, at);
      assertThat(run.inviterPaired()).isTrue();
      assertThat(run.joinerPaired()).as("byte %d of m6", at).isFalse();
    }
    for (int at = 0; at < honest.get(6).length; at++) {
      Run run = flipped(fresh(), 7, at);
      assertThat(run.acknowledged()).as("byte %d of m7", at).isFalse();
    }
  }

  @Test
  void framesThatAreCutLengthenedOrEmptyFail() {
    for (int number = 1; number <= 7; number++) {
      for (int change : new int[] {-1, 1, Integer.MIN_VALUE}) {
        int which = number;
        Run run =
            honest(fresh())
                .finish(
                    fresh(),
                    (n, frame) ->
                        n != which
                            ? frame
                            : Arrays.copyOf(frame, Math.max(0, frame.length + change)));
        assertThat(run.acknowledged()).as("m%d, %d", number, change).isFalse();
        assertThat(run.inviterPaired()).isEqualTo(number > 5);
      }
    }
  }

  @Test
  void droppedDoubledAndSwappedFramesFail() {
    for (int first = 1; first <= 7; first++) {
      for (int other = 1; other <= 7; other++) {
        if (first == other) {
          continue;
        }
        // Frame `other` comes where frame `first` should.
        PairingWorld world = fresh();
        List<byte[]> seen = new ArrayList<>(recorded(fresh()));
        int place = first;
        int instead = other;
        Run run =
            honest(world)
                .finish(
                    world,
                    (n, frame) -> {
                      seen.set(n - 1, frame);
                      return n == place ? seen.get(instead - 1) : frame;
                    });
        assertThat(run.acknowledged()).as("m%d in place of m%d", other, first).isFalse();
        assertThat(run.inviterPaired()).isEqualTo(first > 5);
      }
    }
  }

  @Test
  void noFrameOfARecordedRunCanBeReplayedIntoAnother() {
    for (int number = 1; number <= 7; number++) {
      PairingWorld world = fresh();
      List<byte[]> old = recordedIn(world, PairingWorld.JOINER);
      int which = number;
      Run run = honest(world).finish(world, (n, frame) -> n == which ? old.get(n - 1) : frame);
      // The invite is this peer's by now, so only the frames decide.
      assertThat(run.acknowledged()).as("m%d of another run", number).isFalse();
    }
  }

  @Test
  void noPrefixAndNoMixtureOfTwoRunsPairs() {
    for (int mask = 1; mask < 127; mask++) {
      PairingWorld world = fresh();
      List<byte[]> old = recordedIn(world, PairingWorld.JOINER);
      int taken = mask;
      Run run =
          honest(world)
              .finish(world, (n, frame) -> (taken >> (n - 1) & 1) == 1 ? old.get(n - 1) : frame);
      assertThat(run.acknowledged()).as("frames %s", Integer.toBinaryString(mask)).isFalse();
    }
  }

  @Test
  void framesSentBackToTheirSenderFail() {
    PairingWorld world = fresh();
    PairingInitiator a = world.joiner(world.secret, PairingWorld.JOINER);
    byte[] m1 = a.start(world.now());
    assertThat(a.receive(m1, world.now())).isEqualTo(new PairingInitiator.Step.Failed());

    // With the type put right, and our own id in it.
    PairingInitiator b = world.joiner(world.secret, PairingWorld.JOINER);
    b.start(world.now());
    byte[] mirrored = new PakeMessages.HelloB(new byte[32], PairingWorld.JOINER.peerId()).encoded();
    assertThat(b.receive(mirrored, world.now())).isEqualTo(new PairingInitiator.Step.Failed());

    PairingResponder c = world.inviter(PairingWorld.JOINER);
    byte[] m2 =
        send(
            c.receive(
                world.joiner(world.secret, PairingWorld.JOINER).start(world.now()), world.now()));
    assertThat(c.receive(m2, world.now())).isInstanceOf(PairingResponder.Step.Fail.class);
  }

  @Test
  void ourOwnShareAndOurOwnIdentityAreRefused() {
    PairingWorld world = fresh();
    Run run =
        honest(world)
            .finish(
                world,
                (n, frame) -> {
                  if (n == 3) {
                    System.arraycopy(frame, 2, ownShare, 0, 32);
                  }
                  if (n == 4) {
                    byte[] echoed = frame.clone();
                    System.arraycopy(ownShare, 0, echoed, 2, 32);
                    return echoed;
                  }
                  return frame;
                });
    assertThat(run.lastOfA).isEqualTo(new PairingInitiator.Step.Failed());
    assertThat(run.attempts).as("no guess was given away").isZero();

    // An inviter that is called by somebody with its own identity.
    PairingResponder b =
        world.inviter(PairingWorld.channel(PairingWorld.INVITER, PairingWorld.INVITER));
    byte[] m1 =
        new PakeMessages.HelloA(
                2, PairingWorld.SELECTOR, new byte[32], PairingWorld.INVITER.peerId())
            .encoded();
    assertThat(b.receive(m1, world.now())).isInstanceOf(PairingResponder.Step.Fail.class);
  }

  private final byte[] ownShare = new byte[32];

  @Test
  void sharesOfLowOrderEndARunOnBothSidesAndOthersGainNothing() {
    for (JsonElement each : Vectors.json("cpace/x25519_low_order.json").getAsJsonArray("points")) {
      JsonObject point = each.getAsJsonObject();
      byte[] share = Fixtures.hex(point, "u");
      boolean refused = point.get("abort").getAsBoolean();

      PairingWorld world = fresh();
      Run toB = honest(world).finish(world, (n, frame) -> n == 3 ? withShare(frame, share) : frame);
      assertThat(fail(toB).cause()).isEqualTo(refused ? Cause.BAD_SHARE : Cause.WRONG_CODE);
      assertThat(toB.joinerPaired()).isFalse();

      PairingWorld other = fresh();
      Run toA = honest(other).finish(other, (n, frame) -> n == 4 ? withShare(frame, share) : frame);
      assertThat(toA.attempts).isEqualTo(refused ? 0 : 1);
      assertThat(toA.inviterPaired()).isFalse();
      assertThat(toA.joinerPaired()).isFalse();
    }
  }

  @Test
  void malformedKeysOfMlKemAreRefusedAndWellFormedOnesTaken() {
    int refused = 0;
    int taken = 0;
    for (JsonElement each :
        Vectors.json("wycheproof/mlkem_768_encaps_subset.json").getAsJsonArray("tests")) {
      JsonObject test = each.getAsJsonObject();
      byte[] key = Fixtures.hex(test, "ek");
      boolean valid = test.get("result").getAsString().equals("valid");
      assertThat(new JdkMlKem768().encapsulate(key).isPresent()).isEqualTo(valid);
      if (valid) {
        MlKem768.Encapsulated made =
            new BcMlKem768(target ->
                System.arraycopy(Fixtures.hex(test, "m"), 0, target, 0, target.length))
                .encapsulate(key)
                .orElseThrow();
        assertThat(made.ciphertext()).isEqualTo(Fixtures.hex(test, "c"));
        assertThat(made.secret()).isEqualTo(Fixtures.hex(test, "K"));
      }
      PairingWorld world = fresh();
      PairingResponder b = world.inviter(PairingWorld.JOINER);
      PairingInitiator a = world.joiner(world.secret, PairingWorld.JOINER);
      b.receive(a.start(world.now()), world.now());
      byte[] m3 = Fixtures.concat(Fixtures.concat(new byte[] {1, 3}, random.bytes(32)), key);
      PairingResponder.Step step = b.receive(m3, world.now());
      if (valid) {
        taken++;
        assertThat(send(step)).hasSize(M4_BYTES);
      } else {
        refused++;
        assertThat(((PairingResponder.Step.Fail) step).cause())
            .isEqualTo(m3.length == M3_BYTES ? Cause.BAD_SHARE : Cause.MALFORMED);
        assertThat(world.invite().state()).as("not held").isEqualTo(State.OPEN);
      }
    }
    assertThat(refused).isEqualTo(15);
    assertThat(taken).isEqualTo(2);
  }

  /// One row for each thing that both sides must see alike.
  @Test
  void whateverTheChannelShowsOneSideOnlyIsNoticed() {
    PairingChannel real = PairingWorld.channel(PairingWorld.INVITER, PairingWorld.JOINER);
    List<PairingChannel> others =
        List.of(
            new PairingChannel(
                real.self(), real.remoteKey(), Optional.empty(), "/noise", real.binding()),
            new PairingChannel(
                real.self(),
                real.remoteKey(),
                Optional.of(Fixtures.peer(78)),
                "/noise",
                real.binding()),
            new PairingChannel(
                real.self(), real.remoteKey(), real.relay(), "/tls/1.0.0", real.binding()),
            new PairingChannel(
                real.self(), real.remoteKey(), real.relay(), "/noise", random.bytes(32)),
            new PairingChannel(real.self(), real.remoteKey(), real.relay(), "/noise", new byte[0]),
            new PairingChannel(
                real.self(),
                PairingWorld.STRANGER.publicKey(),
                real.relay(),
                "/noise",
                real.binding()),
            new PairingChannel(
                PairingWorld.STRANGER.peerId(),
                real.remoteKey(),
                real.relay(),
                "/noise",
                real.binding()));
    for (PairingChannel seenByInviter : others) {
      PairingWorld world = fresh();
      Run run =
          new Run(world.joiner(world.secret, PairingWorld.JOINER), world.inviter(seenByInviter))
              .finish(world);
      assertThat(run.inviterPaired()).as(seenByInviter.toString()).isFalse();
      assertThat(run.joinerPaired()).as(seenByInviter.toString()).isFalse();
    }
    // And the positive control.
    PairingWorld world = fresh();
    assertThat(
            new Run(world.joiner(world.secret, PairingWorld.JOINER), world.inviter(real))
                .finish(world)
                .acknowledged())
        .isTrue();
  }

  @Test
  void aRelayInTheMiddleWithoutTheCodeGetsOneGuessOnEachSideAndNobodyPaired() {
    PairingWorld world = fresh();
    PrivateKey mallory = PairingWorld.STRANGER;
    // It answers the joiner in the inviter's place, with a guess of its own…
    PairingWorld trap = fresh();
    PairingInitiator a =
        world.joiner(
            world.secret, PairingWorld.JOINER, PairingWorld.channel(PairingWorld.JOINER, mallory));
    PairingResponder fake =
        new PairingResponder(
            trap.table,
            PairingWorld.channel(mallory, PairingWorld.JOINER),
            mallory,
            PairingWorld.card("home"),
            world.random,
            world.now());
    Run toA = new Run(a, fake).finish(world);
    assertThat(toA.joinerPaired()).isFalse();
    assertThat(toA.attempts).isEqualTo(1);
    // …and calls the inviter in the joiner's place.
    Run toB = world.run(world.wrong, mallory);
    assertThat(toB.inviterPaired()).isFalse();
    assertThat(world.invite().failures()).isEqualTo(1);
    assertThat(world.table.unentered()).isEmpty();
  }

  @Test
  void aRelayInTheMiddleWithTheCodeCannotPassForTheRealPeers() {
    PairingWorld world = fresh();
    PrivateKey mallory = PairingWorld.STRANGER;
    // The joiner asked for the inviter's id and sees who is really there.
    PairingInitiator a =
        world.joiner(
            world.secret, PairingWorld.JOINER, PairingWorld.channel(PairingWorld.JOINER, mallory));
    a.start(world.now());
    byte[] m2 = new PakeMessages.HelloB(new byte[32], PairingWorld.INVITER.peerId()).encoded();
    assertThat(a.receive(m2, world.now())).isEqualTo(new PairingInitiator.Step.Failed());
    // The inviter likewise.
    PairingResponder b = world.inviter(mallory);
    byte[] m1 =
        new PakeMessages.HelloA(
                2, PairingWorld.SELECTOR, new byte[32], PairingWorld.JOINER.peerId())
            .encoded();
    assertThat(b.receive(m1, world.now())).isInstanceOf(PairingResponder.Step.Fail.class);
    // A joiner that has the code and an id, but not the id's key.
    PairingChannel lie = PairingWorld.channel(PairingWorld.JOINER, PairingWorld.INVITER);
    Run forged =
        new Run(
                new PairingInitiator(
                    world.secret, lie, mallory, PairingWorld.card("laptop"), world.random),
                world.inviter(PairingWorld.JOINER))
            .finish(world);
    assertThat(forged.inviterPaired()).isFalse();
    assertThat(fail(forged).cause()).isEqualTo(Cause.WRONG_CODE);
  }

  @Test
  void unknownExpiredBurnedUsedAndWrongLookTheSame() {
    List<Consumer<PairingWorld>> states =
        List.of(
            world -> world.table.revoke(world.invite().id()),
            world -> world.clock.advance(Duration.ofMinutes(10)),
            world -> {
              for (int i = 0; i < Limits.FAILURES_MAX; i++) {
                world.run(world.wrong, PairingWorld.STRANGER);
              }
            },
            world -> world.run(world.secret, PairingWorld.STRANGER),
            world -> {});
    for (Consumer<PairingWorld> state : states) {
      PairingWorld world = fresh();
      state.accept(world);
      List<Integer> lengths = new ArrayList<>();
      Run run =
          new Run(
                  world.joiner(world.wrong, PairingWorld.JOINER),
                  world.inviter(PairingWorld.JOINER))
              .finish(
                  world,
                  (n, frame) -> {
                    lengths.add(frame.length);
                    return frame;
                  });
      // m1, m2, m3, m4, m5 and then nothing, at the same time after the first.
      assertThat(lengths).containsExactly(82, 73, M3_BYTES, M4_BYTES, lengths.get(4));
      assertThat(fail(run).closeAt()).isEqualTo(world.now().plus(Limits.FAILURE_DELAY));
      assertThat(run.attempts).isEqualTo(1);
    }
  }

  @Test
  void theEndOfAFailedRunDependsOnItsBeginningAlone() {
    PairingWorld world = fresh();
    PairingResponder early = world.inviter(PairingWorld.JOINER);
    var began = world.now();
    early.receive(world.joiner(world.secret, PairingWorld.JOINER).start(began), began);
    world.clock.advance(Duration.ofMillis(700));
    assertThat(((PairingResponder.Step.Fail) early.receive(new byte[1], world.now())).closeAt())
        .isEqualTo(began.plus(Limits.FAILURE_DELAY));
    PairingResponder late = world.inviter(PairingWorld.JOINER);
    late.receive(world.joiner(world.secret, PairingWorld.JOINER).start(world.now()), world.now());
    world.clock.advance(Duration.ofSeconds(4));
    assertThat(((PairingResponder.Step.Fail) late.receive(new byte[1], world.now())).closeAt())
        .isEqualTo(world.now());
  }

  @Test
  void nothingButFailuresComesOfAnyBytes() {
    PairingWorld world = fresh();
    List<byte[]> honest = recorded(world);
    for (int place = 1; place <= 7; place++) {
      int which = place;
      Fixtures.fuzz(
          noise -> {
            PairingWorld other = fresh();
            Run run = honest(other).finish(other, (n, frame) -> n == which ? noise : frame);
            assertThat(run.acknowledged() && !Arrays.equals(noise, honest.get(which - 1)))
                .isFalse();
          },
          random,
          100,
          honest.get(place - 1));
    }
  }

  @Test
  void nothingShowsASecret() {
    PairingWorld world = fresh();
    String secret = HexFormat.of().formatHex(world.secret.prs());
    assertThat(
            Stream.of(
                    world.secret,
                    world.table,
                    world.joiner(world.secret, PairingWorld.JOINER),
                    world.inviter(PairingWorld.JOINER),
                    world.invite(),
                    new JdkMlKem768().generate())
                .map(Objects::toString))
        .noneMatch(text -> text.contains(secret) || text.contains("prs"));
    world.secret.destroy();
    assertThat(world.secret.prs()).containsOnly(0);
  }

  private PairingWorld fresh() {
    return new PairingWorld(random);
  }

  private static Run honest(PairingWorld world) {
    return new Run(
        world.joiner(world.secret, PairingWorld.JOINER), world.inviter(PairingWorld.JOINER));
  }

  /// The frames of an honest run.
  private static List<byte[]> recorded(PairingWorld world) {
    return recordedIn(world, PairingWorld.JOINER);
  }

  private static List<byte[]> recordedIn(PairingWorld world, PrivateKey joiner) {
    List<byte[]> frames = new ArrayList<>();
    Run run =
        new Run(world.joiner(world.secret, joiner), world.inviter(joiner))
            .finish(
                world,
                (n, frame) -> {
                  frames.add(frame);
                  return frame;
                });
    assertThat(run.acknowledged()).isTrue();
    assertThat(frames).hasSize(7);
    return frames;
  }

  private Run flipped(PairingWorld world, int number, int at) {
    int flip = 1 << random.nextInt(8);
    return honest(world)
        .finish(
            world,
            (n, frame) -> {
              if (n != number) {
                return frame;
              }
              byte[] changed = frame.clone();
              changed[at] ^= (byte) flip;
              return changed;
            });
  }

  private static byte[] withShare(byte[] frame, byte[] share) {
    byte[] changed = frame.clone();
    System.arraycopy(share, 0, changed, 2, 32);
    return changed;
  }

  private static byte[] send(PairingResponder.Step step) {
    return ((PairingResponder.Step.Send) step).frame();
  }

  private static PairingResponder.Step.Fail fail(Run run) {
    return (PairingResponder.Step.Fail) Objects.requireNonNull(run.lastOfB);
  }
}
