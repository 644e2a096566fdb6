package io.peerup.relay.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.circuit.ReservationTable.ConnectAnswer;
import io.peerup.relay.circuit.ReservationTable.ReserveAnswer;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.testkit.SeededRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Strangers use up what a public relay lends, to each of its numbers and one beyond.
class ReservationLimitsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final List<PeerId> PEERS =
      IntStream.range(0, 200).mapToObj(TestPeers::peer).toList();

  private final RelayPolicy policy = RelayPolicy.strangers();
  private final ReservationTable table = new ReservationTable(policy);

  private static SourcePrefix at(String ip) {
    return SourcePrefix.of(
        Multiaddr.parse((ip.contains(":") ? "/ip6/" : "/ip4/") + ip + "/tcp/4001"));
  }

  private ReserveAnswer reserve(int peer, String ip, Instant now) {
    return table.reserve(PEERS.get(peer), at(ip), false, now);
  }

  /// Takes `count` reservations, and shows that one more is refused until the first have expired.
  private void fills(int count, IntFunction<String> ip) {
    for (int peer = 1; peer <= count; peer++) {
      assertThat(reserve(peer, ip.apply(peer), NOW)).isInstanceOf(ReserveAnswer.Granted.class);
    }
    assertThat(reserve(count + 1, ip.apply(count + 1), NOW))
        .isInstanceOfSatisfying(
            ReserveAnswer.Denied.class,
            denied -> assertThat(denied.status()).isEqualTo(RelayStatus.RESERVATION_REFUSED));
    assertThat(reserve(1, ip.apply(1), NOW))
        .as("who has one may refresh it")
        .isInstanceOf(ReserveAnswer.Granted.class);
    Instant later = NOW.plus(policy.reservationTtl());
    assertThat(reserve(count + 1, ip.apply(count + 1), later))
        .as("after the expiry of the others")
        .isInstanceOf(ReserveAnswer.Granted.class);
    assertThat(table.reservations()).hasSize(1);
  }

  @Test
  void the129thReservationIsRefusedUntilOthersExpire() {
    fills(128, peer -> "10.%d.%d.1".formatted(peer / 8, peer));
  }

  @ParameterizedTest
  @CsvSource({"198.51.100.7, 8", "2001:db8:1:200::7, 8"})
  void theNinthReservationOfOneAddressIsRefusedUntilOthersExpire(String ip, int count) {
    fills(count, _ -> ip);
  }

  @Test
  void the33rdReservationOfOneIpv4NetworkIsRefusedUntilOthersExpire() {
    fills(32, peer -> "198.51.100." + peer);
  }

  @Test
  void the33rdReservationOfOneIpv6NetworkIsRefusedUntilOthersExpire() {
    fills(32, peer -> "2001:db8:1:%x00::1".formatted(peer));
  }

  @Test
  void theSeventeenthCircuitOfOnePeerIsDeniedUntilAnotherEnds() {
    for (int peer = 1; peer <= 17; peer++) {
      reserve(peer, "10.0.%d.1".formatted(peer), NOW);
    }
    PeerId greedy = PEERS.get(99);
    List<Long> circuits = new ArrayList<>();
    for (int peer = 1; peer <= 16; peer++) {
      ConnectAnswer answer = table.connect(greedy, PEERS.get(peer), false, NOW);
      circuits.add(((ConnectAnswer.Admitted) answer).circuit());
    }
    assertThat(table.connect(greedy, PEERS.get(17), false, NOW))
        .isInstanceOfSatisfying(
            ConnectAnswer.Denied.class,
            denied -> assertThat(denied.status()).isEqualTo(RelayStatus.RESOURCE_LIMIT_EXCEEDED));
    table.circuitEnded(circuits.getFirst());
    assertThat(table.connect(greedy, PEERS.get(17), false, NOW))
        .isInstanceOf(ConnectAnswer.Admitted.class);
  }

  @Test
  void aHundredThousandRandomStepsLeaveNothingWhenAllAreGone() {
    SeededRandom random = SeededRandom.of(ReservationLimitsTest.class);
    List<Long> circuits = new ArrayList<>();
    Instant now = NOW;
    for (int step = 0; step < 100_000; step++) {
      int peer = random.nextInt(1, 200);
      now = now.plusSeconds(random.nextInt(60));
      switch (random.nextInt(4)) {
        case 0 -> reserve(peer, "10.%d.%d.1".formatted(random.nextInt(9), random.nextInt(9)), now);
        case 1 -> table.drop(PEERS.get(peer));
        case 2 -> {
          PeerId other = PEERS.get(random.nextInt(1, 200));
          if (table.connect(PEERS.get(peer), other, false, now)
              instanceof ConnectAnswer.Admitted admitted) {
            circuits.add(admitted.circuit());
          }
        }
        default -> {
          if (!circuits.isEmpty()) {
            table.circuitEnded(circuits.remove(random.nextInt(circuits.size())));
          }
        }
      }
      assertThat(table.circuits()).isEqualTo(circuits.size());
    }
    circuits.forEach(table::circuitEnded);
    table.expire(now.plus(policy.reservationTtl()).plusSeconds(1));
    assertThat(table.circuits()).isZero();
    assertThat(table.reservations()).isEmpty();
    for (int peer = 1; peer < 200; peer++) {
      assertThat(table.circuitsOf(PEERS.get(peer))).isZero();
    }
  }
}
