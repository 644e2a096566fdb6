package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {

  private static final PeerId PEER = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static HostLimits limits(int connections, int halfOpen, int perPrefix, int perPeer) {
    return new HostLimits(
        connections,
        halfOpen,
        perPrefix,
        perPrefix,
        connections,
        perPeer,
        1,
        1,
        1,
        HostLimits.BUFFERED_BYTES_MIN,
        1,
        1,
        TestHosts.SOON,
        TestHosts.SOON,
        TestHosts.SOON,
        TestHosts.SOON,
        TestHosts.SOON,
        TestHosts.SOON);
  }

  @Test
  void theTotalHoldsAtTheLimitAndIsFreedOnce() {
    Admission admission = new Admission(limits(3, 100, 100, 100));
    List<Admission.Place> places = new ArrayList<>();
    places.add(admission.outbound());
    places.add(admission.inbound(ip("192.0.2.1")));
    places.add(admission.inbound(null));
    assertThatThrownBy(admission::outbound).isInstanceOf(LimitReached.class);
    assertThatThrownBy(() -> admission.inbound(ip("192.0.2.2"))).isInstanceOf(LimitReached.class);
    places.getFirst().release();
    places.getFirst().release();
    Admission.Place again = admission.outbound();
    assertThatThrownBy(admission::outbound).isInstanceOf(LimitReached.class);
    again.release();
    places.forEach(Admission.Place::release);
    assertThat(admission.connections()).isZero();
    assertThat(admission.halfOpen()).isZero();
  }

  @Test
  void unfinishedHandshakesAreCountedByPrefix() {
    Admission admission = new Admission(limits(100, 100, 2, 100));
    Admission.Place first = admission.inbound(ip("2001:db8:0:100::1"));
    Admission.Place second = admission.inbound(ip("2001:db8:0:1ff::2"));
    assertThatThrownBy(() -> admission.inbound(ip("2001:db8:0:142::3")))
        .isInstanceOf(LimitReached.class);
    // The next /56 is another customer.
    admission.inbound(ip("2001:db8:0:200::1")).release();
    first.establish(PEER);
    admission.inbound(ip("2001:db8:0:100::3")).release();
    second.release();
    first.release();
    assertThat(admission.connections()).isZero();
  }

  @Test
  void ipv4AddressesAreCountedSingly() {
    Admission admission = new Admission(limits(100, 100, 1, 100));
    Admission.Place one = admission.inbound(ip("192.0.2.1"));
    assertThatThrownBy(() -> admission.inbound(ip("192.0.2.1"))).isInstanceOf(LimitReached.class);
    Admission.Place other = admission.inbound(ip("192.0.2.2"));
    assertThat(admission.halfOpen()).isEqualTo(2);
    one.release();
    other.release();
  }

  @Test
  void unfinishedHandshakesAreBoundedInTotalAndAFloodShutsOutOnlyItself() {
    Admission admission = new Admission(limits(100, 3, 100, 100));
    List<String> evicted = new ArrayList<>();
    Admission.Place oldest = admission.inbound(ip("192.0.2.1"));
    oldest.onEviction(() -> evicted.add("oldest"));
    Admission.Place flood = admission.inbound(ip("192.0.2.1"));
    flood.onEviction(() -> evicted.add("flood"));
    Admission.Place single = admission.inbound(ip("192.0.2.2"));
    single.onEviction(() -> evicted.add("single"));
    // The most crowded prefix gets nothing more.
    assertThatThrownBy(() -> admission.inbound(ip("192.0.2.1"))).isInstanceOf(LimitReached.class);
    assertThat(evicted).isEmpty();
    // A newcomer takes its oldest place; our own dials are ours to bound.
    Admission.Place newcomer = admission.inbound(ip("192.0.2.3"));
    assertThat(evicted).containsExactly("oldest");
    assertThat(admission.halfOpen()).isEqualTo(3);
    assertThat(admission.connections()).isEqualTo(3);
    assertThatThrownBy(() -> oldest.establish(PEER)).isInstanceOf(LimitReached.class);
    oldest.release();
    admission.outbound().release();
    // A finished handshake makes room without anybody's loss.
    newcomer.establish(PEER);
    Admission.Place last = admission.inbound(ip("192.0.2.4"));
    assertThat(evicted).containsExactly("oldest");
    List.of(flood, single, newcomer, last).forEach(Admission.Place::release);
    assertThat(admission.connections()).isZero();
    assertThat(admission.halfOpen()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"198.51.100.%d, 192.0.2.1", "2001:db8:7:%x::1, 2001:db8:8::1"})
  void aNetworkWithAnAddressForEveryPlaceShutsOutOnlyItself(String flood, String elsewhere) {
    Admission admission = new Admission(HostLimits.DEFAULTS);
    Runnable wave =
        () -> {
          for (int i = 0; i < 4 * 256; i++) {
            // 256 IPv4 addresses, or 256 times another /56.
            int address = flood.contains(":") ? (i % 256) << 8 : i % 256;
            try {
              admission.inbound(ip(flood.formatted(address)));
            } catch (LimitReached e) {
              // as it should
            }
          }
        };
    wave.run();
    assertThat(admission.halfOpen()).isEqualTo(HostLimits.DEFAULTS.halfOpen());
    List<String> evicted = new ArrayList<>();
    for (int i = 0; i < HostLimits.DEFAULTS.halfOpenPerPrefix(); i++) {
      Admission.Place honest = admission.inbound(ip(elsewhere));
      honest.onEviction(() -> evicted.add("honest"));
      wave.run();
      if (i % 2 == 0) {
        honest.establish(PEER);
        honest.release();
      }
    }
    assertThat(evicted).isEmpty();
    assertThat(admission.halfOpen()).isEqualTo(HostLimits.DEFAULTS.halfOpen());
  }

  @Test
  void aNeighbourOfAFloodTakesAPlaceOfTheAddressWithMost() {
    Admission admission = new Admission(limits(100, 4, 100, 100));
    List<String> evicted = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      admission.inbound(ip("192.0.2.1")).onEviction(() -> evicted.add("quiet"));
      admission.inbound(ip("192.0.2.9")).onEviction(() -> evicted.add("loud"));
    }
    assertThatThrownBy(() -> admission.inbound(ip("192.0.2.9"))).isInstanceOf(LimitReached.class);
    admission.inbound(ip("192.0.2.77"));
    assertThat(evicted).containsExactly("quiet");
    admission.inbound(ip("192.0.2.78"));
    assertThat(evicted).containsExactly("quiet", "loud");
  }

  @Test
  void amongEqualsTheOldestGoes() {
    Admission admission = new Admission(limits(100, 3, 100, 100));
    List<Integer> evicted = new ArrayList<>();
    for (int i = 1; i <= 9; i++) {
      int number = i;
      admission.inbound(ip("192.0." + i + ".1")).onEviction(() -> evicted.add(number));
    }
    assertThat(evicted).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void anEvictionBeforeItsTaskIsKnownRunsTheTaskAtOnce() {
    Admission admission = new Admission(limits(100, 1, 100, 100));
    Admission.Place first = admission.inbound(ip("192.0.2.1"));
    Admission.Place second = admission.inbound(ip("192.0.2.2"));
    List<String> evicted = new ArrayList<>();
    first.onEviction(() -> evicted.add("first"));
    assertThat(evicted).containsExactly("first");
    second.release();
  }

  @Test
  void connectionsOfOnePeerHoldAtTheLimit() {
    Admission admission = new Admission(limits(100, 100, 100, 2));
    Admission.Place first = admission.outbound();
    Admission.Place second = admission.inbound(ip("192.0.2.1"));
    Admission.Place third = admission.outbound();
    first.establish(PEER);
    second.establish(PEER);
    assertThatThrownBy(() -> third.establish(PEER)).isInstanceOf(LimitReached.class);
    first.release();
    third.establish(PEER);
    second.release();
    third.release();
    assertThat(admission.connections()).isZero();
  }

  @Test
  void finishedInboundConnectionsStayCountedByPrefix() {
    HostLimits base = HostLimits.DEFAULTS.change().connectionsPerPrefix(2).build();
    Admission admission = new Admission(base);
    Admission.Place first = admission.inbound(ip("192.0.2.1"));
    Admission.Place second = admission.inbound(ip("192.0.2.1"));
    first.establish(PEER);
    second.establish(PEER);
    assertThatThrownBy(() -> admission.inbound(ip("192.0.2.1"))).isInstanceOf(LimitReached.class);
    first.release();
    admission.inbound(ip("192.0.2.1")).release();
    second.release();
  }

  @Test
  void aCrowdedPlaceAsksNewcomersToProveTheirAddress() {
    Admission admission = new Admission(HostLimits.DEFAULTS);
    InetAddress crowded = InetAddress.ofLiteral("198.51.100.1");
    for (int i = 0; i < HostLimits.DEFAULTS.halfOpenPerPrefix() / 4; i++) {
      assertThat(admission.crowded(crowded)).isFalse();
      assertThat(admission.inbound(crowded)).isNotNull();
    }
    assertThat(admission.crowded(crowded)).isTrue();
    InetAddress elsewhere = InetAddress.ofLiteral("203.0.113.1");
    assertThat(admission.crowded(elsewhere)).isFalse();
    for (int i = 4; i < HostLimits.DEFAULTS.halfOpen() / 8; i++) {
      assertThat(admission.inbound(InetAddress.ofLiteral("192.0.2." + i))).isNotNull();
    }
    assertThat(admission.crowded(elsewhere)).isTrue();
  }
}
