package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.Refused;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProvenCertificatesTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final PrivateKey identity = PrivateKey.generate(KeyRandom.secure());
  private final KeyPair keys = Certificates.keys("EC", 256);
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final ProvenCertificates certificates = new ProvenCertificates(now::get);

  private X509Certificate certificate(int serial) {
    return PeerCertificate.create(identity, keys, BigInteger.valueOf(serial), NOW);
  }

  private PublicKey prove(PeerExpectation expected, X509Certificate... chain) {
    return certificates.prove(chain, expected);
  }

  @Test
  void oneThatComesAgainIsKeptOnce() {
    X509Certificate own = certificate(1);
    for (int i = 0; i < 3; i++) {
      assertThat(prove(PeerExpectation.any(), own)).isEqualTo(identity.publicKey());
    }
    assertThat(certificates.size()).isOne();
  }

  @Test
  void whomWeExpectIsAskedEachTime() {
    X509Certificate own = certificate(1);
    prove(PeerExpectation.any(), own);
    assertThatThrownBy(() -> prove(_ -> false, own)).isInstanceOf(Refused.class);
    assertThatThrownBy(() -> prove(PeerExpectation.any(), own, own))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void onceItsTimeIsOverItProvesNothingAnyMore() {
    X509Certificate own = certificate(1);
    prove(PeerExpectation.any(), own);
    now.set(NOW.plus(Duration.ofDays(365L * 100)).plusSeconds(1));
    assertThatThrownBy(() -> prove(PeerExpectation.any(), own))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("does not hold");
  }

  @Test
  void oneThatProvesNothingIsNotKept() {
    KeyPair other = Certificates.keys("EC", 256);
    byte[] forAnother = Certificates.signedKey(identity, other.getPublic());
    X509Certificate wrong = new Certificates(keys).identity(forAnother).build();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> prove(PeerExpectation.any(), wrong))
          .isInstanceOf(MalformedInput.class);
    }
    assertThat(certificates.size()).isZero();
  }

  @Test
  void theLeastRecentlyShownIsForgottenBeyondTheBound() {
    for (int i = 1; i <= Limits.PROVEN_CERTIFICATES_MAX + 1; i++) {
      prove(PeerExpectation.any(), certificate(i));
    }
    assertThat(certificates.size()).isEqualTo(Limits.PROVEN_CERTIFICATES_MAX);
  }
}
