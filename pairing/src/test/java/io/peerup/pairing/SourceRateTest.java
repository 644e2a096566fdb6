package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SourceRateTest {

  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final SourcePrefix HERE = new SourcePrefix("192.0.2.1/32");
  private static final SourcePrefix THERE = new SourcePrefix("192.0.2.2/32");
  private static final SourcePrefix ELSEWHERE = new SourcePrefix("192.0.2.3/32");

  private final VirtualClock clock = new VirtualClock();
  private final SourceRate rate = new SourceRate(2, WINDOW, 2);

  @Test
  void eachSourceMaySoOftenWithinTheWindowThatMovesAlong() {
    assertThat(count(HERE)).isTrue();
    clock.advance(Duration.ofSeconds(30));
    assertThat(count(HERE)).isTrue();
    assertThat(count(HERE)).isFalse();
    assertThat(count(THERE)).isTrue();
    clock.advance(Duration.ofSeconds(30).minusNanos(1));
    assertThat(count(HERE)).isFalse();
    clock.advance(Duration.ofNanos(1));
    assertThat(count(HERE)).as("the first is a minute old").isTrue();
    assertThat(count(HERE)).isFalse();
  }

  @Test
  void soManySourcesAreCountedAndOthersRefusedUntilOneIsForgotten() {
    assertThat(count(HERE)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(count(THERE)).isTrue();
    assertThat(count(ELSEWHERE)).isFalse();
    clock.advance(WINDOW.minusSeconds(1));
    assertThat(count(ELSEWHERE)).isTrue();
    assertThat(count(HERE)).isFalse();
  }

  private boolean count(SourcePrefix source) {
    return rate.count(source, clock.instant());
  }
}
