package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuicFloodGuardTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final QuicFloodGuard guard = new QuicFloodGuard(0);

  @Test
  void whatCarriesNothingIsFreeUpToABurst() {
    assertThat(guard.exceeded(QuicLimits.IDLE_PACKETS_MAX, 0, 0)).isFalse();
    assertThat(guard.exceeded(QuicLimits.IDLE_PACKETS_MAX + 1, 0, 0)).isTrue();
  }

  @Test
  void aModestRateOfItIsFreeForEver() {
    long packets = 0;
    for (long second = 1; second < 100_000; second++) {
      packets += QuicLimits.IDLE_PACKETS_PER_SECOND;
      assertThat(guard.exceeded(packets, 0, second * SECOND)).isFalse();
    }
  }

  @Test
  void aTransferIsNeverAFlood() {
    // A fast line with the smallest packets, of which each second's reads answer for what came.
    long packets = 0;
    long useful = 0;
    for (long second = 1; second < 10_000; second++) {
      packets += 100_000;
      useful += 100_000L * 1200 / QuicLimits.USEFUL_BYTES_PER_PACKET;
      assertThat(guard.exceeded(packets, useful, second * SECOND)).isFalse();
    }
    // One packet was lost: a whole window waits behind it.
    packets += QuicLimits.CONNECTION_WINDOW_BYTES_MAX / 1200;
    assertThat(guard.exceeded(packets, useful, 10_000 * SECOND)).isFalse();
  }

  @Test
  void whatWasReadBeforeIsNoCreditForAFloodLater() {
    assertThat(guard.exceeded(0, 1_000_000, SECOND)).isFalse();
    assertThat(guard.exceeded(QuicLimits.IDLE_PACKETS_MAX + 1, 1_000_000, SECOND)).isTrue();
  }
}
