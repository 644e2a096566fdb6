package io.peerup.libp2p;

import io.peerup.libp2p.wire.DerReader;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.engines.RSABlindedEngine;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;

/// RSA: SubjectPublicKeyInfo and PKCS#1 `RSAPrivateKey`, RSASSA-PKCS1-v1_5 over SHA-256 (RFC 8017).
/// Sizes are judged from the DER before any arithmetic. Needed for the older peers of the public
/// network; our own identities are Ed25519.
final class RsaKeys implements KeyAlgorithm {

  static final RsaKeys INSTANCE = new RsaKeys();

  private static final byte[] OID_RSA = HexFormat.of().parseHex("2a864886f70d010101");

  /// DigestInfo of SHA-256 up to the hash (RFC 8017 §9.2, note 1).
  private static final byte[] SHA256_INFO =
      HexFormat.of().parseHex("3031300d060960864801650304020105000420");

  private RsaKeys() {}

  @Override
  public Verifier readPublic(byte[] data) {
    DerReader info = DerReader.ofSequence(data);
    DerReader algorithm = info.sequence();
    byte[] oid = algorithm.objectIdentifier();
    algorithm.nothing();
    algorithm.expectEnd();
    if (!Arrays.equals(oid, OID_RSA)) {
      throw new MalformedInput("key is not an RSA key");
    }
    DerReader key = DerReader.ofSequence(info.bitString());
    info.expectEnd();
    PublicNumbers numbers = new PublicNumbers(key.integer(), key.integer());
    key.expectEnd();
    return numbers;
  }

  @Override
  public Secret readPrivate(byte[] data) {
    DerReader in = DerReader.ofSequence(data);
    if (in.smallInteger() != 0) {
      throw new MalformedInput("RSA private key is not of version 0 (two primes)");
    }
    PublicNumbers open = new PublicNumbers(in.integer(), in.integer());
    BigInteger d = in.integer();
    BigInteger p = in.integer();
    BigInteger q = in.integer();
    BigInteger dp = in.integer();
    BigInteger dq = in.integer();
    BigInteger qInverse = in.integer();
    in.expectEnd();
    boolean consistent =
        p.multiply(q).equals(open.n)
            && isInverse(open.e, dp, p.subtract(BigInteger.ONE))
            && isInverse(open.e, dq, q.subtract(BigInteger.ONE))
            && isInverse(q, qInverse, p)
            && d.bitLength() <= open.n.bitLength();
    if (!consistent) {
      throw new MalformedInput("the numbers of the RSA private key do not fit each other");
    }
    // "Internal" skips Bouncy Castle's search for small factors; the key is our own.
    return new PrivateNumbers(
        open,
        new RSAPrivateCrtKeyParameters(open.n, open.e, d, p, q, dp, dq, qInverse, true),
        data.clone());
  }

  private static boolean isInverse(BigInteger a, BigInteger b, BigInteger modulus) {
    return modulus.compareTo(BigInteger.ONE) > 0
        && b.compareTo(modulus) < 0
        && a.multiply(b).mod(modulus).equals(BigInteger.ONE);
  }

  /// EMSA-PKCS1-v1_5: 00 01 FF … FF 00 DigestInfo.
  private static byte[] padded(byte[] message, int length) {
    byte[] hash = EcCurve.sha256(message);
    byte[] out = new byte[length];
    Arrays.fill(out, (byte) 0xff);
    int infoAt = length - hash.length - SHA256_INFO.length;
    out[0] = 0;
    out[1] = 1;
    out[infoAt - 1] = 0;
    System.arraycopy(SHA256_INFO, 0, out, infoAt, SHA256_INFO.length);
    System.arraycopy(hash, 0, out, length - hash.length, hash.length);
    return out;
  }

  private record PublicNumbers(BigInteger n, BigInteger e) implements Verifier {

    PublicNumbers {
      int bits = n.bitLength();
      if (bits < Limits.RSA_BITS_MIN || bits > Limits.RSA_BITS_MAX) {
        throw new MalformedInput(
            String.format(
                "RSA key of %d bits, allowed are %d to %d",
                bits, Limits.RSA_BITS_MIN, Limits.RSA_BITS_MAX));
      }
      if (!n.testBit(0)) {
        throw new MalformedInput("RSA modulus is even");
      }
      if (!e.testBit(0)
          || e.equals(BigInteger.ONE)
          || e.bitLength() > Limits.RSA_EXPONENT_BITS_MAX) {
        throw new MalformedInput("RSA exponent is even, 1 or above 2^31");
      }
    }

    int bytes() {
      return (n.bitLength() + 7) / 8;
    }

    /// By comparison with the one legal padding, as RFC 8017 §8.2.2 advises: parsing the padding
    /// has let forged signatures through in other libraries.
    @Override
    public boolean verify(byte[] message, byte[] signature) {
      BigInteger s = new BigInteger(1, signature);
      if (signature.length != bytes() || s.compareTo(n) >= 0) {
        return false;
      }
      return s.modPow(e, n).equals(new BigInteger(1, padded(message, bytes())));
    }
  }

  /// The numbers lie in BigIntegers, which cannot be wiped; `der` is kept as it came.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record PrivateNumbers(PublicNumbers open, RSAPrivateCrtKeyParameters numbers, byte[] der)
      implements Secret {

    @Override
    public byte[] publicData() {
      return DerWriter.rsaPublicKeyInfo(OID_RSA, open.n, open.e);
    }

    @Override
    public byte[] privateData() {
      return der.clone();
    }

    @Override
    public byte[] sign(byte[] message) {
      RSABlindedEngine engine = new RSABlindedEngine();
      engine.init(true, numbers);
      byte[] block = padded(message, open.bytes());
      byte[] signature = engine.processBlock(block, 0, block.length);
      byte[] out = new byte[open.bytes()];
      System.arraycopy(signature, 0, out, out.length - signature.length, signature.length);
      return out;
    }

    @Override
    public void destroy() {
      Arrays.fill(der, (byte) 0);
    }

    @Override
    public String toString() {
      return "RSA private key [redacted]";
    }
  }
}
