package io.peerup.libp2p.tls;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PrivateKey;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// What strangers may show: certificates that prove somebody, and such that do not.
public final class QuicStrangers {

  private QuicStrangers() {}

  private static PrivateKey identity() {
    return PrivateKey.generate(KeyRandom.secure());
  }

  public static Credentials good() {
    return good(identity());
  }

  /// Of this identity.
  public static Credentials good(PrivateKey identity) {
    KeyPair keys = Certificates.keys("EC", 256);
    byte[] proof = Certificates.signedKey(identity, keys.getPublic());
    return new Credentials(
        keys.getPrivate(), List.of(new Certificates(keys).identity(proof).build()));
  }

  /// Two certificates, expired, not yet valid, without an identity, with one that vouches for
  /// another key, signed by another key, with an unknown critical extension.
  public static List<Credentials> all() {
    KeyPair keys = Certificates.keys("EC", 256);
    KeyPair other = Certificates.keys("EC", 256);
    byte[] proof = Certificates.signedKey(identity(), keys.getPublic());
    byte[] foreign = Certificates.signedKey(identity(), other.getPublic());
    X509Certificate right = new Certificates(keys).identity(proof).build();
    X509Certificate another =
        new Certificates(keys).identity(proof).extension("1.2.3.4", false).build();
    Instant past = Instant.parse("2000-01-01T00:00:00Z");
    return List.of(
            List.of(right, another),
            List.of(
                new Certificates(keys).identity(proof).valid(past, past.plusSeconds(60)).build()),
            List.of(
                new Certificates(keys)
                    .identity(proof)
                    .valid(
                        Instant.parse("2098-01-01T00:00:00Z"),
                        Instant.parse("2099-01-01T00:00:00Z"))
                    .build()),
            List.of(new Certificates(keys).build()),
            List.of(new Certificates(keys).identity(foreign).build()),
            List.of(new Certificates(keys).identity(proof).signedBy(other).build()),
            List.of(new Certificates(keys).identity(proof).extension("1.2.3.4", true).build()))
        .stream()
        .map(chain -> new Credentials(keys.getPrivate(), chain))
        .toList();
  }
}
