package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.bouncycastle.crypto.hash2curve.impl.Elligator2MapToCurve;
import org.bouncycastle.math.ec.custom.djb.Curve25519;
import org.junit.jupiter.api.Test;

/// Does the time of the generator tell which code went in? The method of dudect (Reparaz, Balasch,
/// Verbauwhede: "Dude, is my code constant time?"): two classes of inputs in random order, Welch's
/// t over the times; |t| above 4.5 is a leak.
///
/// What this shows: with so many calls, on this machine and JVM, the compiled code has no
/// difference between the classes that stands out of the noise. It does not show that there is
/// none, and nothing about other machines, other JVMs or the first interpreted calls. The control
/// shows that the method finds the leak of a careless implementation.
///
/// `-Dpeerup.test.args=-Dconstant-time.calls=1000000` measures longer.
class ConstantTimeTest {

  private static final int CALLS = Integer.getInteger("constant-time.calls", 40_000);
  private static final int BATCH = 2_000;
  private static final double LEAK = 4.5;
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger A = BigInteger.valueOf(486662);
  private static final Elligator2MapToCurve CARELESS =
      new Elligator2MapToCurve(new Curve25519(), BigInteger.TWO, A, BigInteger.ONE);
  private static final byte[] CI = new byte[160];
  private static final byte[] SID = new byte[64];

  private final SeededRandom random = SeededRandom.of(ConstantTimeTest.class);

  @Test
  void theGeneratorTakesAsLongForOneSecretAsForRandomOnes() {
    byte[] one = random.bytes(32);
    assertThat(leak(second -> second ? random.bytes(32) : one, s -> generator(s))).isLessThan(LEAK);
  }

  @Test
  void theMapTakesAsLongForOneCandidateAsForTheOther() {
    assertThat(leak(this::inputForCandidate, Elligator2::map)).isLessThan(LEAK);
  }

  @Test
  void theSameMeasurementFindsTheLeakOfAnImplementationWithBigIntegers() {
    byte[] one = new byte[32];
    one[31] = 1;
    assertThat(
            leak(
                second -> second ? random.bytes(32) : one,
                input -> CARELESS.process(new BigInteger(1, input))))
        .isGreaterThan(LEAK);
  }

  private static void generator(byte[] secret) {
    CPace25519.generator(secret, CI, SID);
  }

  /// An input for which the map takes its first candidate, -A/(1 + 2r²), or its second.
  private byte[] inputForCandidate(boolean second) {
    while (true) {
      byte[] input = random.bytes(32);
      input[31] &= 0x3f;
      BigInteger r = Fixtures.littleEndian(input);
      BigInteger d = r.multiply(r).shiftLeft(1).add(BigInteger.ONE);
      BigInteger first = A.negate().multiply(d.modInverse(P)).mod(P);
      if (second != Fixtures.littleEndian(Elligator2.map(input)).equals(first)) {
        return input;
      }
    }
  }

  /// |t| over the times of both classes. Each batch is compared with its own median and loses its
  /// slowest tenth, so that neither interruptions nor what slows whole batches (code that is not
  /// compiled yet, a busy machine) hides a difference between the classes.
  private double leak(Function<Boolean, byte[]> inputs, Consumer<byte[]> work) {
    DoubleStream.Builder one = DoubleStream.builder();
    DoubleStream.Builder other = DoubleStream.builder();
    byte[] buffer = new byte[32];
    for (int from = 0; from < CALLS; from += BATCH) {
      // Prepared before the clock runs, and copied to one place, so that only the values differ.
      boolean[] second = new boolean[BATCH];
      byte[][] batch = new byte[BATCH][];
      for (int i = 0; i < BATCH; i++) {
        second[i] = random.nextBoolean();
        batch[i] = inputs.apply(second[i]).clone();
      }
      long[] nanos = new long[BATCH];
      for (int i = 0; i < BATCH; i++) {
        System.arraycopy(batch[i], 0, buffer, 0, buffer.length);
        long start = System.nanoTime();
        work.accept(buffer);
        nanos[i] = System.nanoTime() - start;
      }
      if (from < CALLS / 4) {
        continue; // Warming up.
      }
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      long median = sorted[BATCH / 2];
      long cut = sorted[BATCH * 9 / 10];
      for (int i = 0; i < BATCH; i++) {
        if (nanos[i] <= cut) {
          (second[i] ? other : one).add((double) (nanos[i] - median));
        }
      }
    }
    double t = welch(one.build().toArray(), other.build().toArray());
    System.out.printf("%d calls: t = %.2f%n", CALLS, t);
    return Math.abs(t);
  }

  private static double welch(double[] one, double[] other) {
    return (mean(one) - mean(other))
        / Math.sqrt(variance(one) / one.length + variance(other) / other.length);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }
}
