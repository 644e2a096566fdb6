package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.peerup.libp2p.tls.Credentials;
import io.peerup.libp2p.tls.JdkTls;
import io.peerup.libp2p.tls.TlsImplementation;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/// BoringSSL by way of Netty, where its native library is on the class path: several times as fast
/// as the JDK's, agrees on keys with X25519 and ML-KEM-768 together where the peer can too, and
/// takes certificates that name no issuer. A context serves all connections of a role: it caches no
/// session and gives no ticket.
public final class BoringSslTls implements TlsImplementation {

  private static final String VERSION = "TLSv1.3";

  private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

  private record Role(boolean client, List<String> protocols) {}

  private final Map<Role, SslContext> contexts = new HashMap<>();

  /// Who judges the certificate of which connection, until that ends.
  private final Map<SSLEngine, X509ExtendedTrustManager> judges = new ConcurrentHashMap<>();

  /// BoringSSL if it is here, else the JDK's.
  public static TlsImplementation orJdk() {
    return OpenSsl.isAvailable() ? new BoringSslTls() : new JdkTls();
  }

  @Override
  public Engine engine(
      boolean client, Credentials own, X509ExtendedTrustManager judge, List<String> protocols) {
    SslContext context = context(new Role(client, List.copyOf(protocols)), own);
    SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT);
    judges.put(engine, judge);
    return new Native(context, engine);
  }

  private synchronized SslContext context(Role role, Credentials own) {
    SslContext made = contexts.get(role);
    if (made == null) {
      made = build(role, own);
      contexts.put(role, made);
    }
    return made;
  }

  private SslContext build(Role role, Credentials own) {
    X509Certificate[] chain = own.chain().toArray(X509Certificate[]::new);
    SslContextBuilder builder =
        role.client()
            ? SslContextBuilder.forClient()
            : SslContextBuilder.forServer(own.key(), chain);
    if (role.client() && chain.length > 0) {
      builder.keyManager(own.key(), chain);
    }
    try {
      return builder
          .sslProvider(SslProvider.OPENSSL_REFCNT)
          .protocols(VERSION)
          .trustManager(new Dispatch())
          .clientAuth(ClientAuth.REQUIRE)
          .endpointIdentificationAlgorithm(null)
          .sessionCacheSize(1)
          .sessionTimeout(1)
          .option(OpenSslContextOption.GROUPS, GROUPS)
          .option(OpenSslContextOption.USE_TASKS, false)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  role.protocols()))
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("internal error: BoringSSL takes P-256 and TLS 1.3", e);
    }
  }

  @Override
  public synchronized void close() {
    contexts.values().forEach(ReferenceCountUtil::release);
    contexts.clear();
  }

  private final class Native implements Engine {
    private final SslContext context;
    private final SSLEngine engine;
    private final AtomicBoolean released = new AtomicBoolean();

    Native(SslContext context, SSLEngine engine) {
      this.context = context;
      this.engine = engine;
    }

    @Override
    public SSLEngine ssl() {
      return engine;
    }

    @Override
    public void release() {
      if (!released.getAndSet(true)) {
        judges.remove(engine);
        ReferenceCountUtil.release(engine);
      }
    }

    /// Netty asks for an alert to be sent, and would throw at the next record. Nothing else that
    /// comes after a handshake makes it ask: answers to changes of keys go with the next data.
    @Override
    public boolean failed(SSLEngineResult result) {
      return result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP;
    }

    @Override
    public int remembered() {
      return Collections.list(context.sessionContext().getIds()).size();
    }
  }

  /// Asks the judge of the connection that a certificate came by.
  private final class Dispatch extends X509ExtendedTrustManager {

    private X509ExtendedTrustManager judge(SSLEngine engine) throws CertificateException {
      X509ExtendedTrustManager judge = judges.get(engine);
      if (judge == null) {
        throw new CertificateException("the connection has ended");
      }
      return judge;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine of)
        throws CertificateException {
      judge(of).checkClientTrusted(chain, kind, of);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine of)
        throws CertificateException {
      judge(of).checkServerTrusted(chain, kind, of);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket of)
        throws CertificateException {
      throw new CertificateException("there are no sockets here");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket of)
        throws CertificateException {
      throw new CertificateException("there are no sockets here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      throw new CertificateException("a connection is judged, not a certificate alone");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      throw new CertificateException("a connection is judged, not a certificate alone");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
