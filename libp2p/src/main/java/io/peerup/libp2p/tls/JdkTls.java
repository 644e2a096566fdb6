package io.peerup.libp2p.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The JDK's own TLS, which is everywhere. It cannot speak with peers whose certificate names no
/// issuer, as those of rust-libp2p and js-libp2p: it refuses such certificates before anybody is
/// asked. Each connection has a context of its own, since the JDK resumes what a context remembers.
public final class JdkTls implements TlsImplementation {

  private static final String VERSION = "TLSv1.3";

  /// AES-128 first: with this JDK it is about twice as fast as ChaCha20 in TLS.
  private static final String[] CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"
  };

  private static final String[] GROUPS = {"x25519", "secp256r1"};

  /// Longer than the seven days that a ticket may live: the JDK's engine then neither gives tickets
  /// nor keeps those it gets, of which a listener could send any number.
  private static final int NO_TICKETS_SECONDS = 604_801;

  @Override
  public Engine engine(
      boolean client, Credentials own, X509ExtendedTrustManager judge, List<String> protocols) {
    SSLContext context;
    try {
      context = SSLContext.getInstance(VERSION);
      context.init(
          new X509ExtendedKeyManager[] {new OneKey(own)}, new TrustManager[] {judge}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK has TLS 1.3", e);
    }
    context.getClientSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
    context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {VERSION});
    parameters.setCipherSuites(CIPHERS);
    parameters.setNamedGroups(GROUPS);
    parameters.setNeedClientAuth(!client);
    parameters.setApplicationProtocols(protocols.toArray(String[]::new));
    engine.setSSLParameters(parameters);
    return new OnHeap(context, engine);
  }

  @Override
  public void close() {}

  private record OnHeap(SSLContext context, SSLEngine ssl) implements Engine {

    @Override
    public void release() {}

    @Override
    public boolean failed(SSLEngineResult result) {
      return false;
    }

    @Override
    public int remembered() {
      return Collections.list(context.getClientSessionContext().getIds()).size();
    }
  }

  /// Offers the one key that there is, to whoever takes keys of its kind.
  private static final class OneKey extends X509ExtendedKeyManager {

    private static final String ALIAS = "peerup";
    private static final String KIND = "EC";

    private final Credentials own;

    OneKey(Credentials own) {
      this.own = own;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] kinds, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return List.of(kinds).contains(KIND) && !own.chain().isEmpty() ? ALIAS : null;
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
      return own.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public java.security.PrivateKey getPrivateKey(String alias) {
      return own.key();
    }
  }
}
