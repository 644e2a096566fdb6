package io.peerup.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The statistics that judge the time of refusals can tell what differs from what does not.
class SamplesTest {

  private static Samples samples(long seed, double shift) {
    SplittableRandom random = new SplittableRandom(seed);
    Samples out = new Samples();
    for (int i = 0; i < 2000; i++) {
      out.add(100 + shift + random.nextDouble(50));
    }
    return out;
  }

  @Test
  void twoSetsOfOneDistributionAreNearerThanTheNoise() {
    assertThat(samples(1, 0).distance(samples(2, 0))).isLessThan(Samples.noise(2000));
    assertThat(Samples.noise(2000)).isLessThan(0.1);
  }

  @Test
  void aShiftOfEightMillisecondsInFiftyIsSeen() {
    assertThat(samples(1, 0).distance(samples(2, 8))).isGreaterThan(0.1 + Samples.noise(2000) / 2);
    assertThat(samples(2, 8).median() - samples(1, 0).median()).isGreaterThan(4);
  }

  @Test
  void setsThatDoNotOverlapAreAsFarApartAsCanBe() {
    assertThat(samples(1, 0).distance(samples(2, 60))).isEqualTo(1);
  }

  @Test
  void mediansOfOneDistributionAreNearerThanTheNoiseAndAShiftOfSixMillisecondsIsFarther() {
    assertThat(Math.abs(samples(1, 0).median() - samples(2, 0).median()))
        .isLessThan(Samples.medianNoise(List.of(samples(1, 0), samples(2, 0))));
    assertThat(samples(2, 6).median() - samples(1, 0).median())
        .isGreaterThan(Samples.medianNoise(List.of(samples(1, 0), samples(2, 6), samples(3, 0))));
  }
}
