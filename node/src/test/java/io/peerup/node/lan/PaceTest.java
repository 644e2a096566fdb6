package io.peerup.node.lan;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PaceTest {

  private final Pace pace = new Pace();

  @Test
  void aSecondHasSoManyMessagesAndTheNextWaitsForItsEnd() {
    Instant start = Instant.EPOCH;
    for (int i = 1; i < Limits.MESSAGES_PER_SECOND_MAX; i++) {
      assertThat(pace.one(start.plusMillis(i))).as("message %d", i).isZero();
    }
    assertThat(pace.one(start.plusMillis(600))).isEqualTo(Duration.ofMillis(401));
    assertThat(pace.one(start.plusMillis(1001))).as("in the next second").isZero();
  }
}
