package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.pairing.PairMessages.Admitted;
import io.peerup.pairing.PairMessages.Failed;
import io.peerup.pairing.PairMessages.PairRequest;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Every decoder against damaged input, and every codec there and back.
class PairingFuzzTest {

  private static final int ROUNDS = 5_000;

  private final SeededRandom random = SeededRandom.of(PairingFuzzTest.class);
  private final World world = new World(1, random);
  private final GroupSecrets secrets = world.codes.getFirst().secrets();
  private final byte[] intro =
      Intro.create(secrets.groupKey(), Fixtures.identity(1), "laptop", world.random).encoded();

  @Test
  void introductionsSurviveFuzzing() {
    Fixtures.fuzz(b -> Intro.decode(b).verify(secrets.groupKey()), random, ROUNDS, intro);
  }

  @Test
  void messagesSurviveFuzzing() {
    byte[] request =
        PairMessages.encode(new PairRequest(secrets.selector(), secrets.token(), intro));
    byte[] answer =
        PairMessages.encode(new Admitted(Optional.of(Instant.EPOCH), List.of(intro, intro)));
    byte[] notice = PairMessages.encode(new PeerNotice(secrets.selector(), intro));
    byte[] failed = PairMessages.encode(new Failed());
    Fixtures.fuzz(PairMessages::decodeRequest, random, ROUNDS, request, answer);
    Fixtures.fuzz(PairMessages::decodeAnswer, random, ROUNDS, answer, failed, request);
    Fixtures.fuzz(PairMessages::decodeNotice, random, ROUNDS, notice, answer);
  }

  @Test
  void requestsOfAnyBytesAreAnsweredNotThrown() {
    byte[] request =
        PairMessages.encode(new PairRequest(secrets.selector(), secrets.token(), intro));
    Fixtures.fuzz(
        b -> {
          PairOutcome outcome =
              world.table.join(
                  b, Fixtures.peer(9), Fixtures.source("192.0.2.1"), world.clock.instant());
          assertThat(outcome.answer()).isEqualTo(PairMessages.encode(new Failed()));
        },
        random,
        2000,
        request);
  }

  @Test
  void codesSurviveFuzzing() {
    byte[] text = world.codes.getFirst().text().getBytes(StandardCharsets.US_ASCII);
    Fixtures.fuzz(
        b -> GroupCode.parse(new String(b, StandardCharsets.ISO_8859_1)), random, ROUNDS, text);
    byte[] symbols = text.clone();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 1; i < symbols.length; i++) {
        symbols[i] = (byte) "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(random.nextInt(32));
      }
      // Any head, any lengths: never anything but MalformedInput.
      try {
        GroupCode.parse(new String(symbols, StandardCharsets.US_ASCII));
      } catch (MalformedInput e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  @Test
  void messagesComeBackAsTheyWere() {
    PairRequest request = new PairRequest(secrets.selector(), secrets.token(), intro);
    byte[] encoded = PairMessages.encode(request);
    assertThat(encoded).hasSizeLessThan(Limits.FRAME_BYTES_MAX).startsWith(1, 1);
    assertThat(PairMessages.encode(PairMessages.decodeRequest(encoded))).isEqualTo(encoded);
    byte[] notice = PairMessages.encode(new PeerNotice(secrets.selector(), intro));
    assertThat(PairMessages.encode(PairMessages.decodeNotice(notice))).isEqualTo(notice);
    byte[] answer =
        PairMessages.encode(
            new Admitted(
                Optional.of(Instant.ofEpochSecond(1_800_000_000)),
                Collections.nCopies(Limits.MEMBERS_MAX, new byte[Limits.INTRO_BYTES_MAX])));
    assertThat(answer).hasSizeLessThanOrEqualTo(Limits.ANSWER_BYTES_MAX);
    assertThat(PairMessages.encode(PairMessages.decodeAnswer(answer))).isEqualTo(answer);
  }

  @Test
  void messagesBeyondTheirLimitsAreRefused() {
    assertThatThrownBy(() ->
            new Admitted(
                Optional.empty(), Collections.nCopies(Limits.MEMBERS_MAX + 1, new byte[1])))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() ->
            new PairRequest(
                secrets.selector(), secrets.token(), new byte[Limits.INTRO_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> Intro.decode(new byte[Limits.INTRO_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("above the limit");
    assertThatThrownBy(() -> PairMessages.decodeRequest(new byte[Limits.FRAME_BYTES_MAX + 1]))
        .hasMessageContaining("above the limit");
    assertThatThrownBy(() -> PairMessages.decodeAnswer(new byte[Limits.ANSWER_BYTES_MAX + 1]))
        .hasMessageContaining("above the limit");
  }
}
