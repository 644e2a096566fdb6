package io.peerup.libp2p;

import io.peerup.libp2p.wire.DerReader;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.jspecify.annotations.Nullable;

/// ECDSA on P-256: SubjectPublicKeyInfo for the public key, SEC 1 `ECPrivateKey` (RFC 5915) or
/// PKCS#8 for the private one. Other curves are refused: nobody deployed them.
final class EcdsaKeys implements KeyAlgorithm {

  static final EcdsaKeys INSTANCE = new EcdsaKeys();

  private static final byte[] OID_EC_PUBLIC_KEY = HexFormat.of().parseHex("2a8648ce3d0201");
  private static final byte[] OID_P256 = HexFormat.of().parseHex("2a8648ce3d030107");

  /// A P-256 SubjectPublicKeyInfo up to the point: in DER it can only be this.
  private static final byte[] PUBLIC_PREFIX =
      HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

  private static final int POINT_BYTES = 65;
  private static final byte UNCOMPRESSED = 4;

  private EcdsaKeys() {}

  @Override
  public Verifier readPublic(byte[] data) {
    int prefix = PUBLIC_PREFIX.length;
    if (data.length != prefix + POINT_BYTES
        || !Arrays.equals(data, 0, prefix, PUBLIC_PREFIX, 0, prefix)
        || data[prefix] != UNCOMPRESSED) {
      throw new MalformedInput("ECDSA key is not a SubjectPublicKeyInfo of P-256");
    }
    ECPublicKeyParameters key =
        EcCurve.P256.readPoint(Arrays.copyOfRange(data, prefix, data.length));
    return (message, signature) -> EcCurve.P256.verify(key, message, signature);
  }

  @Override
  public Secret readPrivate(byte[] data) {
    DerReader body = DerReader.ofSequence(data);
    int version = body.smallInteger();
    return switch (version) {
      case 0 -> {
        readAlgorithm(body.sequence());
        DerReader inner = DerReader.ofSequence(body.octetString());
        if (inner.smallInteger() != 1) {
          throw new MalformedInput("EC private key is not of version 1");
        }
        yield new Scalar(readSec1(inner, false), data.clone());
      }
      case 1 -> new Scalar(readSec1(body, true), data.clone());
      default -> throw new MalformedInput("EC private key of unknown version " + version);
    };
  }

  private static void readAlgorithm(DerReader algorithm) {
    boolean known =
        Arrays.equals(algorithm.objectIdentifier(), OID_EC_PUBLIC_KEY)
            && Arrays.equals(algorithm.objectIdentifier(), OID_P256);
    algorithm.expectEnd();
    if (!known) {
      throw new MalformedInput("private key is not one of P-256");
    }
  }

  /// The rest of an `ECPrivateKey` behind its version.
  private static ECPrivateKeyParameters readSec1(DerReader in, boolean curveRequired) {
    ECPrivateKeyParameters key = EcCurve.P256.readScalar(in.octetString());
    @Nullable DerReader parameters = in.optionalContext(0);
    if (parameters == null ? curveRequired : !isP256(parameters)) {
      throw new MalformedInput("EC private key does not name P-256 as its curve");
    }
    @Nullable DerReader point = in.optionalContext(1);
    in.expectEnd();
    if (point != null) {
      byte[] claimed = point.bitString();
      point.expectEnd();
      if (!MessageDigest.isEqual(claimed, EcCurve.P256.publicPoint(key, false))) {
        throw new MalformedInput("EC private key does not belong to its public key");
      }
    }
    return key;
  }

  private static boolean isP256(DerReader parameters) {
    boolean p256 = Arrays.equals(parameters.objectIdentifier(), OID_P256);
    parameters.expectEnd();
    return p256;
  }

  /// The scalar lies in a BigInteger, which cannot be wiped; `der` is kept as it came, so that a
  /// key file does not change its form.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Scalar(ECPrivateKeyParameters key, byte[] der) implements Secret {

    @Override
    public byte[] publicData() {
      byte[] point = EcCurve.P256.publicPoint(key, false);
      byte[] out = Arrays.copyOf(PUBLIC_PREFIX, PUBLIC_PREFIX.length + point.length);
      System.arraycopy(point, 0, out, PUBLIC_PREFIX.length, point.length);
      return out;
    }

    @Override
    public byte[] privateData() {
      return der.clone();
    }

    @Override
    public byte[] sign(byte[] message) {
      return EcCurve.P256.sign(key, message);
    }

    @Override
    public void destroy() {
      Arrays.fill(der, (byte) 0);
    }

    @Override
    public String toString() {
      return "P-256 scalar [redacted]";
    }
  }
}
