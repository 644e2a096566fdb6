package io.peerup.libp2p.transport;

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

/// Both ends of an established connection in memory, on one loop.
final class MuxedPair {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  final MemoryLoop loop = new MemoryLoop();
  final UpgradeProbe dialer = new UpgradeProbe();
  final UpgradeProbe listener = new UpgradeProbe();

  MuxedPair() {
    MemoryDuplex[] ends = MemoryDuplex.pair(loop);
    upgrade(Direction.INBOUND, ends[1], listener);
    upgrade(Direction.OUTBOUND, ends[0], dialer);
    loop.quiet();
  }

  private static void upgrade(Direction direction, MemoryDuplex end, UpgradeProbe probe) {
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

  static MuxedConnection muxed(UpgradeProbe probe) {
    return Objects.requireNonNull(probe.muxed);
  }

  /// A stream that the dialer opens.
  BlockingStream open() {
    var opening = muxed(dialer).open();
    loop.quiet();
    return opening.join();
  }
}
