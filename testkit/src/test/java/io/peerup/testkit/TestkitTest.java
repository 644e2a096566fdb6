package io.peerup.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TestkitTest {

  @Test
  void virtualClockMovesOnlyWhenToldAndOnlyForward() {
    VirtualClock clock = new VirtualClock();
    assertThat(clock.instant()).isEqualTo(VirtualClock.START);
    assertThat(clock.advance(Duration.ofSeconds(3)))
        .isEqualTo(VirtualClock.START.plusSeconds(3))
        .isEqualTo(clock.instant());
    assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sameLabelGivesTheSameChanceAndAnotherLabelAnother() {
    assertThat(SeededRandom.of("a").bytes(16)).isEqualTo(SeededRandom.of("a").bytes(16));
    assertThat(SeededRandom.of("a").bytes(16)).isNotEqualTo(SeededRandom.of("b").bytes(16));
  }

  @Test
  void mutatorDamagesAlmostEveryMessageAndNeverTheOriginal() {
    Mutator mutator = new Mutator(SeededRandom.of(TestkitTest.class));
    byte[] valid = "a valid message".getBytes(StandardCharsets.UTF_8);
    byte[] copy = valid.clone();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      seen.add(HexFormat.of().formatHex(mutator.mutate(valid)));
    }
    assertThat(seen).hasSizeGreaterThan(500);
    assertThat(valid).isEqualTo(copy);
    assertThat(mutator.mutate("", "x")).hasSizeLessThan(5);
  }
}
