package io.peerup.testkit;

import java.io.IOException;
import java.util.Random;

/// What a line does to packets: some are lost, some come twice, some late, behind others. Which
/// ones is decided by the seed.
///
/// @param lost percent of the packets
/// @param twice percent of the packets that are not lost
/// @param late percent of those, too
public record BadLine(long seed, int lost, int twice, int late) {

  public static final BadLine GOOD = new BadLine(0, 0, 0, 0);

  private static final int LATE_MILLIS_MAX = 15;

  /// Takes a packet to where it goes.
  interface Passage {
    void go() throws IOException;
  }

  /// The direction of this number.
  Way way(int number) {
    return new Way(new Random(seed + number));
  }

  final class Way {

    private final Random random;

    private Way(Random random) {
      this.random = random;
    }

    private boolean happens(int percent) {
      return random.nextInt(100) < percent;
    }

    void pass(Passage packet) throws IOException {
      if (happens(lost)) {
        return;
      }
      int times = happens(twice) ? 2 : 1;
      for (int i = 0; i < times; i++) {
        if (happens(late)) {
          later(packet, 1 + random.nextInt(LATE_MILLIS_MAX));
        } else {
          packet.go();
        }
      }
    }

    private static void later(Passage packet, int millis) {
      Thread.startVirtualThread(() -> {
        try {
          Thread.sleep(millis);
          packet.go();
        } catch (IOException | InterruptedException e) {
          // the line was cut meanwhile
        }
      });
    }
  }
}
