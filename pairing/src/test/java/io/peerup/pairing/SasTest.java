package io.peerup.pairing;

import static io.peerup.pairing.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.pairing.Sas.Code;
import io.peerup.pairing.Sas.Step;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Comparing codes: live, offline, and the kind that proves nothing.
class SasTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PrivateKey ALICE = Fixtures.identity(0x10);
  private static final PrivateKey BOB = Fixtures.identity(0x11);
  private static final PrivateKey MALLORY = Fixtures.identity(0x12);

  private final SeededRandom source = SeededRandom.of(SasTest.class);
  private final KeyRandom random = Fixtures.random(source);

  private Sas a = Sas.initiator(channel(ALICE, BOB, PairingWorld.BINDING), random, NOW);
  private Sas b = Sas.responder(channel(BOB, ALICE, PairingWorld.BINDING), random, NOW);

  @Test
  void aRunHasThePublishedValues() {
    JsonObject known = known("sas");
    PrivateKey initiator = Fixtures.identity(0x10);
    PrivateKey responder = Fixtures.identity(0x11);
    assertThat(initiator.peerId().bytes()).isEqualTo(hex(known, "peer_id_initiator"));
    assertThat(responder.peerId().bytes()).isEqualTo(hex(known, "peer_id_responder"));
    byte[] binding = hex(known, "channel_binding");
    a = Sas.initiator(channel(initiator, responder, binding), fixed(hex(known, "ra")), NOW);
    b = Sas.responder(channel(responder, initiator, binding), fixed(hex(known, "rb")), NOW);
    byte[] commit = a.start();
    assertThat(commit).isEqualTo(Crypto.concat(new byte[] {1, 1}, hex(known, "commit")));
    byte[] rb = ((Step.Send) b.receive(commit, NOW)).frame();
    assertThat(rb).isEqualTo(Crypto.concat(new byte[] {1, 2}, hex(known, "rb")));
    var shown = (Step.SendAndCompare) a.receive(rb, NOW);
    assertThat(shown.frame()).isEqualTo(Crypto.concat(new byte[] {1, 3}, hex(known, "ra")));
    assertThat(shown.code().digits().replace("-", "")).isEqualTo(known.get("digits").getAsString());
    JsonElement[] numbers =
        known.getAsJsonArray("emoji_numbers").asList().toArray(JsonElement[]::new);
    List<JsonElement> table =
        JsonParser.parseString(Vectors.text("wordlists/matrix_sas_emoji.json"))
            .getAsJsonArray()
            .asList();
    for (int i = 0; i < 4; i++) {
      JsonObject symbol = table.get(numbers[i].getAsInt()).getAsJsonObject();
      assertThat(shown.code().symbols().get(i))
          .isEqualTo(
              new QuickCode.Symbol(
                  symbol.get("emoji").getAsString(), symbol.get("description").getAsString()));
    }
    assertThat(b.receive(shown.frame(), NOW)).isEqualTo(new Step.Compare(shown.code()));
  }

  @Test
  void bothSidesSeeTheSameAndBothMustSayYes() {
    Code code = upToCompare();
    assertThat(code.matches(code.digits().replace("-", ""))).isTrue();
    assertThat(code.matches("000-0000")).isFalse();
    byte[] yesOfA = a.answer(true);
    assertThat(a.outcome()).isEqualTo(new Step.Wait());
    assertThat(b.receive(yesOfA, NOW)).isEqualTo(new Step.Wait());
    byte[] yesOfB = b.answer(true);
    assertThat(b.outcome()).isEqualTo(new Step.Verified());
    assertThat(a.receive(yesOfB, NOW)).isEqualTo(new Step.Verified());
  }

  @Test
  void oneNoWarnsBothEvenAfterTheOthersYes() {
    upToCompare();
    byte[] yes = a.answer(true);
    b.receive(yes, NOW);
    byte[] no = b.answer(false);
    assertThat(b.outcome()).isInstanceOf(Step.Mismatch.class);
    assertThat(a.receive(no, NOW))
        .isInstanceOfSatisfying(
            Step.Mismatch.class, m -> assertThat(m.reason()).contains("not the same"));
    assertThat(a.outcome()).isInstanceOf(Step.Mismatch.class);
    // A yes that comes later changes nothing.
    assertThat(b.receive(yes, NOW)).isInstanceOf(Step.Mismatch.class);
  }

  @Test
  void anAnswerCannotBeGivenTwiceOrTooEarly() {
    assertThatIllegalStateException().isThrownBy(() -> a.answer(true));
    upToCompare();
    a.answer(true);
    assertThatIllegalStateException().isThrownBy(() -> a.answer(true));
    assertThatIllegalStateException().isThrownBy(a::start);
  }

  @Test
  void ownAnswerSentBackIsNoAnswer() {
    upToCompare();
    byte[] yes = a.answer(true);
    assertThat(a.receive(yes, NOW)).isInstanceOf(Step.Mismatch.class);
  }

  @Test
  void aManInTheMiddleMakesTheCodesDifferAndCannotPassAYesOn() {
    int equal = 0;
    for (int i = 0; i < 300; i++) {
      Sas alice = Sas.initiator(channel(ALICE, MALLORY, source.bytes(32)), random, NOW);
      Sas bob = Sas.responder(channel(BOB, MALLORY, source.bytes(32)), random, NOW);
      byte[] toMallory = alice.start();
      // Towards Bob it must commit before it has seen anything of his; it passes on what it gets.
      byte[] rb = ((Step.Send) bob.receive(toMallory, NOW)).frame();
      var seenByAlice = (Step.SendAndCompare) alice.receive(rb, NOW);
      // Alice's commitment was made for her connection, so Bob notices at once…
      assertThat(bob.receive(seenByAlice.frame(), NOW)).isInstanceOf(Step.Mismatch.class);
      // …and with runs of its own on both sides the codes differ.
      Sas toBob = Sas.initiator(channel(MALLORY, BOB, PairingWorld.BINDING), random, NOW);
      Sas bob2 = Sas.responder(channel(BOB, MALLORY, PairingWorld.BINDING), random, NOW);
      byte[] rb2 = ((Step.Send) bob2.receive(toBob.start(), NOW)).frame();
      var mine = (Step.SendAndCompare) toBob.receive(rb2, NOW);
      assertThat(bob2.receive(mine.frame(), NOW)).isEqualTo(new Step.Compare(mine.code()));
      equal += mine.code().equals(seenByAlice.code()) ? 1 : 0;
    }
    assertThat(equal).isZero();
  }

  @Test
  void aNumberThatDoesNotFitItsCommitmentIsRefusedWithAWarning() {
    byte[] rb = ((Step.Send) b.receive(a.start(), NOW)).frame();
    byte[] ra = ((Step.SendAndCompare) a.receive(rb, NOW)).frame();
    // Whoever has seen rb would like to choose ra now.
    byte[] chosen = ra.clone();
    chosen[5] ^= 1;
    assertThat(b.receive(chosen, NOW))
        .isInstanceOfSatisfying(
            Step.Mismatch.class, m -> assertThat(m.reason()).contains("changed its number"));
    assertThatIllegalStateException().isThrownBy(() -> b.answer(true));
  }

  @Test
  void theNumberIsNotShownBeforeTheCommitmentAndFramesOutOfOrderWarn() {
    // A number instead of a commitment, as first frame.
    assertThat(b.receive(Crypto.concat(new byte[] {1, 3}, source.bytes(32)), NOW))
        .isInstanceOf(Step.Mismatch.class);
    a.start();
    assertThat(a.receive(Crypto.concat(new byte[] {1, 3}, source.bytes(32)), NOW))
        .isInstanceOf(Step.Mismatch.class);
    for (byte[] wrong : new byte[][] {{}, {1}, {1, 1}, new byte[33], new byte[35]}) {
      Sas fresh = Sas.responder(channel(BOB, ALICE, PairingWorld.BINDING), random, NOW);
      assertThat(fresh.receive(wrong, NOW)).isInstanceOf(Step.Mismatch.class);
    }
  }

  @Test
  void everyFlippedByteOfAVerificationIsNoticed() {
    for (int number = 1; number <= 5; number++) {
      for (int at = 0; at < 34; at++) {
        a = Sas.initiator(channel(ALICE, BOB, PairingWorld.BINDING), random, NOW);
        b = Sas.responder(channel(BOB, ALICE, PairingWorld.BINDING), random, NOW);
        assertThat(verifiedWithFlip(number, at)).as("byte %d of frame %d", at, number).isFalse();
      }
    }
    a = Sas.initiator(channel(ALICE, BOB, PairingWorld.BINDING), random, NOW);
    b = Sas.responder(channel(BOB, ALICE, PairingWorld.BINDING), random, NOW);
    assertThat(verifiedWithFlip(0, 0)).as("control").isTrue();
  }

  /// Both people say yes exactly if they see the same code.
  private boolean verifiedWithFlip(int number, int at) {
    byte[] m1 = flip(a.start(), number == 1, at);
    if (!(b.receive(m1, NOW) instanceof Step.Send m2)
        || !(a.receive(flip(m2.frame(), number == 2, at), NOW) instanceof Step.SendAndCompare m3)
        || !(b.receive(flip(m3.frame(), number == 3, at), NOW) instanceof Step.Compare shown)) {
      return false;
    }
    if (!shown.code().equals(m3.code())) {
      return false;
    }
    byte[] yesA = flip(a.answer(true), number == 4, at);
    byte[] yesB = flip(b.answer(true), number == 5, at);
    Step atB = b.receive(yesA, NOW);
    Step atA = a.receive(yesB, NOW);
    return atA.equals(new Step.Verified()) && atB.equals(new Step.Verified());
  }

  private byte[] flip(byte[] frame, boolean now, int at) {
    byte[] out = frame.clone();
    if (now) {
      out[at] ^= (byte) (1 << source.nextInt(8));
    }
    return out;
  }

  /// Changing anything that goes in changes what comes out, and it is spread evenly.
  @Test
  void codesAreSpreadEvenly() {
    int[] symbols = new int[64];
    int[] digits = new int[10];
    int runs = 4_000;
    for (int i = 0; i < runs; i++) {
      Sas x = Sas.initiator(channel(ALICE, BOB, PairingWorld.BINDING), random, NOW);
      Sas y = Sas.responder(channel(BOB, ALICE, PairingWorld.BINDING), random, NOW);
      byte[] rb = ((Step.Send) y.receive(x.start(), NOW)).frame();
      Code code = ((Step.SendAndCompare) x.receive(rb, NOW)).code();
      code.symbols().forEach(s -> symbols[numberOf(s)]++);
      code.digits().replace("-", "").chars().forEach(c -> digits[c - '0']++);
    }
    // Chi-squared far above these happens once in 10^6 for a fair source.
    assertThat(chiSquared(symbols, runs * 4 / 64.0)).isLessThan(130);
    assertThat(chiSquared(digits, runs * 6 / 10.0)).isLessThan(45);
  }

  private static int numberOf(QuickCode.Symbol symbol) {
    for (int i = 0; i < 64; i++) {
      if (ShortCode.symbols((long) i << 58).getFirst().equals(symbol)) {
        return i;
      }
    }
    throw new AssertionError();
  }

  private static double chiSquared(int[] counts, double expected) {
    return Arrays.stream(counts).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
  }

  @Test
  void aConnectionWithoutBindingIsNotVerifiedLive() {
    assertThatThrownBy(() -> Sas.initiator(channel(ALICE, BOB, new byte[0]), random, NOW))
        .isInstanceOf(Refused.class);
    assertThatThrownBy(() -> Sas.responder(channel(ALICE, BOB, new byte[0]), random, NOW))
        .isInstanceOf(Refused.class);
  }

  @Test
  void aVerificationEndsAtItsDeadlinesAndNotBefore() {
    byte[] m1 = a.start();
    Instant limit = NOW.plus(Limits.VERIFY_FRAME_TIME);
    assertThat(b.deadline()).isEqualTo(limit);
    assertThat(b.receive(m1, limit.minusNanos(1))).isInstanceOf(Step.Send.class);
    assertThat(a.receive(m1, limit)).isEqualTo(new Step.Ended());
    a = Sas.initiator(channel(ALICE, BOB, PairingWorld.BINDING), random, NOW);
    b = Sas.responder(channel(BOB, ALICE, PairingWorld.BINDING), random, NOW);
    upToCompare();
    byte[] yes = a.answer(true);
    Instant end = NOW.plus(Limits.COMPARE_TIME);
    assertThat(b.deadline()).isEqualTo(end);
    assertThat(b.receive(yes, end)).isEqualTo(new Step.Ended());
    assertThat(b.receive(yes, NOW)).isEqualTo(new Step.Ended());
  }

  @Test
  void theSafetyNumberIsThePublishedOneAndItsPictureFitsThePairOnly() {
    JsonObject known = known("safety_number");
    PeerId one = PeerId.fromBytes(hex(known, "peer_id_1"));
    PeerId other = PeerId.fromBytes(hex(known, "peer_id_2"));
    SafetyNumber number = SafetyNumber.of(one, other);
    assertThat(number.digits()).isEqualTo(known.get("shown").getAsString());
    assertThat(number).isEqualTo(SafetyNumber.of(other, one));
    assertThat(number.groups()).hasSize(12).allMatch(g -> g.length() == 5);
    assertThat(String.join("", number.groups())).isEqualTo(number.digits());
    assertThat(number.matchesScan(" <" + number.scan() + "> ")).isTrue();
    assertThat(number.matchesScan(SafetyNumber.of(one, MALLORY.peerId()).scan())).isFalse();
    assertThatThrownBy(() -> number.matchesScan("peerup:join#AAAA"))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> number.matchesScan("peerup:verify#AAAA"))
        .isInstanceOf(MalformedInput.class);
  }

  /// The file holds identities that were searched so that a code over two ids, computed once, looks
  /// the same on both screens although somebody sits in between.
  @Test
  void thePairsThatCollideInACodeOverTwoIdsCollideInNothingThatVerifies() {
    JsonObject file = Vectors.json("pairing/static_sas_collision.json");
    PeerId alice = PeerId.fromBytes(hex(file, "a"));
    PeerId bob = PeerId.fromBytes(hex(file, "b"));
    PeerId m1 = PeerId.fromBytes(hex(file, "m1"));
    PeerId m2 = PeerId.fromBytes(hex(file, "m2"));
    assertThat(staticCode(alice, m1)).as("control: it does collide").isEqualTo(staticCode(m2, bob));
    assertThat(SafetyNumber.of(alice, m1).digits()).isNotEqualTo(SafetyNumber.of(m2, bob).digits());
    SafetyNumber seenByAlice = SafetyNumber.of(alice, m1);
    assertThat(seenByAlice.matchesScan(SafetyNumber.of(m2, bob).scan())).isFalse();
    // No type of the live code can be made from two ids.
    assertThat(QuickCode.class.getDeclaredMethods())
        .noneMatch(m -> m.getReturnType().equals(Code.class));
  }

  /// The code of the earlier design: four bytes and six digits of one hash over both ids.
  private static List<Integer> staticCode(PeerId one, PeerId other) {
    PeerId low = one.compareTo(other) <= 0 ? one : other;
    PeerId high = low.equals(one) ? other : one;
    byte[] hash = Crypto.sha256("", low.bytes(), high.bytes());
    int digits = (hash[8] & 0xff) << 16 | (hash[9] & 0xff) << 8 | (hash[10] & 0xff);
    return List.of(
        hash[0] & 0xff, hash[2] & 0xff, hash[4] & 0xff, hash[6] & 0xff, digits % 1_000_000);
  }

  private Code upToCompare() {
    byte[] rb = ((Step.Send) b.receive(a.start(), NOW)).frame();
    var shown = (Step.SendAndCompare) a.receive(rb, NOW);
    assertThat(b.receive(shown.frame(), NOW)).isEqualTo(new Step.Compare(shown.code()));
    return shown.code();
  }

  private static PairingChannel channel(PrivateKey self, PrivateKey remote, byte[] binding) {
    return new PairingChannel(
        self.peerId(), remote.publicKey(), Optional.empty(), "/noise", binding);
  }

  private static KeyRandom fixed(byte[] bytes) {
    return target -> System.arraycopy(bytes, 0, target, 0, target.length);
  }

  private static JsonObject known(String part) {
    return Vectors.json("pairing/pairing_known_answers.json").getAsJsonObject(part);
  }
}
