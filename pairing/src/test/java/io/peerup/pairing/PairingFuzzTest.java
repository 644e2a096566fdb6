package io.peerup.pairing;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.pairing.PairMessages.Admitted;
import io.peerup.pairing.PairMessages.Failed;
import io.peerup.pairing.PairMessages.PairRequest;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/// Codes, introductions and messages of group pairing, as strangers send them.
class PairingFuzzTest {

  private static final World WORLD = new World(1, SeededRandom.fixed(1));
  private static final GroupSecrets SECRETS = WORLD.codes.getFirst().secrets();
  private static final PeerId STRANGER = Fixtures.peer(9);
  private static final Intro INTRO =
      Intro.create(SECRETS.groupKey(), Fixtures.identity(1), "laptop", WORLD.random);

  /// A code as somebody typed it.
  @MethodSource("codes")
  @FuzzTest
  void groupCode(byte[] input) {
    Decoding.of(input, MalformedInput.class, bytes -> GroupCode.parse(text(bytes)))
        .ifPresent(PairingFuzzTest::comesBack);
  }

  static Stream<byte[]> codes() {
    String code = WORLD.codes.getFirst().text();
    return Stream.of(code, code.toLowerCase(Locale.ROOT).replace("-", " "), code + "0")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /// What is behind the check, which is made right here.
  @MethodSource("codeBodies")
  @FuzzTest
  void groupCodeBody(byte[] input) {
    byte[] check = Arrays.copyOf(Crypto.sha256("peerup-group-v1", input), 3);
    String code = Crockford.encode(new ByteWriter().bytes(input).bytes(check).toByteArray());
    Decoding.of(input, MalformedInput.class, _ -> GroupCode.parse(code))
        .ifPresent(read -> {
          same(read.text().replace("-", ""), code);
          comesBack(read);
        });
  }

  static Stream<byte[]> codeBodies() {
    ByteWriter head = new ByteWriter().u8(0x40).bytes(new byte[35]);
    return Stream.of(
        head.bytes(new byte[] {(byte) 192, 0, 2, 1}).u16(7777).toByteArray(),
        new ByteWriter()
            .u8(0x45)
            .bytes(new byte[35])
            .lengthPrefixed("relay.example".getBytes(StandardCharsets.US_ASCII))
            .u16(7777)
            .lengthPrefixed("home".getBytes(StandardCharsets.US_ASCII))
            .toByteArray(),
        new ByteWriter().u8(0x42).bytes(new byte[35]).bytes(new byte[16]).u16(1).toByteArray());
  }

  private static void comesBack(GroupCode code) {
    GroupCode again = GroupCode.parse(code.text());
    same(again.text(), code.text());
    same(again.relay(), code.relay());
    check(!code.toString().contains(code.text()), "a code does not show itself");
    same(RelayHost.of(code.relay().multiaddr()), code.relay());
  }

  @MethodSource("intros")
  @FuzzTest
  void intro(byte[] input) {
    Decoding.of(input, MalformedInput.class, Intro::decode)
        .ifPresent(intro -> {
          same(intro.encoded(), input);
          if (verifies(intro)) {
            same(intro, INTRO);
          }
        });
  }

  private static boolean verifies(Intro intro) {
    try {
      intro.verify(SECRETS.groupKey());
      return true;
    } catch (MalformedInput e) {
      return false;
    }
  }

  static Stream<byte[]> intros() {
    return Stream.of(INTRO.encoded());
  }

  /// The body alone: the signature around it would take most of the time.
  @MethodSource("introBodies")
  @FuzzTest
  void introBody(byte[] input) {
    Decoding.of(input, MalformedInput.class, body -> new Intro(body, new byte[64], new byte[32]))
        .ifPresent(intro -> same(intro.body(), input));
  }

  static Stream<byte[]> introBodies() {
    return Stream.concat(
        Stream.of(INTRO.body()), Vectors.seeds("pairing/pairing_known_answers.json", "intro_body"));
  }

  @MethodSource("messages")
  @FuzzTest
  void request(byte[] input) {
    Decoding.of(input, MalformedInput.class, PairMessages::decodeRequest)
        .ifPresent(request -> same(PairMessages.encode(request), input));
  }

  @MethodSource("messages")
  @FuzzTest
  void answer(byte[] input) {
    Decoding.of(input, MalformedInput.class, PairMessages::decodeAnswer)
        .ifPresent(answer -> same(PairMessages.encode(answer), input));
  }

  @MethodSource("messages")
  @FuzzTest
  void notice(byte[] input) {
    Decoding.of(input, MalformedInput.class, PairMessages::decodeNotice)
        .ifPresent(notice -> same(PairMessages.encode(notice), input));
  }

  static Stream<byte[]> messages() {
    byte[] intro = INTRO.encoded();
    return Stream.of(
        PairMessages.encode(new PairRequest(SECRETS.selector(), SECRETS.token(), intro)),
        PairMessages.encode(new Admitted(Optional.of(Instant.EPOCH), List.of(intro, intro))),
        PairMessages.encode(new Admitted(Optional.of(Instant.ofEpochSecond(5)), List.of())),
        PairMessages.encode(new PeerNotice(SECRETS.selector(), intro)),
        PairMessages.encode(new Failed()));
  }

  /// Requests of any bytes are answered, not thrown, and admit nobody. Few of them: each costs a
  /// signature's verification, and what it decodes has targets of its own above.
  @Test
  void alteredRequestsAdmitNobody() {
    SeededRandom random = SeededRandom.of(PairingFuzzTest.class);
    byte[] request = messages().findFirst().orElseThrow();
    for (int i = 0; i < 500; i++) {
      byte[] altered = Arrays.copyOf(request, random.nextInt(2 * request.length));
      for (int flips = random.nextInt(4); flips > 0 && altered.length > 0; flips--) {
        altered[random.nextInt(altered.length)] ^= (byte) (1 + random.nextInt(255));
      }
      PairOutcome outcome =
          new GroupTable()
              .join(altered, STRANGER, Fixtures.source("192.0.2.1"), WORLD.clock.instant());
      same(outcome.answer(), PairMessages.encode(new Failed()));
    }
  }

  @MethodSource("names")
  @FuzzTest
  void name(byte[] input) {
    Decoding.of(input, MalformedInput.class, Names::decode)
        .ifPresent(name -> {
          same(name.getBytes(StandardCharsets.UTF_8), input);
          same(Names.check(name), name);
        });
  }

  static Stream<byte[]> names() {
    return Stream.of("laptop", "-x", Fixtures.peer(1).toString(), "Zoë 2")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void messagesComeBackAtTheirLargest() {
    byte[] answer =
        PairMessages.encode(
            new Admitted(
                Optional.of(Instant.ofEpochSecond(1_800_000_000)),
                Collections.nCopies(Limits.MEMBERS_MAX, new byte[Limits.INTRO_BYTES_MAX])));
    assertThat(answer).hasSizeLessThanOrEqualTo(Limits.ANSWER_BYTES_MAX);
    assertThat(PairMessages.encode(PairMessages.decodeAnswer(answer))).isEqualTo(answer);
    byte[] request =
        PairMessages.encode(new PairRequest(SECRETS.selector(), SECRETS.token(), INTRO.encoded()));
    assertThat(request).hasSizeLessThan(Limits.FRAME_BYTES_MAX).startsWith(1, 1);
  }

  @Test
  void messagesBeyondTheirLimitsAreRefused() {
    assertThatThrownBy(() ->
            new Admitted(
                Optional.empty(), Collections.nCopies(Limits.MEMBERS_MAX + 1, new byte[1])))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() ->
            new PairRequest(
                SECRETS.selector(), SECRETS.token(), new byte[Limits.INTRO_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> Intro.decode(new byte[Limits.INTRO_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("above the limit");
    assertThatThrownBy(() -> PairMessages.decodeRequest(new byte[Limits.FRAME_BYTES_MAX + 1]))
        .hasMessageContaining("above the limit");
    assertThatThrownBy(() -> PairMessages.decodeAnswer(new byte[Limits.ANSWER_BYTES_MAX + 1]))
        .hasMessageContaining("above the limit");
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
