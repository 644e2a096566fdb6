package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DialBackoffTest {

  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final DialBackoff backoff = new DialBackoff(clock::get);

  private int takeAll() {
    int taken = 0;
    for (int i = 0; i < 1000; i++) {
      taken += backoff.take(ADDRESS) ? 1 : 0;
    }
    return taken;
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  @Test
  void anAddressIsDialledInABurstAndThenAtARateHoweverOftenItIsAskedFor() {
    assertThat(takeAll()).isEqualTo(DialBackoff.BURST);
    pass(DialBackoff.INTERVAL.minusNanos(1));
    assertThat(takeAll()).isZero();
    pass(Duration.ofNanos(1));
    assertThat(takeAll()).isEqualTo(1);
    int inAnHour = 0;
    for (int second = 0; second < 3600; second++) {
      pass(Duration.ofSeconds(1));
      inAnHour += takeAll();
    }
    assertThat(inAnHour).isBetween(719, 720);
    pass(Duration.ofDays(1));
    assertThat(takeAll()).isEqualTo(DialBackoff.BURST);
  }

  @Test
  void successForgetsTheFailuresAndOtherAddressesAreNotConcerned() {
    takeAll();
    assertThat(backoff.take(Multiaddr.parse("/ip4/192.0.2.1/tcp/2"))).isTrue();
    backoff.succeeded(ADDRESS);
    assertThat(takeAll()).isEqualTo(DialBackoff.BURST);
  }

  @Test
  void aScheduleThatDoublesItsPauseUpToAMinuteIsNeverHeldBack() {
    // Two of them, of a peer and of a relay at the same address.
    for (int attempt = 0; attempt < 100; attempt++) {
      assertThat(backoff.take(ADDRESS)).as("attempt %d", attempt).isTrue();
      assertThat(backoff.take(ADDRESS)).as("attempt %d", attempt).isTrue();
      pass(Duration.ofSeconds(Math.min(60, 1L << Math.min(attempt, 6))));
    }
  }

  @Test
  void aHundredThousandAddressesAreForgottenButForTheLast() {
    for (int i = 0; i < 100_000; i++) {
      Multiaddr each = Multiaddr.parse("/ip4/10.0." + i / 1000 + ".1/tcp/" + (1 + i % 1000));
      assertThat(backoff.take(each)).isTrue();
    }
    assertThat(backoff.size()).isEqualTo(DialBackoff.ADDRESSES_MAX);
  }
}
