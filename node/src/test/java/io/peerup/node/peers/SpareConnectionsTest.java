package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.testkit.SeededRandom;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpareConnectionsTest {

  private static final String YAMUX = "/yamux/1.0.0";
  private static final String QUIC = "/quic-v1";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant SETTLED = NOW.minus(Limits.SPARE_GRACE);

  private static Connection connection(
      boolean outbound, boolean relayed, String muxer, Instant openedAt, int streams) {
    return (Connection)
        Proxy.newProxyInstance(
            SpareConnectionsTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "relay" -> relayed ? Optional.of(new Object()) : Optional.empty();
                  case "direction" -> outbound ? Direction.OUTBOUND : Direction.INBOUND;
                  case "openedAt" -> openedAt;
                  case "muxer" -> muxer;
                  case "streamCount" -> streams;
                  case "equals" ->
                      System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                  case "hashCode" -> System.identityHashCode(self);
                  case "toString" -> (outbound ? "ours" : "theirs") + (relayed ? " relayed" : "");
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private static Connection direct(boolean outbound, Instant openedAt) {
    return connection(outbound, false, YAMUX, openedAt, 0);
  }

  private static List<Connection> spare(boolean oursStays, Connection... open) {
    return SpareConnections.among(List.of(open), oursStays, NOW).spare();
  }

  @Test
  void oneConnectionIsNeverSpareWhoeverDialledIt() {
    for (boolean oursStays : new boolean[] {true, false}) {
      assertThat(spare(oursStays, direct(true, SETTLED))).isEmpty();
      assertThat(spare(oursStays, direct(false, SETTLED))).isEmpty();
      assertThat(spare(oursStays, connection(true, true, YAMUX, SETTLED, 0))).isEmpty();
    }
  }

  @Test
  void ofTwoThatBothSidesDialledTheOneOfTheLargerIdGoesAndItsDiallerClosesIt() {
    Connection ours = direct(true, SETTLED);
    Connection theirs = direct(false, SETTLED);
    assertThat(spare(true, ours, theirs)).isEmpty();
    assertThat(spare(false, ours, theirs)).containsExactly(ours);
  }

  @Test
  void ofSeveralOfOursTheOldestStays() {
    Connection first = direct(true, SETTLED.minusSeconds(2));
    Connection second = direct(true, SETTLED.minusSeconds(1));
    assertThat(spare(true, second, first)).containsExactly(second);
    assertThat(spare(false, second, first)).containsExactly(second);
  }

  @Test
  void aRelayedOneIsSpareOnceADirectOneHasSettledAndNotBefore() {
    Connection relayed = connection(true, true, YAMUX, SETTLED, 0);
    Connection young = direct(true, NOW.minusMillis(1));
    assertThat(spare(true, relayed, direct(false, SETTLED))).containsExactly(relayed);
    var found = SpareConnections.among(List.of(relayed, young), true, NOW);
    assertThat(found.spare()).isEmpty();
    assertThat(found.nextLook()).isEqualTo(young.openedAt().plus(Limits.SPARE_GRACE));
  }

  @Test
  void whatAStreamUsesStays() {
    Connection busy = connection(true, false, YAMUX, SETTLED, 1);
    Connection relayed = connection(true, true, YAMUX, SETTLED, 1);
    assertThat(spare(false, busy, relayed, direct(false, SETTLED))).isEmpty();
  }

  @Test
  void oneOfEachTransportStays() {
    Connection tcp = direct(true, SETTLED);
    Connection quic = connection(false, false, QUIC, SETTLED, 0);
    assertThat(spare(false, tcp, quic)).isEmpty();
  }

  /// What one side sees as dialled by it the other sees as dialled by the peer; the clocks of both
  /// differ by less than the grace.
  @Test
  void howeverManyThereAreBothSidesTogetherLeaveOneOfEachTransport() {
    SeededRandom random = SeededRandom.of(SpareConnectionsTest.class);
    for (int world = 0; world < 2000; world++) {
      List<boolean[]> open = new ArrayList<>();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        open.add(new boolean[] {random.nextBoolean(), random.nextBoolean()});
      }
      for (int round = 0; round < 3; round++) {
        List<boolean[]> rest = new ArrayList<>(open);
        for (boolean smaller : new boolean[] {true, false}) {
          List<Connection> seen = new ArrayList<>();
          for (int i = 0; i < open.size(); i++) {
            boolean[] each = open.get(i);
            seen.add(
                connection(
                    each[0] == smaller,
                    false,
                    each[1] ? QUIC : YAMUX,
                    SETTLED.minus(Duration.ofMillis(open.size() - i)),
                    0));
          }
          for (Connection gone : SpareConnections.among(seen, smaller, NOW).spare()) {
            rest.remove(open.get(seen.indexOf(gone)));
          }
        }
        open = rest;
      }
      assertThat(open).isNotEmpty();
      assertThat(open.stream().map(each -> each[1]).distinct().count()).isEqualTo(open.size());
    }
  }
}
