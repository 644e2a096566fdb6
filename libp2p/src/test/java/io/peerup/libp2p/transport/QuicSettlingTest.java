package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuicSettlingTest {

  private static final long RTT = millis(50);

  /// Four round trips and what acknowledgements may be held back.
  private static final long QUIET = 4 * RTT + millis(100);

  private final QuicSettling settling = new QuicSettling(0, 7);

  private static long millis(long count) {
    return Duration.ofMillis(count).toNanos();
  }

  @Test
  void whereNothingWasEverLostAndNothingIsUnderWayEverythingHasArrived() {
    QuicSettling clean = new QuicSettling(0, 0);
    assertThat(clean.hasSettled(0, false, 0, RTT)).isFalse();
    assertThat(clean.hasSettled(1, true, 0, RTT)).isTrue();
    assertThat(settling.hasSettled(1, true, 7, RTT)).isFalse();
  }

  @Test
  void onABusyLineItHasWhenNothingWasLostForAWhileAndNotBefore() {
    assertThat(settling.hasSettled(QUIET - 1, false, 7, RTT)).isFalse();
    assertThat(settling.hasSettled(QUIET, false, 7, RTT)).isTrue();
  }

  @Test
  void aLossBeginsTheWhileAnew() {
    assertThat(settling.hasSettled(QUIET - 1, false, 8, RTT)).isFalse();
    assertThat(settling.hasSettled(2 * QUIET - 2, false, 8, RTT)).isFalse();
    assertThat(settling.hasSettled(2 * QUIET - 1, false, 8, RTT)).isTrue();
  }

  @Test
  void lossesWithoutEndAreNotWaitedFor() {
    long lost = 7;
    for (long now = 0; now < millis(5000); now += millis(100)) {
      assertThat(settling.hasSettled(now, false, lost++, RTT)).isFalse();
    }
    assertThat(settling.hasSettled(millis(5000), false, lost, RTT)).isTrue();
  }
}
