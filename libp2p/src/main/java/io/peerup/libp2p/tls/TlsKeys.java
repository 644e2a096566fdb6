package io.peerup.libp2p.tls;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// What all TLS handshakes of a host share: a P-256 key made for it, and the certificate by which
/// the host's identity vouches for that key. Made with the first handshake: a host that never
/// speaks TLS pays nothing. Thread-safe.
public final class TlsKeys {

  private final PrivateKey identity;
  private final KeyRandom random;
  private final InstantSource clock;
  private @Nullable Certified certified;

  private record Certified(KeyPair keys, X509Certificate certificate) {}

  private TlsKeys(PrivateKey identity, KeyRandom random, InstantSource clock) {
    this.identity = identity;
    this.random = random;
    this.clock = clock;
  }

  /// Keys of the host with this identity, which must not be destroyed before the host has closed.
  /// `clock` judges the dates of certificates.
  public static TlsKeys of(PrivateKey identity, KeyRandom random, InstantSource clock) {
    return new TlsKeys(identity, random, clock);
  }

  /// The side that dialled. `muxers` are our muxer ids for early negotiation, best first.
  public TlsEngine client(PeerExpectation expected, List<String> muxers) {
    return new TlsEngine(true, new OneKey(certified()), expected, muxers, clock);
  }

  /// The side that listens.
  public TlsEngine server(PeerExpectation expected, List<String> muxers) {
    return new TlsEngine(false, new OneKey(certified()), expected, muxers, clock);
  }

  private synchronized Certified certified() {
    if (certified == null) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        BigInteger serial = new BigInteger(1, random.bytes(8));
        certified =
            new Certified(keys, PeerCertificate.create(identity, keys, serial, clock.instant()));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("internal error: every JDK has P-256", e);
      }
    }
    return certified;
  }

  /// Offers the one key that there is, to whoever takes keys of its kind.
  private static final class OneKey extends X509ExtendedKeyManager {

    private static final String ALIAS = "peerup";
    private static final String KIND = "EC";

    private final Certified certified;

    OneKey(Certified certified) {
      this.certified = certified;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] kinds, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return List.of(kinds).contains(KIND) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String kind, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return kind.equals(KIND) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] kinds, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return chooseEngineClientAlias(kinds, issuers, null);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String kind, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return chooseEngineServerAlias(kind, issuers, null);
    }

    @Override
    public String[] getClientAliases(String kind, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String kind, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certified.certificate()};
    }

    @Override
    public java.security.PrivateKey getPrivateKey(String alias) {
      return certified.keys().getPrivate();
    }
  }
}
