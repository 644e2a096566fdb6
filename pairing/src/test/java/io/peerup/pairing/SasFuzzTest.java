package io.peerup.pairing;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.pairing.Sas.Step;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The frames of a live verification as the other side may send them, and pictures to scan.
class SasFuzzTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PrivateKey A = Fixtures.identity(0x10);
  private static final PrivateKey B = Fixtures.identity(0x11);
  private static final int FRAMES_MAX = 6;
  private static final PairingChannel OF_A = PairingWorld.channel(A, B);
  private static final PairingChannel OF_B = PairingWorld.channel(B, A);

  // How our person answers.
  private static final int YES = 0;
  private static final int NO = 1;
  private static final int SILENT = 2;

  /// What B hears from an honest A, and A from an honest B.
  private static final byte[][] TO_B;

  private static final byte[][] TO_A;

  static {
    Sas a = initiator();
    Sas b = responder();
    byte[] commit = a.start();
    byte[] numberOfB = ((Step.Send) b.receive(commit, NOW)).frame();
    byte[] numberOfA = ((Step.SendAndCompare) a.receive(numberOfB, NOW)).frame();
    b.receive(numberOfA, NOW);
    TO_B = new byte[][] {commit, numberOfA, a.answer(true)};
    TO_A = new byte[][] {numberOfB, b.answer(true)};
  }

  private static Sas initiator() {
    SeededRandom chance = SeededRandom.fixed(1);
    return Sas.initiator(OF_A, chance::nextBytes, NOW);
  }

  private static Sas responder() {
    SeededRandom chance = SeededRandom.fixed(2);
    return Sas.responder(OF_B, chance::nextBytes, NOW);
  }

  /// Only what an honest side says, and our own person's yes, verify.
  @MethodSource("runsOfA")
  @FuzzTest
  void calling(byte[] input) {
    Sas sas = initiator();
    sas.start();
    run(sas, input, TO_A);
  }

  @MethodSource("runsOfB")
  @FuzzTest
  void called(byte[] input) {
    run(responder(), input, TO_B);
  }

  private static void run(Sas sas, byte[] input, byte[][] honest) {
    int answer = input.length == 0 ? SILENT : input[0] & 3;
    ByteReader in = new ByteReader(input);
    if (in.hasRemaining()) {
      in.u8();
    }
    boolean allHonest = true;
    int heard = 0;
    Step step = new Step.Wait();
    for (; heard < FRAMES_MAX && in.hasRemaining(); heard++) {
      byte[] frame = in.bytes(Math.min(in.u8(), in.remaining()));
      allHonest &= heard >= honest.length || Arrays.equals(frame, honest[heard]);
      byte[] given = frame.clone();
      Step next = sas.receive(given, NOW);
      same(given, frame);
      if (ended(step)) {
        same(next, step);
      }
      step = next;
      if (step instanceof Step.Compare || step instanceof Step.SendAndCompare) {
        step = answered(sas, answer, step);
      }
    }
    same(step instanceof Step.Verified, allHonest && heard >= honest.length && answer == YES);
    check(ended(sas.timeOut()), "when the time is up it is over");
  }

  private static Step answered(Sas sas, int answer, Step step) {
    if (answer != YES && answer != NO) {
      return step;
    }
    sas.answer(answer == YES);
    return sas.outcome();
  }

  private static boolean ended(Step step) {
    return step instanceof Step.Verified
        || step instanceof Step.Mismatch
        || step instanceof Step.Ended;
  }

  static Stream<byte[]> runsOfA() {
    return runs(TO_A, TO_B);
  }

  static Stream<byte[]> runsOfB() {
    return runs(TO_B, TO_A);
  }

  private static Stream<byte[]> runs(byte[][] honest, byte[][] reflected) {
    byte[][] known =
        Vectors.seeds("pairing/pairing_known_answers.json", "commit", "ra", "rb")
            .map(payload -> Crypto.concat(new byte[] {1, 1}, payload))
            .toArray(byte[][]::new);
    return Stream.of(
        frames(YES, honest),
        frames(NO, honest),
        frames(SILENT, honest),
        frames(YES, reflected),
        frames(YES, Arrays.copyOf(honest, honest.length - 1)),
        frames(YES, known));
  }

  private static byte[] frames(int answer, byte[][] frames) {
    ByteWriter out = new ByteWriter().u8(answer);
    for (byte[] frame : frames) {
      out.u8(frame.length).bytes(frame);
    }
    return out.toByteArray();
  }

  private static final PeerId ONE = A.peerId();
  private static final SafetyNumber NUMBER = SafetyNumber.of(ONE, B.peerId());
  private static final String OWN = Pasted.fragment(NUMBER.scan());

  /// A picture's text: it is this pair's only if it says so.
  @MethodSource("pictures")
  @FuzzTest
  void scan(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    Decoding.of(input, MalformedInput.class, _ -> NUMBER.matchesScan(text))
        .ifPresent(matches -> same(matches, Pasted.clean(text).endsWith("#" + OWN)));
  }

  /// The ids in it, written as a picture right here.
  @MethodSource("pairs")
  @FuzzTest
  void scannedPair(byte[] input) {
    String text = SafetyNumber.SCHEME + Pasted.text(input);
    Decoding.of(input, MalformedInput.class, _ -> NUMBER.matchesScan(text))
        .ifPresent(matches -> same(matches, Arrays.equals(input, Pasted.base64(OWN))));
  }

  static Stream<byte[]> pictures() {
    String other = SafetyNumber.of(ONE, Fixtures.peer(3)).scan();
    return Stream.of(NUMBER.scan(), " " + other + "\n", other.substring(0, 60))
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  static Stream<byte[]> pairs() {
    return Stream.concat(
        Stream.of(Pasted.base64(OWN)),
        Vectors.seeds("pairing/pairing_known_answers.json", "peer_id_1", "peer_id_2")
            .map(id -> Crypto.lv(id, id)));
  }
}
