package io.peerup.libp2p.tls;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What all TLS handshakes of a host share: a P-256 key made for it, and the certificate by which
/// the host's identity vouches for that key. Made with the first handshake: a host that never
/// speaks TLS pays nothing. Thread-safe.
public final class TlsKeys {

  private final PrivateKey identity;
  private final KeyRandom random;
  private final InstantSource clock;
  private final Supplier<TlsImplementation> implementations;
  private @Nullable Certified certified;
  private boolean destroyed;

  private record Certified(TlsImplementation implementation, Credentials credentials) {}

  private TlsKeys(
      PrivateKey identity,
      KeyRandom random,
      InstantSource clock,
      Supplier<TlsImplementation> implementations) {
    this.identity = identity;
    this.random = random;
    this.clock = clock;
    this.implementations = implementations;
  }

  /// Keys of the host with this identity, which must not be destroyed before the host has closed.
  /// `clock` judges the dates of certificates; `implementations` is asked once, when TLS is first
  /// spoken.
  public static TlsKeys of(
      PrivateKey identity,
      KeyRandom random,
      InstantSource clock,
      Supplier<TlsImplementation> implementations) {
    return new TlsKeys(identity, random, clock, implementations);
  }

  /// The side that dialled. `muxers` are our muxer ids for early negotiation, best first. The
  /// caller releases the engine.
  public TlsEngine client(PeerExpectation expected, List<String> muxers) {
    return engine(true, expected, muxers);
  }

  /// The side that listens.
  public TlsEngine server(PeerExpectation expected, List<String> muxers) {
    return engine(false, expected, muxers);
  }

  private TlsEngine engine(boolean client, PeerExpectation expected, List<String> muxers) {
    Certified own = certified();
    return new TlsEngine(own.implementation(), client, own.credentials(), expected, muxers, clock);
  }

  /// Ends the use of the key. Idempotent.
  public synchronized void destroy() {
    destroyed = true;
    if (certified != null) {
      certified.implementation().close();
      certified = null;
    }
  }

  private synchronized Certified certified() {
    if (destroyed) {
      throw new PeerUnreachable("the host is closed");
    }
    if (certified == null) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        BigInteger serial = new BigInteger(1, random.bytes(8));
        X509Certificate certificate =
            PeerCertificate.create(identity, keys, serial, clock.instant());
        certified =
            new Certified(
                implementations.get(), new Credentials(keys.getPrivate(), List.of(certificate)));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("internal error: every JDK has P-256", e);
      }
    }
    return certified;
  }
}
