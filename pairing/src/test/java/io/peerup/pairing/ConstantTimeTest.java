package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
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

  /// |t| over the times of both classes, without the slowest tenth, which are interruptions.
  private double leak(Function<Boolean, byte[]> inputs, Consumer<byte[]> work) {
    boolean[] second = new boolean[CALLS];
    long[] nanos = new long[CALLS];
    byte[] buffer = new byte[32];
    for (int from = 0; from < CALLS; from += BATCH) {
      // Prepared before the clock runs, and copied to one place, so that only the values differ.
      byte[][] batch = new byte[Math.min(BATCH, CALLS - from)][];
      for (int i = 0; i < batch.length; i++) {
        second[from + i] = random.nextBoolean();
        batch[i] = inputs.apply(second[from + i]).clone();
      }
      for (int i = 0; i < batch.length; i++) {
        System.arraycopy(batch[i], 0, buffer, 0, buffer.length);
        long start = System.nanoTime();
        work.accept(buffer);
        nanos[from + i] = System.nanoTime() - start;
      }
    }
    int warm = CALLS / 4;
    long[] sorted = Arrays.copyOfRange(nanos, warm, CALLS);
    Arrays.sort(sorted);
    long cut = sorted[sorted.length * 9 / 10];
    double[] one = times(nanos, second, false, warm, cut);
    double[] other = times(nanos, second, true, warm, cut);
    double t =
        (mean(one) - mean(other))
            / Math.sqrt(variance(one) / one.length + variance(other) / other.length);
    System.out.printf("%d calls: %.0f and %.0f ns, t = %.2f%n", CALLS, mean(one), mean(other), t);
    return Math.abs(t);
  }

  private static double[] times(long[] nanos, boolean[] second, boolean which, int from, long cut) {
    return IntStream.range(from, nanos.length)
        .filter(i -> second[i] == which && nanos[i] <= cut)
        .mapToDouble(i -> nanos[i])
        .toArray();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }
}
