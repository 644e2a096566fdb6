package io.peerup.testkit;

import java.security.SecureRandom;
import java.util.Random;
import java.util.random.RandomGenerator;

/// Chance that can be replayed: one seed for the whole test run, printed when it is first used and
/// set by `-Dseed=…`. Each label gives a stream of its own, so that tests do not disturb each
/// other's numbers. Thread-safe.
public final class SeededRandom implements RandomGenerator {

  private static final long SEED = chooseSeed();

  private final Random source;

  private SeededRandom(long seed) {
    this.source = new Random(seed);
  }

  /// The stream of this run's seed and the label, e.g. the name of the test class.
  public static SeededRandom of(String label) {
    return new SeededRandom(SEED * 31 + label.hashCode());
  }

  /// The stream for a test class.
  public static SeededRandom of(Class<?> test) {
    return of(test.getName());
  }

  /// The same stream in every run: for worlds to which kept inputs must still fit.
  public static SeededRandom fixed(long seed) {
    return new SeededRandom(seed);
  }

  /// The seed of this run.
  public static long seed() {
    return SEED;
  }

  @Override
  public long nextLong() {
    return source.nextLong();
  }

  /// As many fresh bytes.
  public byte[] bytes(int count) {
    byte[] out = new byte[count];
    source.nextBytes(out);
    return out;
  }

  private static long chooseSeed() {
    Long given = Long.getLong("seed");
    long seed = given != null ? given : new SecureRandom().nextInt(1_000_000_000);
    System.out.println("replay this run's chance with -Dseed=" + seed);
    return seed;
  }
}
