package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import org.bouncycastle.crypto.hash2curve.impl.Elligator2MapToCurve;
import org.bouncycastle.math.ec.custom.djb.Curve25519;
import org.junit.jupiter.api.Test;

/// Against another implementation, which computes with big integers and in variable time.
class Elligator2Test {

  private static final int CROSS_CHECKS = 20_000;
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final Elligator2MapToCurve ORACLE =
      new Elligator2MapToCurve(
          new Curve25519(), BigInteger.TWO, BigInteger.valueOf(486662), BigInteger.ONE);

  @Test
  void twentyThousandRandomInputsGiveWhatTheOracleGives() {
    SeededRandom random = SeededRandom.of(Elligator2Test.class);
    for (int i = 0; i < CROSS_CHECKS; i++) {
      byte[] input = random.bytes(32);
      assertThat(Elligator2.map(input)).isEqualTo(oracle(input));
    }
  }

  @Test
  void inputsAtTheEdgesOfTheFieldGiveWhatTheOracleGives() {
    for (BigInteger edge : new BigInteger[] {BigInteger.ZERO, P, BigInteger.TWO.pow(255)}) {
      for (int offset = -40; offset <= 40; offset++) {
        BigInteger value = edge.add(BigInteger.valueOf(offset)).mod(BigInteger.TWO.pow(256));
        byte[] input = littleEndian(value);
        assertThat(Elligator2.map(input)).as(value.toString(16)).isEqualTo(oracle(input));
      }
    }
  }

  @Test
  void theTopmostBitDoesNotMatter() {
    byte[] input = SeededRandom.of("topmost").bytes(32);
    input[31] &= 0x7f;
    byte[] same = input.clone();
    same[31] |= (byte) 0x80;
    assertThat(Elligator2.map(same)).isEqualTo(Elligator2.map(input));
  }

  private static byte[] oracle(byte[] input) {
    byte[] masked = input.clone();
    masked[31] &= 0x7f;
    BigInteger r = Fixtures.littleEndian(masked).mod(P);
    return littleEndian(ORACLE.process(r).getRawXCoord().toBigInteger());
  }

  private static byte[] littleEndian(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] out = new byte[32];
    for (int i = 0; i < Math.min(32, bytes.length); i++) {
      out[i] = bytes[bytes.length - 1 - i];
    }
    return out;
  }
}
