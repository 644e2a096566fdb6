package io.peerup.libp2p.tls;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
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
  private final ProvenCertificates certificates;
  private @Nullable Credentials own;
  private @Nullable TlsImplementation implementation;
  private boolean destroyed;

  private TlsKeys(
      PrivateKey identity,
      KeyRandom random,
      InstantSource clock,
      Supplier<TlsImplementation> implementations) {
    this.identity = identity;
    this.random = random;
    this.clock = clock;
    this.implementations = implementations;
    this.certificates = new ProvenCertificates(clock);
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
    return new TlsEngine(implementation(), client, credentials(), expected, muxers, certificates);
  }

  /// The identity that a peer proves with these certificates, which a TLS of another kind (QUIC's)
  /// was shown and has not judged. Throws [io.peerup.libp2p.MalformedInput] if nothing is proven,
  /// [io.peerup.libp2p.Refused] if it is somebody we do not expect.
  public PublicKey prove(X509Certificate[] chain, PeerExpectation expected) {
    return certificates.prove(chain, expected);
  }

  /// Ends the use of the key. Idempotent.
  public synchronized void destroy() {
    destroyed = true;
    own = null;
    if (implementation != null) {
      implementation.close();
      implementation = null;
    }
  }

  private synchronized TlsImplementation implementation() {
    checkUsable();
    if (implementation == null) {
      implementation = implementations.get();
    }
    return implementation;
  }

  /// What we show of ourselves.
  public synchronized Credentials credentials() {
    checkUsable();
    if (own == null) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        BigInteger serial = new BigInteger(1, random.bytes(8));
        X509Certificate certificate =
            PeerCertificate.create(identity, keys, serial, clock.instant());
        own = new Credentials(keys.getPrivate(), List.of(certificate));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("internal error: every JDK has P-256", e);
      }
    }
    return own;
  }

  private void checkUsable() {
    if (destroyed) {
      throw new PeerUnreachable("the host is closed");
    }
  }
}
