package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.transport.QuicFloodGuard.Traffic;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuicFloodGuardTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int PACKET_BYTES = 1200;

  private final QuicFloodGuard guard = new QuicFloodGuard(0);

  /// Nothing was read or written.
  private static Traffic idle(long packets, long bytes) {
    return new Traffic(packets, bytes, 0, 0, 0, false);
  }

  @Test
  void whatCarriesNothingIsFreeUpToABurst() {
    assertThat(guard.exceeded(idle(QuicLimits.IDLE_PACKETS_MAX, 0), 0)).isFalse();
    assertThat(guard.exceeded(idle(QuicLimits.IDLE_PACKETS_MAX + 1, 0), 0)).isTrue();
  }

  @Test
  void bytesThatNobodyReadsAreFreeUpToABurst() {
    assertThat(guard.exceeded(idle(1, QuicLimits.IDLE_BYTES_MAX), 0)).isFalse();
    assertThat(guard.exceeded(idle(2, QuicLimits.IDLE_BYTES_MAX + 1), 0)).isTrue();
  }

  @Test
  void aFirstWindowMayWaitForASlowReader() {
    long bytes = QuicLimits.IDLE_BYTES_MAX + QuicLimits.CONNECTION_WINDOW_BYTES;
    assertThat(guard.exceeded(new Traffic(1, bytes, 0, 0, 0, true), 0)).isFalse();
    assertThat(guard.exceeded(new Traffic(1, bytes, 0, 0, 0, false), 0)).isTrue();
  }

  @Test
  void aModestRateOfItIsFreeForEver() {
    long packets = 0;
    long bytes = 0;
    for (long second = 1; second < 100_000; second++) {
      packets += QuicLimits.IDLE_PACKETS_PER_SECOND;
      bytes += QuicLimits.IDLE_BYTES_PER_SECOND;
      assertThat(guard.exceeded(idle(packets, bytes), second * SECOND)).isFalse();
    }
  }

  @Test
  void aTransferIsNeverAFlood() {
    // A fast line with the smallest packets, of which each second's reads answer for what came.
    long packets = 0;
    long read = 0;
    for (long second = 1; second < 10_000; second++) {
      packets += 100_000;
      read += 100_000L * (PACKET_BYTES - 50);
      Traffic traffic = new Traffic(packets, packets * PACKET_BYTES, second, read, 0, true);
      assertThat(guard.exceeded(traffic, second * SECOND)).isFalse();
    }
    // One packet was lost: a whole window waits behind it.
    packets += QuicLimits.CONNECTION_WINDOW_BYTES_MAX / (PACKET_BYTES - 50);
    Traffic stalled = new Traffic(packets, packets * PACKET_BYTES, 10_000, read, 0, true);
    assertThat(guard.exceeded(stalled, 10_000 * SECOND)).isFalse();
  }

  @Test
  void theFirstWindowsMayLieBehindAGapHoweverFastTheyGrow() {
    long window = QuicLimits.CONNECTION_WINDOW_BYTES;
    long read = 0;
    while (window < QuicLimits.CONNECTION_WINDOW_BYTES_MAX) {
      QuicFloodGuard each = new QuicFloodGuard(0);
      long bytes = (read + window) * PACKET_BYTES / (PACKET_BYTES - 50);
      long packets = bytes / PACKET_BYTES;
      assertThat(each.exceeded(new Traffic(packets, bytes, 0, read, 0, true), 0)).isFalse();
      read += window / 2;
      window *= 2;
    }
  }

  @Test
  void acknowledgementsOfWhatWeSendAreNoFlood() {
    long written = 0;
    for (long second = 1; second < 10_000; second++) {
      written += 100_000_000;
      long packets = written / PACKET_BYTES / 2;
      Traffic traffic = new Traffic(packets, packets * 60, written / 65_536, 0, written, false);
      assertThat(guard.exceeded(traffic, second * SECOND)).isFalse();
    }
  }

  @Test
  void whatWasReadBeforeIsNoCreditForAFloodLater() {
    Traffic good = new Traffic(1000, 1_000_000, 1_000_000, 1_000_000, 0, false);
    assertThat(guard.exceeded(good, SECOND)).isFalse();
    long packets = good.packets() + QuicLimits.IDLE_PACKETS_MAX + 1;
    assertThat(
            guard.exceeded(new Traffic(packets, 1_000_000, 1_000_000, 1_000_000, 0, false), SECOND))
        .isTrue();
  }
}
