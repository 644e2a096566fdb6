package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuicBacklogTest {

  private final QuicBacklog backlog = new QuicBacklog();

  @Test
  void whereNoReaderIsSlowNothingIsHeldHoweverMuchWasNotRead() {
    assertThat(backlog.estimate(1_000_000, 10, /* readerSlow= */ false)).isZero();
    assertThat(backlog.bytes()).isZero();
  }

  @Test
  void whileAReaderIsSlowItIsWhatHasComeSinceAndWasNotRead() {
    backlog.estimate(1100, 1000, /* readerSlow= */ false);
    assertThat(backlog.estimate(6100, 1000, /* readerSlow= */ true)).isEqualTo(5000);
    assertThat(backlog.bytes()).isEqualTo(5000);
    assertThat(backlog.estimate(7100, 4000, /* readerSlow= */ true)).isEqualTo(-2000);
    assertThat(backlog.bytes()).isEqualTo(3000);
  }

  @Test
  void onceTheReaderHasCaughtUpNothingIsHeldAndWhatIsMissingWasOverhead() {
    backlog.estimate(5000, 0, /* readerSlow= */ true);
    assertThat(backlog.estimate(6000, 5500, /* readerSlow= */ false)).isEqualTo(-5000);
    assertThat(backlog.estimate(6300, 5500, /* readerSlow= */ true)).isEqualTo(300);
  }

  @Test
  void itIsNeverMoreThanTheWindowAndNeverLessThanNothing() {
    int window = QuicLimits.CONNECTION_WINDOW_BYTES_MAX;
    assertThat(backlog.estimate(window, 0, /* readerSlow= */ true)).isEqualTo(window);
    assertThat(backlog.estimate(1L << 40, 0, /* readerSlow= */ true)).isZero();
    backlog.estimate(1L << 40, 0, /* readerSlow= */ false);
    assertThat(backlog.estimate(1L << 40, 10, /* readerSlow= */ true)).isZero();
    assertThat(backlog.bytes()).isZero();
  }
}
