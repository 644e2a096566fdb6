package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.SimpleTrustManagerFactory;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.tls.Credentials;
import io.peerup.libp2p.tls.QuicStrangers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A dialler that keeps what a session could be resumed with, its own or a stolen one.
class QuicResumptionIT {

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final AtomicInteger certificates = new AtomicInteger();

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    hosts.close();
  }

  @Test
  void everyConnectionProvesAnewWhoIsThere() throws Exception {
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    PeerId peer = PeerId.of(key.publicKey());
    QuicSslContext sessions = sessions(QuicStrangers.good(key));
    Host server = hosts.listening();
    InetSocketAddress at = server.listenAddresses().getFirst().socketAddress().orElseThrow();
    for (int i = 1; i <= 4; i++) {
      QuicChannel channel = dial(sessions, at);
      await().atMost(SOON).until(() -> server.connections(peer).size() == 1);
      assertThat(certificates).as("certificates seen by the dialler").hasValue(i);
      await().pollDelay(Duration.ofMillis(200)).until(() -> true); // its tickets come
      channel.close().sync();
      await().atMost(SOON).until(() -> server.connections(peer).isEmpty());
    }
  }

  private QuicSslContext sessions(Credentials shown) {
    return QuicSslContextBuilder.forClient()
        .trustManager(new Counting())
        .endpointIdentificationAlgorithm("")
        .applicationProtocols("libp2p")
        .earlyData(true)
        .keyManager(shown.key(), null, shown.chain().toArray(X509Certificate[]::new))
        .build();
  }

  private QuicChannel dial(QuicSslContext sessions, InetSocketAddress at) throws Exception {
    Channel socket =
        new Bootstrap()
            .group(loops)
            .channel(NioDatagramChannel.class)
            .handler(
                new QuicClientCodecBuilder()
                    .sslEngineProvider(
                        channel -> sessions.newEngine(channel.alloc(), "server", at.getPort()))
                    .maxIdleTimeout(20, TimeUnit.SECONDS)
                    .initialMaxData(1 << 20)
                    .initialMaxStreamDataBidirectionalRemote(1 << 20)
                    .initialMaxStreamsBidirectional(100)
                    .build())
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return QuicChannel.newBootstrap(socket)
        .handler(new ChannelInboundHandlerAdapter())
        .streamHandler(new ChannelInboundHandlerAdapter())
        .remoteAddress(at)
        .connect()
        .get(20, TimeUnit.SECONDS);
  }

  /// A server that resumes a session shows no certificate.
  private final class Counting extends SimpleTrustManagerFactory {

    @Override
    protected void engineInit(KeyStore store) {}

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {}

    @Override
    protected TrustManager[] engineGetTrustManagers() {
      return new TrustManager[] {
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String kind) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String kind) {
            certificates.incrementAndGet();
          }

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        }
      };
    }
  }
}
