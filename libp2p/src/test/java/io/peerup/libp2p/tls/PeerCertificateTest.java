package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.testkit.Vectors;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PeerCertificateTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final PrivateKey identity = PrivateKey.generate(KeyRandom.secure());
  private final KeyPair keys = Certificates.keys("EC", 256);

  @Test
  void theCertificatesOfTheSpecificationAreJudgedAsItSays() {
    int good = 0;
    for (JsonElement each :
        Vectors.json("libp2p/tls_certificates.json").getAsJsonArray("certificates")) {
      JsonObject vector = each.getAsJsonObject();
      byte[] der = HexFormat.of().parseHex(vector.get("der").getAsString());
      if (vector.get("valid").getAsBoolean()) {
        good++;
        assertThat(PeerId.of(PeerCertificate.verify(der, NOW).identity()).toString())
            .isEqualTo(vector.get("peer_id").getAsString());
      } else {
        assertThatThrownBy(() -> PeerCertificate.verify(der, NOW))
            .isInstanceOf(MalformedInput.class)
            .hasMessageContaining("did not sign");
      }
    }
    assertThat(good).isEqualTo(3);
  }

  @Test
  void ourOwnCertificateProvesOurIdentityAndHoldsNothingElse() {
    X509Certificate own = PeerCertificate.create(identity, keys, BigInteger.TWO, NOW);
    assertThat(verify(own, NOW)).isEqualTo(identity.publicKey());
    assertThat(own.getNonCriticalExtensionOIDs()).containsExactly("1.3.6.1.4.1.53594.1.1");
    assertThat(own.getCriticalExtensionOIDs()).isNullOrEmpty();
    assertThat(own.getPublicKey()).isEqualTo(keys.getPublic());
  }

  @Test
  void datesCountFromAnHourBeforeItWasMade() {
    X509Certificate own = PeerCertificate.create(identity, keys, BigInteger.TWO, NOW);
    verify(own, NOW.minus(Duration.ofHours(1)));
    refused(own, NOW.minus(Duration.ofHours(1)).minusSeconds(1), "does not hold");
    verify(own, NOW.plus(Duration.ofDays(365L * 100)));
    refused(own, NOW.plus(Duration.ofDays(365L * 100)).plusSeconds(1), "does not hold");
  }

  @Test
  void aKeyThatTheIdentityDidNotSignIsRefused() {
    KeyPair other = Certificates.keys("EC", 256);
    byte[] forAnother = Certificates.signedKey(identity, other.getPublic());
    refused(new Certificates(keys).identity(forAnother).build(), NOW, "did not sign");
  }

  @Test
  void aCertificateWithoutAnIdentityIsRefused() {
    refused(new Certificates(keys).build(), NOW, "no libp2p identity");
  }

  @Test
  void anIdentityThatIsNotWhollyRightIsRefused() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    assertThat(verify(new Certificates(keys).identity(right).build(), NOW))
        .isEqualTo(identity.publicKey());
    for (int i = 0; i < right.length; i++) {
      byte[] wrong = right.clone();
      wrong[i] ^= 1;
      assertThatThrownBy(() -> verify(new Certificates(keys).identity(wrong).build(), NOW))
          .as("byte %d", i)
          .isInstanceOf(MalformedInput.class);
    }
    byte[] longer = java.util.Arrays.copyOf(right, right.length + 1);
    refused(new Certificates(keys).identity(longer).build(), NOW, "");
  }

  @Test
  void aCertificateThatAnotherKeySignedIsRefused() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    KeyPair other = Certificates.keys("EC", 256);
    refused(new Certificates(keys).identity(right).signedBy(other).build(), NOW, "does not hold");
  }

  @Test
  void anUnknownCriticalExtensionIsRefusedAndOursMayBeCritical() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    refused(
        new Certificates(keys).identity(right).extension("1.2.3.4", true).build(),
        NOW,
        "critical extension");
    verify(new Certificates(keys).identity(right).extension("1.2.3.4", false).build(), NOW);
    verify(new Certificates(keys).critical().identity(right).build(), NOW);
  }

  /// As rust-libp2p and js-libp2p make them. The JDK's own classes refuse such a certificate.
  @Test
  void aCertificateThatNamesNobodyIsAsGoodAsAnother() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    byte[] der = new Certificates(keys).identity(right).nameless().der();
    assertThat(PeerCertificate.verify(der, NOW).identity()).isEqualTo(identity.publicKey());
    assertThatThrownBy(() -> PeerCertificate.read(der)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void whatIsNotDerIsRefused() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    byte[] der = new Certificates(keys).identity(right).nameless().der();
    assertThat(der[1]).as("two bytes of length").isEqualTo((byte) 0x82);
    byte[] longer = new byte[der.length + 1];
    longer[0] = der[0];
    longer[1] = (byte) 0x83; // the same length in three bytes
    System.arraycopy(der, 2, longer, 3, der.length - 2);
    byte[] trailing = java.util.Arrays.copyOf(der, der.length + 1);
    for (byte[] wrong : new byte[][] {longer, trailing, {}, {5, 0}, {0x30, 0}}) {
      assertThatThrownBy(() -> PeerCertificate.verify(wrong, NOW))
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void oldHashesAreRefused() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    refused(
        new Certificates(keys).identity(right).sha1().build(),
        NOW,
        "algorithm that is not allowed");
  }

  @Test
  void aHugeRsaKeyIsRefusedBeforeItIsUsed() {
    KeyPair rsa = Certificates.keys("RSA", 2048);
    byte[] right = Certificates.signedKey(identity, rsa.getPublic());
    verify(new Certificates(rsa).identity(right).build(), NOW);
    BigInteger modulus = BigInteger.ONE.shiftLeft(Limits.RSA_BITS_MAX).setBit(0);
    refused(
        new Certificates(rsa).key(Certificates.rsa(modulus)).identity(right).build(),
        NOW,
        "RSA key is too large");
  }

  @Test
  void aCertificateAtTheLimitIsReadAndOneByteMoreIsNot() {
    byte[] right = Certificates.signedKey(identity, keys.getPublic());
    int room = 0;
    // A signature's length differs by a byte or two from one certificate to the next.
    X509Certificate largest = padded(right, room);
    while (length(largest) != Limits.CERTIFICATE_BYTES_MAX) {
      room +=
          Integer.signum(Limits.CERTIFICATE_BYTES_MAX - length(largest))
              * Math.max(1, Math.abs(Limits.CERTIFICATE_BYTES_MAX - length(largest)) - 4);
      largest = padded(right, room);
    }
    assertThat(verify(largest, NOW)).isEqualTo(identity.publicKey());
    X509Certificate more = padded(right, room + 8);
    assertThat(length(more)).isGreaterThan(Limits.CERTIFICATE_BYTES_MAX);
    refused(more, NOW, "too large");
  }

  private X509Certificate padded(byte[] signedKey, int bytes) {
    return new Certificates(keys).identity(signedKey).padding(bytes).build();
  }

  private static int length(X509Certificate certificate) {
    return encoded(certificate).length;
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (java.security.cert.CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PublicKey verify(X509Certificate certificate, Instant now) {
    return PeerCertificate.verify(encoded(certificate), now).identity();
  }

  private static void refused(X509Certificate certificate, Instant now, String reason) {
    assertThatThrownBy(() -> verify(certificate, now))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(reason);
  }
}
