package io.peerup.relay.circuit;

import io.peerup.libp2p.OverlayException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Lets the simulation at the client's [ReservationSchedule].
public final class ScheduleDoor {

  private final ReservationSchedule schedule;

  public ScheduleDoor(RandomGenerator random) {
    schedule = new ReservationSchedule(random);
  }

  /// How long to wait before asking: zero is now, empty is for ever.
  public Optional<Duration> untilAsk(Instant now) {
    return switch (schedule.next(now)) {
      case ReservationSchedule.Step.Ask() -> Optional.of(Duration.ZERO);
      case ReservationSchedule.Step.Wait(Instant until) ->
          Optional.of(Duration.between(now, until));
      case ReservationSchedule.Step.Rest() -> Optional.empty();
    };
  }

  public void reserved(Instant now, Reservation reservation) {
    schedule.reserved(now, reservation.expires());
  }

  public void failed(OverlayException why, Instant now) {
    schedule.failed(why, now);
  }

  public void lost(Instant now) {
    schedule.lost(now);
  }

  public boolean held() {
    return schedule.held();
  }
}
