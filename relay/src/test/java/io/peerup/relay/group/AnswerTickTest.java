package io.peerup.relay.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class AnswerTickTest {

  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

  private final AnswerTick tick = AnswerTick.ofPairing();

  private Instant due(long arrivalMillis, long readyMillis) {
    return tick.due(T0.plusMillis(arrivalMillis), T0.plusMillis(readyMillis));
  }

  @Test
  void anAnswerThatIsReadyAtOnceLeavesOnTheFirstTickAfterAHundredMilliseconds() {
    assertThat(due(0, 1)).isEqualTo(T0.plusMillis(100));
    assertThat(due(1, 1)).isEqualTo(T0.plusMillis(150));
    assertThat(due(49, 60)).isEqualTo(T0.plusMillis(150));
    assertThat(due(50, 60)).isEqualTo(T0.plusMillis(150));
  }

  @Test
  void workOfUpToAHundredMillisecondsDoesNotShow() {
    for (long work = 0; work <= 100; work++) {
      assertThat(due(7, 7 + work)).isEqualTo(T0.plusMillis(150));
    }
  }

  @Test
  void longerWorkMovesTheAnswerByWholeTicks() {
    assertThat(due(0, 100)).isEqualTo(T0.plusMillis(100));
    assertThat(due(0, 101)).isEqualTo(T0.plusMillis(150));
    assertThat(due(0, 151)).isEqualTo(T0.plusMillis(200));
  }

  @Test
  void fractionsOfAMillisecondCount() {
    assertThat(tick.due(T0.plusNanos(1), T0.plusNanos(1))).isEqualTo(T0.plusMillis(150));
  }
}
