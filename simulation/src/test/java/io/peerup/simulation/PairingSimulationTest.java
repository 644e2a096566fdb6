package io.peerup.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// As [SimulationTest], for pairing by invite.
class PairingSimulationTest {

  private static final long FIRST = Long.getLong("sim.seed", 1);
  private static final int COUNT = Integer.getInteger("sim.seeds", 500);

  /// Worlds that a mistake may stay hidden in.
  private static final int PATIENCE = 400;

  @Test
  void everyPromiseHoldsInEveryWorld() {
    AtomicLong paired = new AtomicLong();
    AtomicLong burned = new AtomicLong();
    long start = System.nanoTime();
    LongStream.range(FIRST, FIRST + COUNT)
        .parallel()
        .forEach(seed -> {
          try {
            PairingSimulation.Result result = PairingSimulation.run(seed, Sabotage.NONE);
            paired.addAndGet(result.paired() ? 1 : 0);
            burned.addAndGet(result.burned() ? 1 : 0);
          } catch (Throwable broken) {
            throw new AssertionError("replay: ./x sim --seed " + seed, broken);
          }
        });
    System.out.printf(
        "pairing: %d worlds from seed %d in %.1f s; in %d somebody paired, in %d the code burned%n",
        COUNT, FIRST, (System.nanoTime() - start) / 1e9, paired.get(), burned.get());
    assertThat(paired.get() + burned.get()).isEqualTo(COUNT);
  }

  @Test
  void theSameSeedIsTheSameWorld() {
    for (long seed = 1; seed <= 10; seed++) {
      assertThat(PairingSimulation.run(seed, Sabotage.NONE))
          .isEqualTo(PairingSimulation.run(seed, Sabotage.NONE));
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"ANSWER_BEFORE_TRUST", "FORGOTTEN_USE", "CIRCUITS_FOR_ALL"})
  void aMistakeIsFound(Sabotage mistake) {
    for (long seed = 1; seed <= PATIENCE; seed++) {
      try {
        PairingSimulation.run(seed, mistake);
      } catch (Broken found) {
        System.out.printf("%s: found in world %d: %s%n", mistake, seed, found.getMessage());
        return;
      }
    }
    fail("nobody noticed " + mistake + " in " + PATIENCE + " worlds");
  }
}
