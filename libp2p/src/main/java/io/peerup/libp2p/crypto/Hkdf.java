package io.peerup.libp2p.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// HKDF-SHA256 (RFC 5869).
public final class Hkdf {

  private Hkdf() {}

  /// HKDF-Expand (section 2.3).
  public static byte[] expand(byte[] prk, byte[] info, int length) {
    try {
      // Named, because a look for any provider starts all of them: smart cards, XML signatures,
      // LDAP.
      return KDF.getInstance("HKDF-SHA256", "SunJCE")
          .deriveData(
              HKDFParameterSpec.expandOnly(new SecretKeySpec(prk, "HKDF-PRK"), info, length));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: JDK 25 has HKDF-SHA256", e);
    }
  }
}
