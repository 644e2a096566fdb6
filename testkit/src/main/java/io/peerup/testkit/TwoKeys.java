package io.peerup.testkit;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.engines.XChaCha20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/// XChaCha20-Poly1305 does not commit to its key: whoever knows two keys can make one ciphertext
/// that is right under both. This makes one.
public final class TwoKeys {

  private static final BigInteger P = BigInteger.TWO.pow(130).subtract(BigInteger.valueOf(5));
  private static final BigInteger HIGH = BigInteger.TWO.pow(128);
  private static final int BLOCK = 16;
  private static final int CIPHERTEXT_BYTES = 8 * BLOCK;

  private TwoKeys() {}

  /// A ciphertext and tag that both keys take: two blocks are solved for, the rest is zero.
  public static byte[] ciphertext(
      byte[] key, byte[] other, byte[] nonce, byte[] aad, SeededRandom random) {
    while (true) {
      BigInteger tag = new BigInteger(1, random.bytes(16));
      BigInteger[] row1 = equation(key, nonce, aad, tag);
      BigInteger[] row2 = equation(other, nonce, aad, tag);
      BigInteger determinant =
          row1[0].multiply(row2[1]).subtract(row1[1].multiply(row2[0])).mod(P).modInverse(P);
      BigInteger x =
          row1[2].multiply(row2[1]).subtract(row1[1].multiply(row2[2])).multiply(determinant);
      BigInteger y =
          row1[0].multiply(row2[2]).subtract(row1[2].multiply(row2[0])).multiply(determinant);
      x = x.mod(P).subtract(HIGH);
      y = y.mod(P).subtract(HIGH);
      if (x.signum() >= 0 && x.bitLength() <= 128 && y.signum() >= 0 && y.bitLength() <= 128) {
        ByteBuffer out = ByteBuffer.allocate(CIPHERTEXT_BYTES + BLOCK);
        out.put(block(x)).put(block(y)).put(CIPHERTEXT_BYTES, block(tag));
        return out.array();
      }
    }
  }

  /// `a·X + b·Y = c`, if X and Y are the first two blocks of the ciphertext and the tag is this
  /// one.
  private static BigInteger[] equation(byte[] key, byte[] nonce, byte[] aad, BigInteger tag) {
    byte[] polyKey = new byte[64];
    XChaCha20Engine engine = new XChaCha20Engine();
    engine.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
    engine.processBytes(new byte[64], 0, 64, polyKey, 0);
    BigInteger r =
        littleEndian(Arrays.copyOf(polyKey, 16))
            .and(new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16));
    BigInteger s = littleEndian(Arrays.copyOfRange(polyKey, 16, 32));

    // RFC 8439 section 2.8: AAD and ciphertext filled up with zeros, then both lengths.
    List<BigInteger> blocks = new ArrayList<>();
    for (int at = 0; at < aad.length; at += BLOCK) {
      byte[] padded = Arrays.copyOfRange(aad, at, at + BLOCK);
      blocks.add(littleEndian(padded).add(HIGH));
    }
    int unknown = blocks.size();
    blocks.add(BigInteger.ZERO);
    blocks.add(BigInteger.ZERO);
    for (int at = 2 * BLOCK; at < CIPHERTEXT_BYTES; at += BLOCK) {
      blocks.add(HIGH);
    }
    byte[] lengths =
        ByteBuffer.allocate(BLOCK)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(aad.length)
            .putLong(CIPHERTEXT_BYTES)
            .array();
    blocks.add(littleEndian(lengths).add(HIGH));
    BigInteger known = BigInteger.ZERO;
    for (BigInteger block : blocks) {
      known = known.add(block).multiply(r).mod(P);
    }
    // The accumulator is known only up to multiples of 2^128: take the smallest.
    BigInteger wanted = tag.subtract(s).mod(HIGH);
    int power = blocks.size() - unknown;
    return new BigInteger[] {
      r.modPow(BigInteger.valueOf(power), P),
      r.modPow(BigInteger.valueOf(power - 1L), P),
      wanted.subtract(known).mod(P)
    };
  }

  private static byte[] block(BigInteger value) {
    byte[] out = new byte[BLOCK];
    byte[] bigEndian = value.toByteArray();
    for (int i = 0; i < Math.min(BLOCK, bigEndian.length); i++) {
      out[i] = bigEndian[bigEndian.length - 1 - i];
    }
    return out;
  }

  private static BigInteger littleEndian(byte[] bytes) {
    byte[] turned = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      turned[i] = bytes[bytes.length - 1 - i];
    }
    return new BigInteger(1, turned);
  }
}
