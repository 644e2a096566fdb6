package io.peerup.relay.circuit;

import static io.peerup.relay.circuit.TestPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.relay.circuit.ReservationTable.ConnectAnswer;
import io.peerup.relay.circuit.ReservationTable.ReserveAnswer;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.RelayStatus;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReservationTableTest {

  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final SourcePrefix HOME = new SourcePrefix("c0000201/32", "c00002/24");
  private static final SourcePrefix NEIGHBOUR = new SourcePrefix("c0000202/32", "c00002/24");
  private static final SourcePrefix FAR = new SourcePrefix("cb007101/32", "cb0071/24");

  private final ReservationTable table =
      new ReservationTable(
          new RelayPolicy(4, 2, 3, Duration.ofMinutes(10), 3, 2, CircuitLimit.NONE));

  private static RelayStatus status(ReserveAnswer answer) {
    return answer instanceof ReserveAnswer.Denied(RelayStatus status, _) ? status : RelayStatus.OK;
  }

  private static RelayStatus status(ConnectAnswer answer) {
    return answer instanceof ConnectAnswer.Denied(RelayStatus status, _) ? status : RelayStatus.OK;
  }

  private static long circuit(ConnectAnswer answer) {
    return ((ConnectAnswer.Admitted) answer).circuit();
  }

  private void reserve(int peer) {
    SourcePrefix own = new SourcePrefix(peer + "/32", peer + "/24");
    assertThat(status(table.reserve(peer(peer), own, false, T0))).isEqualTo(RelayStatus.OK);
  }

  @Test
  void aReservationLastsForTheTimeToLiveAndNotLonger() {
    ReserveAnswer answer = table.reserve(peer(1), HOME, false, T0);
    assertThat(answer).isEqualTo(new ReserveAnswer.Granted(T0.plusSeconds(600), false));
    assertThat(table.expire(T0.plusMillis(599_999))).isEmpty();
    assertThat(table.reservations()).hasSize(1);
    assertThat(table.expire(T0.plusSeconds(600))).containsExactly(peer(1));
    assertThat(table.reservations()).isEmpty();
  }

  @Test
  void anExpiryIsRoundedUpToWholeSecondsSoThatItIsNeverInThePast() {
    ReservationTable brief =
        new ReservationTable(
            new RelayPolicy(4, 4, 4, Duration.ofSeconds(1), 3, 2, CircuitLimit.NONE));
    ReserveAnswer answer = brief.reserve(peer(1), HOME, false, T0.plusMillis(900));
    assertThat(answer).isEqualTo(new ReserveAnswer.Granted(T0.plusSeconds(2), false));
  }

  @Test
  void askingAgainReplacesThePlace() {
    table.reserve(peer(1), HOME, false, T0);
    ReserveAnswer again = table.reserve(peer(1), FAR, false, T0.plusSeconds(60));
    assertThat(again).isEqualTo(new ReserveAnswer.Granted(T0.plusSeconds(660), true));
    assertThat(table.reservations()).hasSize(1);
    assertThat(table.reservations().getFirst().source()).isEqualTo(FAR);
  }

  @Test
  void placesAreNotGivenThroughARelay() {
    assertThat(status(table.reserve(peer(1), HOME, true, T0)))
        .isEqualTo(RelayStatus.PERMISSION_DENIED);
  }

  @Test
  void oneAddressGetsTwoPlacesAndNotThree() {
    table.reserve(peer(1), HOME, false, T0);
    assertThat(status(table.reserve(peer(2), HOME, false, T0))).isEqualTo(RelayStatus.OK);
    assertThat(status(table.reserve(peer(3), HOME, false, T0)))
        .isEqualTo(RelayStatus.RESERVATION_REFUSED);
    assertThat(status(table.reserve(peer(1), HOME, false, T0)))
        .as("a refresh does not count against itself")
        .isEqualTo(RelayStatus.OK);
  }

  @Test
  void oneNetworkGetsThreePlacesAndNotFour() {
    table.reserve(peer(1), HOME, false, T0);
    table.reserve(peer(2), HOME, false, T0);
    assertThat(status(table.reserve(peer(3), NEIGHBOUR, false, T0))).isEqualTo(RelayStatus.OK);
    assertThat(status(table.reserve(peer(4), NEIGHBOUR, false, T0)))
        .isEqualTo(RelayStatus.RESERVATION_REFUSED);
    assertThat(status(table.reserve(peer(4), FAR, false, T0))).isEqualTo(RelayStatus.OK);
  }

  @Test
  void fourPlacesAndNotFiveUntilOneIsFree() {
    for (int peer = 1; peer <= 4; peer++) {
      reserve(peer);
    }
    SourcePrefix fifth = new SourcePrefix("5/32", "5/24");
    assertThat(status(table.reserve(peer(5), fifth, false, T0)))
        .isEqualTo(RelayStatus.RESERVATION_REFUSED);
    assertThat(table.drop(peer(2))).isTrue();
    assertThat(status(table.reserve(peer(5), fifth, false, T0))).isEqualTo(RelayStatus.OK);
  }

  @Test
  void expiredPlacesMakeRoomWithoutATimer() {
    for (int peer = 1; peer <= 4; peer++) {
      reserve(peer);
    }
    assertThat(status(table.reserve(peer(5), FAR, false, T0.plusSeconds(600))))
        .isEqualTo(RelayStatus.OK);
    assertThat(table.reservations()).hasSize(1);
  }

  @Test
  void circuitsNeedAPlaceOfTheTargetAndNoneOfTheSource() {
    assertThat(status(table.connect(peer(1), peer(2), false, T0)))
        .isEqualTo(RelayStatus.NO_RESERVATION);
    reserve(2);
    assertThat(status(table.connect(peer(1), peer(2), false, T0))).isEqualTo(RelayStatus.OK);
    assertThat(status(table.connect(peer(3), peer(2), false, T0.plusSeconds(600))))
        .as("after the reservation has expired")
        .isEqualTo(RelayStatus.NO_RESERVATION);
  }

  @Test
  void circuitsToOneselfAndThroughAnotherRelayAreDenied() {
    reserve(1);
    assertThat(status(table.connect(peer(1), peer(1), false, T0)))
        .isEqualTo(RelayStatus.PERMISSION_DENIED);
    assertThat(status(table.connect(peer(2), peer(1), true, T0)))
        .isEqualTo(RelayStatus.PERMISSION_DENIED);
  }

  @Test
  void eitherEndMayHaveTwoCircuitsAndNotThree() {
    reserve(1);
    reserve(2);
    reserve(3);
    long first = circuit(table.connect(peer(1), peer(2), false, T0));
    table.connect(peer(3), peer(1), false, T0);
    assertThat(status(table.connect(peer(1), peer(3), false, T0)))
        .as("the source's limit")
        .isEqualTo(RelayStatus.RESOURCE_LIMIT_EXCEEDED);
    assertThat(status(table.connect(peer(4), peer(1), false, T0)))
        .as("the target's limit")
        .isEqualTo(RelayStatus.RESOURCE_LIMIT_EXCEEDED);
    table.circuitEnded(first);
    assertThat(status(table.connect(peer(4), peer(1), false, T0))).isEqualTo(RelayStatus.OK);
  }

  @Test
  void threeCircuitsAltogetherAndNotFour() {
    reserve(1);
    reserve(2);
    table.connect(peer(11), peer(1), false, T0);
    table.connect(peer(12), peer(1), false, T0);
    assertThat(status(table.connect(peer(13), peer(2), false, T0))).isEqualTo(RelayStatus.OK);
    assertThat(status(table.connect(peer(14), peer(2), false, T0)))
        .isEqualTo(RelayStatus.RESOURCE_LIMIT_EXCEEDED);
  }

  @Test
  void countsReturnToZeroHoweverOftenAnEndIsToldTwice() {
    reserve(1);
    for (int cycle = 0; cycle < 10_000; cycle++) {
      long circuit = circuit(table.connect(peer(2), peer(1), false, T0));
      table.circuitEnded(circuit);
      table.circuitEnded(circuit);
    }
    assertThat(table.circuits()).isZero();
    assertThat(table.circuitsOf(peer(1))).isZero();
    assertThat(table.circuitsOf(peer(2))).isZero();
  }
}
