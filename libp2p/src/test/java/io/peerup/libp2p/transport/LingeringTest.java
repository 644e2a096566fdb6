package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSuite;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A stream that was closed before all that was written to it could leave.
class LingeringTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  /// Twice this is more than the peer's window, and fits it and our buffer together.
  private static final int HALF_BYTES = 200_000;

  private final MemoryLoop loop = new MemoryLoop();
  private final MemoryDuplex[] ends = MemoryDuplex.pair(loop);
  private final UpgradeProbe dialer = new UpgradeProbe();
  private final UpgradeProbe listener = new UpgradeProbe();
  private int timersOfTheConnections;

  @BeforeEach
  void connect() {
    upgrade(Direction.INBOUND, ends[1], listener);
    upgrade(Direction.OUTBOUND, ends[0], dialer);
    loop.quiet();
    var opening = muxed(dialer).open();
    loop.quiet();
    timersOfTheConnections = loop.timers();
    BlockingStream stream = opening.join();
    for (int i = 0; i < 2; i++) {
      stream.write(new byte[HALF_BYTES]);
      loop.quiet();
    }
    stream.close();
    loop.quiet();
  }

  private static MuxedConnection muxed(UpgradeProbe probe) {
    return Objects.requireNonNull(probe.muxed);
  }

  private void upgrade(Direction direction, MemoryDuplex end, UpgradeProbe probe) {
    Security noise =
        new NoiseSecurity(
            NoiseSuite.CLASSIC,
            List.of(),
            NoiseKeys.of(PrivateKey.generate(KeyRandom.secure()), KeyRandom.secure()),
            KeyRandom.secure());
    var config =
        new Upgrade.Config(
            List.of(noise), YamuxLimits.DEFAULT, new BufferBudget(BufferBudget.BYTES_MAX));
    var _ = Upgrade.start(end, direction, config, PeerExpectation.any(), TIMEOUT, probe);
  }

  @Test
  void itWaitsForTheWindowButNotForEver() {
    assertThat(loop.timers()).isEqualTo(timersOfTheConnections + 1);
    assertThat(muxed(dialer).streamCount()).isOne();
    for (int i = 0; i < 70; i++) {
      loop.advance(Duration.ofSeconds(1));
    }
    assertThat(muxed(dialer).streamCount()).isZero();
  }

  @Test
  void nothingOfItIsLeftWhenItsConnectionEnds() {
    muxed(listener).close(0);
    loop.quiet();
    assertThat(muxed(dialer).isOpen()).isFalse();
    assertThat(loop.timers()).isZero();
  }
}
