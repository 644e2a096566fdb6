package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuicKeepAliveTest {

  private static final Duration SILENCE = Duration.ofSeconds(25);
  private static final long NANOS = SILENCE.toNanos();

  private final QuicKeepAlive keepAlive = new QuicKeepAlive(SILENCE, 7);

  @Test
  void itIsDueAfterTheSilenceAndNotBefore() {
    assertThat(keepAlive.isDue(0, 7 + NANOS - 1)).isFalse();
    assertThat(keepAlive.isDue(0, 7 + NANOS)).isTrue();
  }

  @Test
  void itIsDueAgainAfterAnother() {
    assertThat(keepAlive.isDue(0, 7 + NANOS)).isTrue();
    assertThat(keepAlive.isDue(0, 7 + 2 * NANOS - 1)).isFalse();
    assertThat(keepAlive.isDue(0, 7 + 2 * NANOS)).isTrue();
  }

  @Test
  void whatComesEndsTheSilence() {
    assertThat(keepAlive.isDue(1, 7 + NANOS)).isFalse();
    assertThat(keepAlive.isDue(1, 7 + 2 * NANOS - 1)).isFalse();
    assertThat(keepAlive.isDue(2, 7 + 2 * NANOS)).isFalse();
    assertThat(keepAlive.isDue(2, 7 + 3 * NANOS)).isTrue();
  }
}
