package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.testkit.Allocated;
import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTest {

  private static final int REFUSAL_BYTES = 8 << 10;
  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OID_RSA = HexFormat.of().parseHex("2a864886f70d010101");
  private static final BigInteger F4 = BigInteger.valueOf(65537);

  /// The P-256 key of peer-ids.md: `ECPrivateKey` behind its version.
  private static final String P256_SCALAR =
      "04203e5b1fe9712e6c314942a750bd67485de3c1efe85b1bfb520ae8f9ae3dfa4a4c";

  private static final String P256_CURVE = "a00a06082a8648ce3d030107";
  private static final String P256_POINT =
      "a14403420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e"
          + "8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

  private final SeededRandom random = SeededRandom.of(KeyTest.class);

  @Test
  void freshKeySignsAndComesBackFromItsEncoding() {
    PrivateKey key = PrivateKey.generate(random::nextBytes);
    PrivateKey again = PrivateKey.decode(key.encoded());
    assertThat(again.publicKey()).isEqualTo(key.publicKey()).hasSameHashCodeAs(key.publicKey());
    assertThat(key.type()).isEqualTo(KeyType.ED25519);
    assertThat(key.publicKey().verify(MESSAGE, again.sign(MESSAGE))).isTrue();
    assertThat(PublicKey.decode(key.publicKey().encoded())).isEqualTo(key.publicKey());
    assertThat(PrivateKey.generate(random::nextBytes).publicKey()).isNotEqualTo(key.publicKey());
  }

  @Test
  void signatureOf63Or65BytesIsNoSignature() {
    PrivateKey key = PrivateKey.generate(random::nextBytes);
    byte[] signature = key.sign(MESSAGE);
    assertThat(signature).hasSize(64);
    assertThat(key.publicKey().verify(MESSAGE, Arrays.copyOf(signature, 63))).isFalse();
    assertThat(key.publicKey().verify(MESSAGE, Arrays.copyOf(signature, 65))).isFalse();
    assertThat(key.publicKey().verify(MESSAGE, new byte[0])).isFalse();
  }

  @Test
  void privateKeyIsNeverShownAndDoesNotSignOnceDestroyed() {
    PrivateKey key = PrivateKey.generate(random::nextBytes);
    String secret = HexFormat.of().formatHex(key.encoded()).substring(8);
    assertThat(key.toString()).isEqualTo("PrivateKey[redacted]").doesNotContain(secret);
    key.destroy();
    assertThatThrownBy(() -> key.sign(MESSAGE)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(key::encoded).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void legacyEd25519KeyOf96BytesIsTakenOnlyIfItsPublicKeysMatch() {
    PrivateKey key = PrivateKey.generate(random::nextBytes);
    byte[] data = Arrays.copyOfRange(key.encoded(), 4, 68);
    byte[] legacy = Arrays.copyOf(data, 96);
    System.arraycopy(data, 32, legacy, 64, 32);
    byte[] encoded = new KeyMessage(KeyType.ED25519, legacy).encode();
    assertThat(PrivateKey.decode(encoded).encoded()).isEqualTo(key.encoded());
    for (int at : new int[] {0, 31, 32, 63, 64, 95}) {
      byte[] wrong = legacy.clone();
      wrong[at] ^= 1;
      assertRefused(
          () -> PrivateKey.decode(new KeyMessage(KeyType.ED25519, wrong).encode()),
          "does not belong");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 32, 63, 65, 95, 97, 128})
  void ed25519PrivateKeyOfAnotherLengthIsRefused(int length) {
    assertRefused(
        () -> PrivateKey.decode(new KeyMessage(KeyType.ED25519, new byte[length]).encode()),
        "expected 64");
  }

  @Test
  void keysOfWrongLengthAreRefused() {
    byte[] seed = new byte[33];
    assertRefused(() -> PrivateKey.ofEd25519Seed(seed), "expected 32");
    assertRefused(() -> PublicKey.of(KeyType.ED25519, new byte[31]), "expected 32");
    assertRefused(() -> PublicKey.of(KeyType.ED25519, new byte[33]), "expected 32");
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, new byte[32]), "expected 33");
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, new byte[65]), "expected 33");
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, new byte[1]), "expected 33");
  }

  @Test
  void secp256k1PointsOffTheCurveAreRefused() {
    byte[] point = new byte[33];
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, point), "not a point");
    point[0] = 2;
    point[32] = 5; // x = 5: x^3 + 7 is no square
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, point), "not a point");
    Arrays.fill(point, 1, 33, (byte) 0xff); // above the field's prime
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, point), "not a point");
    point[0] = 4;
    assertRefused(() -> PublicKey.of(KeyType.SECP256K1, point), "not a point");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "01"
      })
  void secp256k1ScalarOutsideTheOrderIsRefused(String scalar) {
    byte[] data = HexFormat.of().parseHex(scalar);
    byte[] encoded = new KeyMessage(KeyType.SECP256K1, data).encode();
    assertRefused(() -> PrivateKey.decode(encoded), "private key");
  }

  @Test
  void secp256k1ScalarsWithLeadingZerosComeBack() {
    byte[] one = new byte[32];
    one[31] = 1;
    byte[] largest =
        HexFormat.of().parseHex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140");
    for (byte[] scalar : new byte[][] {one, largest}) {
      byte[] encoded = new KeyMessage(KeyType.SECP256K1, scalar).encode();
      PrivateKey key = PrivateKey.decode(encoded);
      assertThat(key.encoded()).isEqualTo(encoded);
      assertThat(key.publicKey().verify(MESSAGE, key.sign(MESSAGE))).isTrue();
    }
  }

  @Test
  void ecdsaSignaturesAlwaysHaveTheLowS() {
    byte[] scalar = random.bytes(32);
    scalar[0] = 1;
    PrivateKey key = PrivateKey.decode(new KeyMessage(KeyType.SECP256K1, scalar).encode());
    for (int i = 0; i < 50; i++) {
      byte[] signature = key.sign(new byte[] {(byte) i});
      // 30 len 02 rlen r 02 slen s: a low s of 256 bits needs no leading zero byte.
      int sAt = 4 + signature[3] + 2;
      BigInteger s = new BigInteger(Arrays.copyOfRange(signature, sAt, signature.length));
      assertThat(s.signum()).isPositive();
      assertThat(s.bitLength()).isLessThan(256);
      assertThat(key.publicKey().verify(new byte[] {(byte) i}, signature)).isTrue();
    }
  }

  @Test
  void p256PrivateKeyIsTakenAsSec1AndAsPkcs8() {
    byte[] sec1 = der("30", "020101" + P256_SCALAR + P256_CURVE + P256_POINT);
    String algorithm = "301306072a8648ce3d020106082a8648ce3d030107";
    String inner = hex(der("30", "020101" + P256_SCALAR + P256_POINT));
    byte[] pkcs8 = der("30", "020100" + algorithm + hex(der("04", inner)));
    PrivateKey first = PrivateKey.decode(new KeyMessage(KeyType.ECDSA, sec1).encode());
    PrivateKey second = PrivateKey.decode(new KeyMessage(KeyType.ECDSA, pkcs8).encode());
    assertThat(first.publicKey()).isEqualTo(second.publicKey());
    assertThat(first.peerId()).hasToString("QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk");
    assertThat(first.publicKey().verify(MESSAGE, second.sign(MESSAGE))).isTrue();
    assertThat(second.encoded()).isEqualTo(new KeyMessage(KeyType.ECDSA, pkcs8).encode());
  }

  @Test
  void p256PrivateKeyOfAnotherCurvePublicKeyOrVersionIsRefused() {
    String otherPoint = P256_POINT.substring(0, P256_POINT.length() - 2) + "63";
    String secp256k1 = "a00706052b8104000a";
    assertEcdsaRefused("020101" + P256_SCALAR + P256_CURVE + otherPoint, "does not belong");
    assertEcdsaRefused("020101" + P256_SCALAR + secp256k1, "P-256");
    assertEcdsaRefused("020101" + P256_SCALAR + P256_POINT, "P-256");
    assertEcdsaRefused("020102" + P256_SCALAR + P256_CURVE, "version");
    assertEcdsaRefused("020101" + P256_SCALAR + P256_CURVE + "0500", "behind");
    assertEcdsaRefused("020101" + "0401" + "01" + P256_CURVE, "expected 32");
    assertEcdsaRefused("020101" + "0420" + "00".repeat(32) + P256_CURVE, "order");
  }

  @Test
  void p256PublicKeyMustBeAnUncompressedPointOnTheCurve() {
    String prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    String point = P256_POINT.substring(10);
    PublicKey.of(KeyType.ECDSA, HexFormat.of().parseHex(prefix + point));
    String off = point.substring(0, point.length() - 2) + "63";
    assertRefused(
        () -> PublicKey.of(KeyType.ECDSA, HexFormat.of().parseHex(prefix + off)), "not a point");
    String hybrid = "06" + point.substring(2);
    assertRefused(
        () -> PublicKey.of(KeyType.ECDSA, HexFormat.of().parseHex(prefix + hybrid)), "P-256");
    assertRefused(
        () -> PublicKey.of(KeyType.ECDSA, HexFormat.of().parseHex(prefix + point + "00")), "P-256");
    assertRefused(() -> PublicKey.of(KeyType.ECDSA, new byte[0]), "P-256");
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 8192})
  void rsaKeyOfALimitingSizeIsTaken(int bits) {
    assertThat(PublicKey.decode(rsa(modulus(bits), F4)).type()).isEqualTo(KeyType.RSA);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 1024, 2047, 8193, 16_384, 400_000})
  void rsaKeyOfAnotherSizeIsRefusedWithoutArithmetic(int bits) {
    byte[] encoded = rsa(modulus(bits), F4);
    long refusal = Allocated.by(() -> assertRefusedQuietly(() -> PublicKey.decode(encoded)));
    // What is longer than any legal key is not even copied; an exception has its stack trace.
    long copies = 8L * Math.min(encoded.length, Limits.PUBLIC_KEY_BYTES_MAX);
    assertThat(refusal).isLessThan(REFUSAL_BYTES + copies);
  }

  /// What the bound above tells apart: one verification makes numbers of the modulus's size again
  /// and again.
  @Test
  void rsaArithmeticWouldShow() {
    PublicKey key = PublicKey.decode(rsa(modulus(Limits.RSA_BITS_MAX), F4));
    byte[] signature = new byte[Limits.RSA_BITS_MAX / 8];
    signature[1] = 1;
    long arithmetic = Allocated.by(() -> assertThat(key.verify(MESSAGE, signature)).isFalse());
    assertThat(arithmetic).isGreaterThan(REFUSAL_BYTES + 8L * Limits.PUBLIC_KEY_BYTES_MAX);
  }

  private static void assertRefusedQuietly(Runnable decoder) {
    try {
      decoder.run();
    } catch (MalformedInput expected) {
      return;
    }
    throw new AssertionError("was taken");
  }

  @Test
  void rsaExponentMustBeOddAboveOneAndSmall() {
    BigInteger modulus = modulus(2048);
    BigInteger largest = BigInteger.ONE.shiftLeft(31).subtract(BigInteger.ONE);
    PublicKey.decode(rsa(modulus, BigInteger.valueOf(3)));
    PublicKey.decode(rsa(modulus, largest));
    for (BigInteger bad :
        new BigInteger[] {
          BigInteger.ZERO,
          BigInteger.ONE,
          BigInteger.TWO,
          F4.subtract(BigInteger.ONE),
          largest.add(BigInteger.TWO),
          modulus
        }) {
      assertRefused(() -> PublicKey.decode(rsa(modulus, bad)), "exponent");
    }
    assertRefused(() -> PublicKey.decode(rsa(modulus.add(BigInteger.ONE), F4)), "even");
  }

  @Test
  void rsaAgreesWithTheJdkBothWays() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    PrivateKey ours = PrivateKey.decode(new KeyMessage(KeyType.RSA, pkcs1(pair)).encode());
    assertThat(ours.publicKey().data()).isEqualTo(pair.getPublic().getEncoded());
    assertThat(ours.encoded()).isEqualTo(new KeyMessage(KeyType.RSA, pkcs1(pair)).encode());

    Signature verifier = rsaSignature();
    verifier.initVerify(pair.getPublic());
    verifier.update(MESSAGE);
    assertThat(verifier.verify(ours.sign(MESSAGE))).isTrue();

    Signature signer = rsaSignature();
    signer.initSign(pair.getPrivate());
    signer.update(MESSAGE);
    byte[] signature = signer.sign();
    assertThat(ours.publicKey().verify(MESSAGE, signature)).isTrue();
    assertThat(ours.publicKey().verify(new byte[0], signature)).isFalse();
    assertThat(ours.publicKey().verify(MESSAGE, Arrays.copyOf(signature, 255))).isFalse();
    assertThat(ours.publicKey().verify(MESSAGE, Arrays.copyOf(signature, 257))).isFalse();
    byte[] above = new byte[256];
    Arrays.fill(above, (byte) 0xff);
    assertThat(ours.publicKey().verify(MESSAGE, above)).isFalse();
  }

  @Test
  void rsaPrivateKeyWhoseNumbersDoNotFitIsRefused() throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] good = pkcs1(generator.generateKeyPair());
    byte[] wrong = good.clone();
    wrong[wrong.length - 1] ^= 1; // the last number, q's inverse
    assertRefused(
        () -> PrivateKey.decode(new KeyMessage(KeyType.RSA, wrong).encode()), "do not fit");
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    assertRefused(() -> PrivateKey.decode(new KeyMessage(KeyType.RSA, longer).encode()), "behind");
  }

  @Test
  void onlyTheCanonicalEncodingOfAKeyIsTaken() {
    byte[] data = PrivateKey.generate(random::nextBytes).publicKey().data();
    ProtoWriter swapped = new ProtoWriter().bytes(2, data).uint(1, 1);
    ProtoWriter twice = new ProtoWriter().uint(1, 1).uint(1, 1).bytes(2, data);
    ProtoWriter extra = new ProtoWriter().uint(1, 1).bytes(2, data).uint(3, 1);
    ProtoWriter noType = new ProtoWriter().bytes(2, data);
    ProtoWriter noData = new ProtoWriter().uint(1, 1);
    ProtoWriter unknownType = new ProtoWriter().uint(1, 4).bytes(2, data);
    assertRefused(() -> PublicKey.decode(swapped.toByteArray()), "canonical");
    assertRefused(() -> PublicKey.decode(twice.toByteArray()), "canonical");
    assertRefused(() -> PublicKey.decode(extra.toByteArray()), "unknown field 3");
    assertRefused(() -> PublicKey.decode(noType.toByteArray()), "without type");
    assertRefused(() -> PublicKey.decode(noData.toByteArray()), "without data");
    assertRefused(() -> PublicKey.decode(unknownType.toByteArray()), "key type 4");
    byte[] longVarint = HexFormat.of().parseHex("088100" + "1220" + hex(data));
    assertRefused(() -> PublicKey.decode(longVarint), "canonical");
    assertRefused(() -> PublicKey.decode(new byte[0]), "without");
  }

  @Test
  void encodingsAboveTheLimitAreRefusedUnread() {
    assertRefused(() -> PublicKey.decode(new byte[Limits.PUBLIC_KEY_BYTES_MAX + 1]), "at most");
    assertRefused(() -> PrivateKey.decode(new byte[Limits.PRIVATE_KEY_BYTES_MAX + 1]), "at most");
  }

  private BigInteger modulus(int bits) {
    return new BigInteger(1, random.bytes((bits + 7) / 8))
        .mod(BigInteger.ONE.shiftLeft(bits))
        .setBit(bits - 1)
        .setBit(0);
  }

  private static byte[] rsa(BigInteger modulus, BigInteger exponent) {
    byte[] info = DerWriter.rsaPublicKeyInfo(OID_RSA, modulus, exponent);
    return new KeyMessage(KeyType.RSA, info).encode();
  }

  /// The PKCS#1 inside the JDK's PKCS#8: 30 82 len, version, algorithm, 04 82 len.
  private static byte[] pkcs1(KeyPair pair) {
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    return Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
  }

  private static Signature rsaSignature() throws NoSuchAlgorithmException, SignatureException {
    return Signature.getInstance("SHA256withRSA");
  }

  private static void assertEcdsaRefused(String body, String why) {
    byte[] encoded = new KeyMessage(KeyType.ECDSA, der("30", body)).encode();
    assertRefused(() -> PrivateKey.decode(encoded), why);
  }

  private static byte[] der(String tag, String contentHex) {
    int length = contentHex.length() / 2;
    String prefix = length < 0x80 ? "" : "81";
    return HexFormat.of().parseHex(tag + prefix + String.format("%02x", length) + contentHex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(MalformedInput.class).hasMessageContaining(why);
  }
}
