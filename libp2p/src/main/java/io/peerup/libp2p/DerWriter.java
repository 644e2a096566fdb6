package io.peerup.libp2p;

import io.peerup.libp2p.wire.ByteWriter;
import java.math.BigInteger;

/// Writes the one DER structure that cannot be copied from its input: an RSA public key of a
/// private one.
final class DerWriter {

  private DerWriter() {}

  /// `SubjectPublicKeyInfo` (RFC 5280) around `RSAPublicKey` (RFC 8017).
  static byte[] rsaPublicKeyInfo(byte[] oid, BigInteger modulus, BigInteger exponent) {
    byte[] algorithm = join(element(0x06, oid), element(0x05, new byte[0]));
    byte[] key = join(element(0x02, modulus.toByteArray()), element(0x02, exponent.toByteArray()));
    byte[] bits = join(new byte[1], element(0x30, key));
    return element(0x30, join(element(0x30, algorithm), element(0x03, bits)));
  }

  private static byte[] element(int tag, byte[] content) {
    ByteWriter out = new ByteWriter().u8(tag);
    int length = content.length;
    if (length < 0x80) {
      out.u8(length);
    } else if (length < 0x100) {
      out.u8(0x81).u8(length);
    } else {
      out.u8(0x82).u16(length);
    }
    return out.bytes(content).toByteArray();
  }

  private static byte[] join(byte[] first, byte[] second) {
    return new ByteWriter().bytes(first).bytes(second).toByteArray();
  }
}
