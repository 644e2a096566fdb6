package io.peerup.relay.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.relay.circuit.wire.CircuitLimit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RelayPolicyTest {

  private static RelayPolicy with(long bytes, Duration duration) {
    return new RelayPolicy(1, 1, 1, Duration.ofHours(1), 1, 1, new CircuitLimit(duration, bytes));
  }

  @Test
  void generousBoundsAreKeptButNotAnnounced() {
    assertThat(with(1L << 30, Duration.ofHours(1)).announced()).isEmpty();
    assertThat(with(0, Duration.ZERO).announced()).isEmpty();
    assertThat(RelayPolicy.members().announced()).isEmpty();
  }

  @Test
  void tightBoundsAreAnnounced() {
    assertThat(with((1L << 30) - 1, Duration.ZERO).announced()).isPresent();
    assertThat(with(0, Duration.ofMinutes(59)).announced()).isPresent();
    assertThat(RelayPolicy.strangers().announced()).contains(RelayPolicy.strangers().circuit());
  }

  @Test
  void aReservationOfLessThanASecondAndALimitOfNothingAreRefused() {
    assertThatThrownBy(
            () -> new RelayPolicy(1, 1, 1, Duration.ofMillis(999), 1, 1, CircuitLimit.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RelayPolicy(0, 1, 1, Duration.ofHours(1), 1, 1, CircuitLimit.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
