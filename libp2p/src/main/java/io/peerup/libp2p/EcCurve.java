package io.peerup.libp2p;

import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/// ECDSA over SHA-256 with DER signatures on one 256-bit curve: what secp256k1 and P-256 keys
/// share. Signatures are deterministic (RFC 6979) and always have the low S.
final class EcCurve {

  static final EcCurve SECP256K1 = new EcCurve("secp256k1");
  static final EcCurve P256 = new EcCurve("secp256r1");

  private static final int SCALAR_BYTES = 32;

  private final ECDomainParameters domain;

  private EcCurve(String name) {
    X9ECParameters curve = CustomNamedCurves.getByName(name);
    this.domain = new ECDomainParameters(curve);
  }

  /// A point in SEC 1 form, compressed (33 bytes) or not (65 bytes).
  ECPublicKeyParameters readPoint(byte[] encoded) {
    try {
      ECPoint point = domain.getCurve().decodePoint(encoded);
      return new ECPublicKeyParameters(point, domain);
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("key is not a point of its curve", e);
    }
  }

  /// A 32-byte big-endian scalar of 1 … n-1.
  ECPrivateKeyParameters readScalar(byte[] encoded) {
    if (encoded.length != SCALAR_BYTES) {
      throw new MalformedInput("private key of " + encoded.length + " bytes, expected 32");
    }
    try {
      return new ECPrivateKeyParameters(new BigInteger(1, encoded), domain);
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("private key is not within the order of its curve", e);
    }
  }

  byte[] publicPoint(ECPrivateKeyParameters key, boolean compressed) {
    return new FixedPointCombMultiplier()
        .multiply(domain.getG(), key.getD())
        .normalize()
        .getEncoded(compressed);
  }

  byte[] sign(ECPrivateKeyParameters key, byte[] message) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, key);
    BigInteger[] rs = signer.generateSignature(sha256(message));
    BigInteger n = domain.getN();
    BigInteger lowS = rs[1].min(n.subtract(rs[1]));
    try {
      return StandardDSAEncoding.INSTANCE.encode(n, rs[0], lowS);
    } catch (IOException e) {
      throw new IllegalStateException("internal error: cannot encode an ECDSA signature", e);
    }
  }

  boolean verify(ECPublicKeyParameters key, byte[] message, byte[] signature) {
    BigInteger[] rs;
    try {
      rs = StandardDSAEncoding.INSTANCE.decode(domain.getN(), signature);
    } catch (IOException | RuntimeException e) {
      // Bouncy Castle's DER reader throws both kinds for bytes that are no signature.
      return false;
    }
    ECDSASigner signer = new ECDSASigner();
    signer.init(false, key);
    return signer.verifySignature(sha256(message), rs[0], rs[1]);
  }

  /// The scalar as 32 bytes.
  static byte[] scalarBytes(ECPrivateKeyParameters key) {
    byte[] raw = key.getD().toByteArray();
    byte[] out = new byte[SCALAR_BYTES];
    int length = Math.min(raw.length, SCALAR_BYTES);
    System.arraycopy(raw, raw.length - length, out, SCALAR_BYTES - length, length);
    Arrays.fill(raw, (byte) 0);
    return out;
  }

  static byte[] sha256(byte[] message) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
