package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BlackHoleTest {

  private static final Multiaddr TCP4 = Multiaddr.parse("/ip4/8.8.8.8/tcp/1");
  private static final Multiaddr TCP6 = Multiaddr.parse("/ip6/2606:4700::1111/tcp/1");
  private static final Multiaddr QUIC4 = Multiaddr.parse("/ip4/8.8.8.8/udp/1/quic-v1");
  private static final Multiaddr QUIC6 = Multiaddr.parse("/ip6/2606:4700::1111/udp/1/quic-v1");

  private final BlackHole hole = new BlackHole();
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final BlackHoles holes = new BlackHoles(clock::get);

  private void end(int successes, int failures) {
    for (int i = 0; i < successes + failures; i++) {
      hole.ended(i < successes);
    }
  }

  private void fail(Multiaddr address) {
    for (int i = 0; i < BlackHole.WINDOW; i++) {
      end(address, new DeadlineExceeded("no answer"));
    }
  }

  private void end(Multiaddr address, OverlayException failure) {
    assertThatThrownBy(() ->
            holes.watch(
                address,
                () -> {
                  throw failure;
                }))
        .isSameAs(failure);
  }

  /// A hundred dials that others overtook after this time.
  private void overtaken(Multiaddr address, Duration after) {
    for (int i = 0; i < BlackHole.WINDOW; i++) {
      assertThatThrownBy(() ->
              holes.watch(
                  address,
                  () -> {
                    clock.addAndGet(after.toNanos());
                    Thread.currentThread().interrupt();
                    throw new PeerUnreachable("interrupted");
                  }))
          .isInstanceOf(PeerUnreachable.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private int admittedOf(int asked) {
    int admitted = 0;
    for (int i = 0; i < asked; i++) {
      admitted += hole.admits() ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void ninetyNineFailuresAreNoBlackHoleAndAHundredAre() {
    end(0, 99);
    assertThat(admittedOf(1000)).isEqualTo(1000);
    end(0, 1);
    assertThat(hole.admits()).isFalse();
  }

  @Test
  void fiveSuccessesInAHundredAreEnoughAndFourAreNot() {
    end(5, 95);
    assertThat(hole.admits()).isTrue();
    // The oldest of the hundred, a success, falls out.
    end(0, 1);
    assertThat(hole.admits()).isFalse();
  }

  @Test
  void oneDialInAHundredGoesOnInABlackHole() {
    end(0, 100);
    assertThat(admittedOf(99)).isZero();
    assertThat(hole.admits()).isTrue();
    assertThat(admittedOf(1000)).isEqualTo(10);
  }

  @Test
  void oneSuccessEndsABlackHoleForAnotherHundredDials() {
    end(0, 500);
    hole.ended(true);
    assertThat(admittedOf(200)).isEqualTo(200);
    end(0, 99);
    assertThat(admittedOf(200)).isEqualTo(200);
    end(0, 1);
    assertThat(hole.admits()).isFalse();
  }

  @Test
  void swallowedUdpLeavesTcpAndSwallowedIpv6LeavesIpv4() {
    fail(QUIC4);
    assertThat(holes.worthTrying(List.of(QUIC6, QUIC4, TCP6, TCP4))).containsExactly(TCP6, TCP4);
    fail(TCP6);
    assertThat(holes.worthTrying(List.of(QUIC6, QUIC4, TCP6, TCP4))).containsExactly(TCP4);
    holes.watch(QUIC6, () -> true);
    assertThat(holes.worthTrying(List.of(QUIC6, QUIC4, TCP6, TCP4)))
        .containsExactly(QUIC6, QUIC4, TCP6, TCP4);
  }

  @Test
  void whereNothingElseIsLeftABlackHoleIsTriedAllTheSame() {
    fail(TCP6);
    for (int i = 0; i < 1000; i++) {
      assertThat(holes.worthTrying(List.of(TCP6))).containsExactly(TCP6);
    }
  }

  @Test
  void nearAddressesAndCircuitsNeitherCountNorAreLeftOut() {
    Multiaddr circuit =
        TCP6.plus(
            Multiaddr.parse(
                "/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit"));
    List<Multiaddr> near =
        List.of(
            Multiaddr.parse("/ip6/::1/tcp/1"),
            Multiaddr.parse("/ip6/fd00::1/udp/1/quic-v1"),
            Multiaddr.parse("/ip6/fe80::1/tcp/1"),
            Multiaddr.parse("/ip4/127.0.0.1/udp/1/quic-v1"),
            Multiaddr.parse("/ip4/192.168.1.1/udp/1/quic-v1"),
            circuit);
    near.forEach(this::fail);
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(QUIC6, TCP4);
    fail(QUIC6);
    assertThat(holes.worthTrying(near)).isEqualTo(near);
  }

  @Test
  void whoeverAnswersIsNoBlackHole() {
    fail(QUIC6);
    end(QUIC6, new ProtocolViolation("somebody else"));
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(QUIC6, TCP4);
  }

  @Test
  void aDialThatAnotherOvertookAtOnceSaysNothingAndALaterOneCounts() {
    overtaken(QUIC6, BlackHoles.FAIR_CHANCE.minusNanos(1));
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(QUIC6, TCP4);
    overtaken(QUIC6, BlackHoles.FAIR_CHANCE);
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(TCP4);
  }

  @Test
  void ourOwnLimitsSayNothing() {
    for (int i = 0; i < BlackHole.WINDOW; i++) {
      end(QUIC6, new LimitReached("too many connections"));
    }
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(QUIC6, TCP4);
  }

  @Test
  void anotherNetworkIsJudgedAnew() {
    fail(QUIC6);
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(TCP4);
    holes.reset();
    assertThat(holes.worthTrying(List.of(QUIC6, TCP4))).containsExactly(QUIC6, TCP4);
  }
}
