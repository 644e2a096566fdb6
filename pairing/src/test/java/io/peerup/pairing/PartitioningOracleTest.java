package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Share;
import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.engines.XChaCha20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.junit.jupiter.api.Test;

/// XChaCha20-Poly1305 does not commit to its key: whoever knows two keys can make one ciphertext
/// that is right under both, and so test two guesses at once. Here such a ciphertext is made for
/// the keys of two codes, one of them the right one.
class PartitioningOracleTest {

  private static final BigInteger P = BigInteger.TWO.pow(130).subtract(BigInteger.valueOf(5));
  private static final BigInteger HIGH = BigInteger.TWO.pow(128);
  private static final int BLOCK = 16;
  private static final int CIPHERTEXT_BYTES = 8 * BLOCK;

  private final SeededRandom random = SeededRandom.of(PartitioningOracleTest.class);
  private final PairingWorld world = new PairingWorld(random);

  @Test
  void aProofThatIsRightUnderTheKeysOfTwoCodesIsRefusedAndIsOneGuess() throws Exception {
    PairingResponder b = world.inviter(PairingWorld.JOINER);
    byte[] nonce = random.bytes(32);
    byte[] m1 = new HelloA(2, PairingWorld.SELECTOR, nonce, PairingWorld.JOINER.peerId()).encoded();
    byte[] m2 = send(b.receive(m1, world.now()));
    byte[] sid = Fixtures.concat(nonce, HelloB.decode(m2).nonce());
    byte[] ci =
        PairingKeys.channelIdentifier(
            2,
            PairingWorld.JOINER.peerId(),
            PairingWorld.INVITER.peerId(),
            PairingWorld.channel(PairingWorld.JOINER, PairingWorld.INVITER));
    CPace25519 cpace = new CPace25519(world.secret.prs(), ci, sid, world.random);
    MlKem768.KeyPair pair = new JdkMlKem768().generate();
    byte[] m3 = new Share(cpace.share(), pair.encapsulationKey()).encoded(PakeMessages.SHARE_A);
    byte[] m4 = send(b.receive(m3, world.now()));
    Share theirs = Share.decode(m4, PakeMessages.SHARE_B);
    byte[] isk =
        cpace
            .finish(
                CPace25519.Role.INITIATOR, pair.encapsulationKey(), theirs.share(), theirs.kem())
            .orElseThrow();
    byte[] kemSecret = pair.decapsulate(theirs.kem());
    byte[] th = PairingKeys.transcript(m1, m2, m3, m4);

    byte[] right = sealingKey(world.secret.prs(), sid, isk, kemSecret, th);
    byte[] other = sealingKey(random.bytes(32), sid, random.bytes(64), kemSecret, th);
    byte[] aad = Fixtures.concat(th, new byte[] {5});
    byte[] sealed = rightUnderBoth(right, other, aad);
    byte[] zero = Crypto.countedNonce(0);
    assertThat(Crypto.open(right, zero, aad, sealed))
        .as("both keys open it, to different things")
        .isNotEqualTo(Crypto.open(other, zero, aad, sealed));

    byte[] m5 = Fixtures.concat(new byte[] {1, 5}, sealed);
    var end = (PairingResponder.Step.Fail) b.receive(m5, world.now());
    assertThat(end.cause()).isEqualTo(PairingResponder.Cause.WRONG_CODE);
    assertThat(world.invite().failures()).isEqualTo(1);
    assertThat(world.table.unentered()).isEmpty();
  }

  /// A ciphertext and tag that both keys take: two blocks are solved for, the rest is zero.
  private byte[] rightUnderBoth(byte[] key, byte[] other, byte[] aad) {
    while (true) {
      BigInteger tag = new BigInteger(1, random.bytes(16));
      BigInteger[] row1 = equation(key, aad, tag);
      BigInteger[] row2 = equation(other, aad, tag);
      BigInteger determinant =
          row1[0].multiply(row2[1]).subtract(row1[1].multiply(row2[0])).mod(P).modInverse(P);
      BigInteger x =
          row1[2].multiply(row2[1]).subtract(row1[1].multiply(row2[2])).multiply(determinant);
      BigInteger y =
          row1[0].multiply(row2[2]).subtract(row1[2].multiply(row2[0])).multiply(determinant);
      x = x.mod(P).subtract(HIGH);
      y = y.mod(P).subtract(HIGH);
      if (x.signum() >= 0 && x.bitLength() <= 128 && y.signum() >= 0 && y.bitLength() <= 128) {
        return new ByteWriter()
            .bytes(block(x))
            .bytes(block(y))
            .bytes(new byte[CIPHERTEXT_BYTES - 2 * BLOCK])
            .bytes(block(tag))
            .toByteArray();
      }
    }
  }

  /// `a·X + b·Y = c`, if X and Y are the first two blocks of the ciphertext and the tag is this
  /// one.
  private BigInteger[] equation(byte[] key, byte[] aad, BigInteger tag) {
    byte[] polyKey = new byte[64];
    XChaCha20Engine engine = new XChaCha20Engine();
    engine.init(true, new ParametersWithIV(new KeyParameter(key), Crypto.countedNonce(0)));
    engine.processBytes(new byte[64], 0, 64, polyKey, 0);
    BigInteger r =
        Fixtures.littleEndian(Arrays.copyOf(polyKey, 16))
            .and(new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16));
    BigInteger s = Fixtures.littleEndian(Arrays.copyOfRange(polyKey, 16, 32));

    // RFC 8439 section 2.8: AAD and ciphertext filled up with zeros, then both lengths.
    List<BigInteger> blocks = new ArrayList<>();
    for (int at = 0; at < aad.length; at += BLOCK) {
      byte[] padded = Arrays.copyOfRange(aad, at, at + BLOCK);
      blocks.add(Fixtures.littleEndian(padded).add(HIGH));
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
    blocks.add(Fixtures.littleEndian(lengths).add(HIGH));
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

  private static byte[] sealingKey(
      byte[] prs, byte[] sid, byte[] isk, byte[] kemSecret, byte[] th) {
    byte[] salt = Crypto.sha256("peerup-pair-v1 salt", Crypto.lv(prs, sid));
    byte[] prk = Crypto.hmac(salt, isk, kemSecret);
    byte[] info =
        Fixtures.concat(Crypto.lv(Crypto.ascii("peerup-pair-v1"), Crypto.ascii("a2b")), th);
    return Crypto.expand(prk, info, 32);
  }

  private static byte[] block(BigInteger value) {
    byte[] out = new byte[BLOCK];
    byte[] bigEndian = value.toByteArray();
    for (int i = 0; i < Math.min(BLOCK, bigEndian.length); i++) {
      out[i] = bigEndian[bigEndian.length - 1 - i];
    }
    return out;
  }

  private static byte[] send(PairingResponder.Step step) {
    return ((PairingResponder.Step.Send) step).frame();
  }
}
