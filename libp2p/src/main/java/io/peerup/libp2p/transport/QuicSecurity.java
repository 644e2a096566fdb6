package io.peerup.libp2p.transport;

import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.AttributeKey;
import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.tls.Credentials;
import io.peerup.libp2p.tls.Exporter;
import io.peerup.libp2p.tls.TlsKeys;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// TLS within QUIC, by BoringSSL: the same certificates and the same judgement as TLS over TCP
/// (libp2p specs `quic/README.md` and `tls/tls.md`). The only application protocol is `libp2p`; a
/// client certificate is required; keys are agreed on with X25519 and ML-KEM-768 together where the
/// peer can; no server name, no tickets that could resume a session, no early data. On event loops.
final class QuicSecurity {

  /// What stands where TCP names a muxer.
  static final String MUXER = "/quic-v1";

  /// Where a channel keeps its handshake.
  static final AttributeKey<Handshake> HANDSHAKE =
      AttributeKey.valueOf(QuicSecurity.class, "handshake");

  private static final String ALPN = "libp2p";

  private static final String HYBRID_GROUP = "X25519MLKEM768";
  private static final String[] GROUPS = {HYBRID_GROUP, "X25519", "P-256"};
  private static final int TICKET_KEY_PART_BYTES = 16;
  private static final String EXPORTER_SECRET = "EXPORTER_SECRET ";

  private final TlsKeys keys;
  private final KeyRandom random;
  private final String[] groups;
  private final QuicSslContext client;
  private final QuicSslContext server;
  private final Map<SSLEngine, Handshake> running = new ConcurrentHashMap<>();

  /// @param hybridOnly whether keys are agreed on with ML-KEM beside X25519 or not at all
  QuicSecurity(TlsKeys keys, KeyRandom random, boolean hybridOnly) {
    this.keys = keys;
    this.random = random;
    this.groups = hybridOnly ? new String[] {HYBRID_GROUP} : GROUPS;
    Credentials own = keys.credentials();
    X509Certificate[] chain = own.chain().toArray(X509Certificate[]::new);
    this.client =
        common(QuicSslContextBuilder.forClient().keyManager(own.key(), null, chain)).build();
    this.server =
        common(QuicSslContextBuilder.forServer(own.key(), null, chain))
            .clientAuth(ClientAuth.REQUIRE)
            .build();
  }

  private QuicSslContextBuilder common(QuicSslContextBuilder builder) {
    return builder
        .applicationProtocols(ALPN)
        .option(BoringSSLContextOption.GROUPS, groups)
        .trustManager(new ByIdentity())
        .endpointIdentificationAlgorithm("")
        .earlyData(false)
        .sessionCacheSize(0)
        .keylog(this::secret);
  }

  /// What one handshake expects and finds out.
  static final class Handshake {
    private final PeerExpectation expected;
    private @Nullable PublicKey key;
    private @Nullable OverlayException rejection;
    private @Nullable ChannelBinding binding;

    Handshake(PeerExpectation expected) {
      this.expected = expected;
    }

    /// Why we refused the peer, or null.
    @Nullable OverlayException rejection() {
      return rejection;
    }

    /// Who the peer proved to be and what binds to this handshake. Throws [ProtocolViolation] if
    /// there is no proof.
    MuxedConnection.Secured secured() {
      PublicKey proven = key;
      ChannelBinding both = binding;
      if (proven == null || both == null) {
        throw new ProtocolViolation("QUIC: the peer showed no certificate");
      }
      return new MuxedConnection.Secured(PeerId.of(proven), proven, both, Upgrade.TLS, MUXER);
    }
  }

  QuicSslEngine clientEngine(QuicChannel channel) {
    return begin(client.newEngine(channel.alloc()), channel);
  }

  /// BoringSSL gives out tickets with which a session could be resumed, and then no certificate is
  /// shown. Netty cannot tell it not to; but none is good once the key under which it was sealed is
  /// gone, and each handshake has another.
  QuicSslEngine serverEngine(QuicChannel channel) {
    server.sessionContext().setTicketKeys(new SslSessionTicketKey(part(), part(), part()));
    return begin(server.newEngine(channel.alloc()), channel);
  }

  private byte[] part() {
    return random.bytes(TICKET_KEY_PART_BYTES);
  }

  private QuicSslEngine begin(QuicSslEngine engine, QuicChannel channel) {
    running.put(engine, channel.attr(HANDSHAKE).get());
    channel.closeFuture().addListener(_ -> running.remove(engine));
    return engine;
  }

  /// The handshake of this channel is over, one way or the other.
  void ended(QuicChannel channel) {
    SSLEngine engine = channel.sslEngine();
    if (engine != null) {
      running.remove(engine);
    }
  }

  int running() {
    return running.size();
  }

  /// BoringSSL offers its secrets for a log. We take the one from which channel bindings follow.
  private void secret(SSLEngine engine, String line) {
    Handshake handshake = running.get(engine);
    if (handshake != null && line.startsWith(EXPORTER_SECRET)) {
      String hex = line.substring(line.lastIndexOf(' ') + 1);
      handshake.binding = Exporter.binding(HexFormat.of().parseHex(hex));
    }
  }

  /// See [TlsKeys#prove].
  private final class ByIdentity extends X509ExtendedTrustManager {

    private void check(X509Certificate[] chain, @Nullable SSLEngine engine)
        throws CertificateException {
      Handshake handshake = engine == null ? null : running.get(engine);
      if (handshake == null) {
        throw new CertificateException("no handshake is running");
      }
      try {
        handshake.key = keys.prove(chain, handshake.expected);
      } catch (MalformedInput e) {
        handshake.rejection = new ProtocolViolation("QUIC: " + e.getMessage(), e);
        throw new CertificateException(e.getMessage(), e);
      } catch (Refused e) {
        handshake.rejection = e;
        throw new CertificateException(e.getMessage(), e);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine of)
        throws CertificateException {
      check(chain, of);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine of)
        throws CertificateException {
      check(chain, of);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket of)
        throws CertificateException {
      check(chain, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket of)
        throws CertificateException {
      check(chain, null);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      check(chain, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      check(chain, null);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
