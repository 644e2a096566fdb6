package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A stream that was closed before all that was written to it could leave.
class LingeringTest {

  /// Twice this is more than the peer's window, and fits it and our buffer together.
  private static final int HALF_BYTES = 200_000;

  private final MuxedPair pair = new MuxedPair();
  private final MemoryLoop loop = pair.loop;
  private final MuxedConnection dialer = MuxedPair.muxed(pair.dialer);
  private int timersOfTheConnections;

  @BeforeEach
  void closeWhatCannotLeave() {
    BlockingStream stream = pair.open();
    timersOfTheConnections = loop.timers();
    for (int i = 0; i < 2; i++) {
      stream.write(new byte[HALF_BYTES]);
      loop.quiet();
    }
    stream.close();
    loop.quiet();
  }

  @Test
  void itWaitsForTheWindowButNotForEver() {
    assertThat(loop.timers()).isEqualTo(timersOfTheConnections + 1);
    assertThat(dialer.streamCount()).isOne();
    for (int i = 0; i < 70; i++) {
      loop.advance(Duration.ofSeconds(1));
    }
    assertThat(dialer.streamCount()).isZero();
  }

  @Test
  void nothingOfItIsLeftWhenItsConnectionEnds() {
    MuxedPair.muxed(pair.listener).close(0);
    loop.quiet();
    assertThat(dialer.isOpen()).isFalse();
    assertThat(loop.timers()).isZero();
  }
}
