package io.peerup.relay.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Refused;
import io.peerup.relay.circuit.ReservationSchedule.Step;
import io.peerup.relay.circuit.wire.RelayStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReservationScheduleTest {

  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

  private final ReservationSchedule schedule = new ReservationSchedule(new SplittableRandom(1));

  private static Refused refused(RelayStatus status) {
    return new Refused("no", "", status.code());
  }

  private Duration wait(Instant now) {
    return switch (schedule.next(now)) {
      case Step.Wait(Instant until) -> Duration.between(now, until);
      case Step.Ask() -> Duration.ZERO;
      case Step.Rest() -> throw new AssertionError("rests");
    };
  }

  @Test
  void asksAtOnceInTheBeginning() {
    assertThat(schedule.next(T0)).isEqualTo(new Step.Ask());
  }

  @Test
  void refreshesWhenHalfOfTheLifeIsOver() {
    schedule.reserved(T0, T0.plusSeconds(3600));
    assertThat(wait(T0)).isBetween(Duration.ofMinutes(24), Duration.ofMinutes(30));
    assertThat(schedule.next(T0.plus(Duration.ofMinutes(30)))).isEqualTo(new Step.Ask());
  }

  @Test
  void refreshesWhileTwoMinutesRemainOfAThreeMinutePlace() {
    schedule.reserved(T0, T0.plusSeconds(180));
    assertThat(wait(T0)).isBetween(Duration.ofSeconds(45), Duration.ofSeconds(60));
  }

  @Test
  void aReservationOfAFewSecondsDoesNotMakeItAskWithoutPause() {
    schedule.reserved(T0, T0.plusSeconds(4));
    assertThat(wait(T0)).isBetween(Duration.ofMillis(800), Duration.ofMillis(1000));
  }

  @Test
  void waitsLongerForAnUnreachableRelayButNeverAboveAMinute() {
    Duration last = Duration.ZERO;
    Instant now = T0;
    for (int failure = 0; failure < 10; failure++) {
      schedule.failed(new PeerUnreachable("no route"), now);
      Duration wait = wait(now);
      assertThat(wait).isLessThanOrEqualTo(Limits.UNREACHABLE_BACKOFF_MAX);
      if (failure < 5) {
        assertThat(wait).isGreaterThan(last);
      }
      last = wait;
      now = now.plus(wait);
    }
    assertThat(last).isGreaterThan(Duration.ofSeconds(47));
  }

  @Test
  void backsOffFromMinutesToAnHourWhenTheRelayIsFull() {
    schedule.failed(refused(RelayStatus.RESERVATION_REFUSED), T0);
    assertThat(wait(T0)).isBetween(Duration.ofSeconds(48), Duration.ofSeconds(60));
    for (int failure = 0; failure < 40; failure++) {
      schedule.failed(refused(RelayStatus.RESOURCE_LIMIT_EXCEEDED), T0);
    }
    assertThat(wait(T0)).isBetween(Duration.ofMinutes(48), Duration.ofHours(1));
  }

  @Test
  void neverAsksAgainAfterPermissionDeniedUntilSomethingChanges() {
    schedule.failed(refused(RelayStatus.PERMISSION_DENIED), T0);
    assertThat(schedule.next(T0.plus(Duration.ofDays(365)))).isEqualTo(new Step.Rest());
    schedule.lost(T0);
    assertThat(schedule.next(T0.plus(Duration.ofDays(365)))).isEqualTo(new Step.Rest());
    schedule.retry();
    assertThat(schedule.next(T0)).isEqualTo(new Step.Ask());
  }

  @Test
  void asksAgainSoonAfterALoss() {
    schedule.reserved(T0, T0.plusSeconds(3600));
    assertThat(schedule.held()).isTrue();
    schedule.lost(T0);
    assertThat(schedule.held()).isFalse();
    assertThat(wait(T0)).isBetween(Duration.ofMillis(800), Duration.ofSeconds(1));
  }

  @Test
  void aLossDuringBackOffDoesNotShortenIt() {
    schedule.failed(refused(RelayStatus.RESERVATION_REFUSED), T0);
    Duration before = wait(T0);
    schedule.lost(T0);
    assertThat(wait(T0)).isEqualTo(before);
  }
}
