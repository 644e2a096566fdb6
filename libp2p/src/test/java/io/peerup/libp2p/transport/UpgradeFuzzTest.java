package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.testkit.SeededRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Whatever happens to the bytes on the way, each end decides once, in time, and never throws.
class UpgradeFuzzTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final PrivateKey dialerKey = PrivateKey.generate(KeyRandom.secure());
  private final PrivateKey listenerKey = PrivateKey.generate(KeyRandom.secure());

  @Test
  void alteredBytesNeverLeaveAnUpgradeUndecided() {
    RandomGenerator random = SeededRandom.of(getClass());
    for (int run = 0; run < 150; run++) {
      MemoryLoop loop = new MemoryLoop();
      MemoryDuplex[] ends = MemoryDuplex.pair(loop);
      UpgradeProbe dialer = start(ends[0], Direction.OUTBOUND, dialerKey);
      UpgradeProbe listener = start(ends[1], Direction.INBOUND, listenerKey);
      MemoryDuplex victim = ends[random.nextInt(2)];
      int spared = random.nextInt(4);
      int[] flushes = {0};
      victim.alter(bytes -> flushes[0]++ < spared ? bytes : altered(bytes, random));
      if (random.nextBoolean()) {
        victim.cut(1 + random.nextInt(20));
      }
      loop.advance(TIMEOUT.plusSeconds(60));
      assertThat(dialer.decided()).isTrue();
      assertThat(listener.decided()).isTrue();
      if (dialer.muxed != null && listener.muxed != null) {
        assertThat(dialer.muxed.secured().binding()).isEqualTo(listener.muxed.secured().binding());
      }
    }
  }

  private static UpgradeProbe start(MemoryDuplex end, Direction direction, PrivateKey key) {
    UpgradeProbe probe = new UpgradeProbe();
    var _ =
        Upgrade.start(
            end,
            direction,
            new Upgrade.Config(key, KeyRandom.secure(), YamuxLimits.DEFAULT),
            PeerExpectation.any(),
            TIMEOUT,
            probe);
    return probe;
  }

  private static byte[] altered(byte[] bytes, RandomGenerator random) {
    byte[] out = bytes.clone();
    return switch (random.nextInt(4)) {
      case 0 -> {
        out[random.nextInt(out.length)] ^= (byte) (1 << random.nextInt(8));
        yield out;
      }
      case 1 -> Arrays.copyOf(out, random.nextInt(out.length + 1));
      case 2 -> {
        byte[] longer = Arrays.copyOf(out, out.length + 1 + random.nextInt(40));
        for (int i = out.length; i < longer.length; i++) {
          longer[i] = (byte) random.nextInt();
        }
        yield longer;
      }
      default -> {
        random.nextBytes(out);
        yield out;
      }
    };
  }
}
