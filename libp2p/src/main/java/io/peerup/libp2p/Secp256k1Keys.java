package io.peerup.libp2p;

import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;

/// secp256k1: a compressed point of 33 bytes, a scalar of 32 bytes (peer-ids.md).
final class Secp256k1Keys implements KeyAlgorithm {

  static final Secp256k1Keys INSTANCE = new Secp256k1Keys();

  private static final int PUBLIC_BYTES = 33;

  private Secp256k1Keys() {}

  @Override
  public Verifier readPublic(byte[] data) {
    if (data.length != PUBLIC_BYTES) {
      throw new MalformedInput("secp256k1 key of " + data.length + " bytes, expected 33");
    }
    ECPublicKeyParameters key = EcCurve.SECP256K1.readPoint(data);
    return (message, signature) -> EcCurve.SECP256K1.verify(key, message, signature);
  }

  @Override
  public Secret readPrivate(byte[] data) {
    return new Scalar(EcCurve.SECP256K1.readScalar(data));
  }

  /// The scalar lies in a BigInteger, which cannot be wiped.
  private record Scalar(ECPrivateKeyParameters key) implements Secret {

    @Override
    public byte[] publicData() {
      return EcCurve.SECP256K1.publicPoint(key, true);
    }

    @Override
    public byte[] privateData() {
      return EcCurve.scalarBytes(key);
    }

    @Override
    public byte[] sign(byte[] message) {
      return EcCurve.SECP256K1.sign(key, message);
    }

    @Override
    public void destroy() {}

    @Override
    public String toString() {
      return "secp256k1 scalar [redacted]";
    }
  }
}
