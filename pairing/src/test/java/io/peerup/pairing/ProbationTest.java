package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.VirtualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbationTest {

  private final VirtualClock clock = new VirtualClock();
  private final Probation<String> probation = new Probation<>();

  @Test
  void tenStrangersFromTenPlacesAreWelcomeAndTheEleventhIsNot() {
    for (int i = 1; i <= 10; i++) {
      assertThat(arrive("s" + i, "192.0.2." + i).admitted()).isTrue();
    }
    Probation.Admission<String> eleventh = arrive("s11", "192.0.2.11");
    assertThat(eleventh.admitted()).isFalse();
    assertThat(eleventh.close()).isEmpty();
    probation.leave("s4");
    assertThat(arrive("s11", "192.0.2.11").admitted()).isTrue();
  }

  @Test
  void twoStrangersFromOnePlaceAreWelcomeAndTheThirdIsNot() {
    assertThat(arrive("a", "192.0.2.1").admitted()).isTrue();
    assertThat(arrive("b", "192.0.2.1").admitted()).isTrue();
    assertThat(arrive("c", "192.0.2.1").admitted()).isFalse();
    assertThat(arrive("d", "192.0.2.2").admitted()).isTrue();
    assertThat(arrive("e", "2001:db8:0:100::1").admitted()).isTrue();
    assertThat(arrive("f", "2001:db8:0:1ff::1").admitted()).isTrue();
    assertThat(arrive("g", "2001:db8:0:180::1").admitted()).isFalse();
  }

  @Test
  void newcomerFromElsewhereTakesThePlaceOfTheOldestOfTheMostCrowdedSource() {
    for (int i = 1; i <= 5; i++) {
      arrive("a" + i, "192.0.2." + i);
      arrive("b" + i, "192.0.2." + i);
      clock.advance(Duration.ofMillis(1));
    }
    Probation.Admission<String> newcomer = arrive("new", "192.0.2.99");
    assertThat(newcomer.admitted()).isTrue();
    assertThat(newcomer.close()).containsExactly("a1");
    assertThat(probation.size()).isEqualTo(10);
    // Two from one place do not displace two from another.
    assertThat(arrive("new2", "192.0.2.99").admitted()).isFalse();
  }

  @Test
  void crowdOnThisMachineFillsAllPlacesButShutsNobodyElseOut() {
    for (int i = 1; i <= 10; i++) {
      assertThat(arrive("s" + i, "127.0.0.1").admitted()).isTrue();
    }
    assertThat(arrive("s11", "127.0.0.1").admitted()).isFalse();
    Probation.Admission<String> other = arrive("other", "127.0.0.2");
    assertThat(other.admitted()).isTrue();
    assertThat(other.close()).containsExactly("s1");
  }

  @Test
  void silentStrangerGoesAfter3SecondsAndNotBefore() {
    arrive("silent", "192.0.2.1");
    clock.advance(Duration.ofMillis(2999));
    assertThat(expire()).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(expire()).containsExactly("silent");
    assertThat(probation.contains("silent")).isFalse();
  }

  @Test
  void strangerThatSpokeGoesAfter15SecondsAndNotBefore() {
    arrive("talker", "192.0.2.1");
    probation.spoke("talker");
    assertThat(probation.nextEnd()).contains(VirtualClock.START.plusSeconds(15));
    clock.advance(Duration.ofMillis(14999));
    assertThat(expire()).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(expire()).containsExactly("talker");
    assertThat(probation.nextEnd()).isEmpty();
  }

  @Test
  void arrivalFreesThePlacesOfThoseWhoseTimeIsOver() {
    for (int i = 1; i <= 10; i++) {
      arrive("s" + i, "192.0.2." + i);
    }
    clock.advance(Limits.FIRST_FRAME_TIME);
    Probation.Admission<String> next = arrive("next", "192.0.2.11");
    assertThat(next.admitted()).isTrue();
    assertThat(next.close()).hasSize(10);
    assertThat(probation.size()).isEqualTo(1);
  }

  @Test
  void sameConnectionArrivesOnce() {
    assertThat(arrive("a", "192.0.2.1").admitted()).isTrue();
    assertThat(arrive("a", "192.0.2.1").admitted()).isFalse();
    probation.leave("unknown");
    probation.spoke("unknown");
    assertThat(probation.size()).isEqualTo(1);
  }

  @Test
  void strangerWithACircuitStaysAMinuteMoreAndNotLonger() {
    arrive("a", "192.0.2.1");
    probation.spoke("a");
    probation.circuitBegan("a");
    probation.spoke("a");
    clock.advance(Duration.ofSeconds(75).minusNanos(1));
    assertThat(probation.expire(clock.instant())).isEmpty();
    clock.advance(Duration.ofNanos(1));
    assertThat(probation.expire(clock.instant())).containsExactly("a");
  }

  @Test
  void strangerWhoseCircuitEndedStaysAMomentAndItsUsualTime() {
    arrive("early", "192.0.2.1");
    arrive("late", "192.0.2.2");
    probation.circuitBegan("early");
    probation.circuitBegan("late");
    clock.advance(Duration.ofSeconds(1));
    probation.circuitEnded("early", clock.instant());
    clock.advance(Duration.ofSeconds(14).minusNanos(1));
    assertThat(probation.expire(clock.instant())).isEmpty();
    clock.advance(Duration.ofNanos(1));
    assertThat(probation.expire(clock.instant())).containsExactly("early");
    clock.advance(Duration.ofSeconds(58));
    probation.circuitEnded("late", clock.instant());
    clock.advance(Duration.ofSeconds(2).minusNanos(1));
    assertThat(probation.expire(clock.instant())).isEmpty();
    clock.advance(Duration.ofNanos(1));
    assertThat(probation.expire(clock.instant())).as("75 s in all").containsExactly("late");
  }

  private Probation.Admission<String> arrive(String who, String from) {
    return probation.arrive(who, Fixtures.source(from), clock.instant());
  }

  private List<String> expire() {
    return probation.expire(clock.instant());
  }
}
