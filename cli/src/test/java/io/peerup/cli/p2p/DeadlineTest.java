package io.peerup.cli.p2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.DeadlineExceeded;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;
  private final Deadline deadline = new Deadline(clock, Duration.ofMillis(1500));

  @Test
  void stepsShareOneSpanOfTime() {
    now = now.plusMillis(1000);
    assertThat(deadline.left("connecting")).isEqualTo(Duration.ofMillis(500));
    now = now.plusMillis(499);
    assertThat(deadline.left("asking")).isEqualTo(Duration.ofMillis(1));
  }

  @Test
  void afterItsEndTheStepIsNamedAndTheWayOutToo() {
    now = now.plusMillis(1500);
    assertThatThrownBy(() -> deadline.left("asking"))
        .isInstanceOfSatisfying(
            DeadlineExceeded.class,
            late -> {
              assertThat(late).hasMessage("asking: not done within 1.5 s");
              assertThat(late.hint()).contains("--timeout");
            });
  }
}
