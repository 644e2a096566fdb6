package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.tls.Credentials;
import io.peerup.libp2p.tls.JdkTls;
import io.peerup.libp2p.tls.QuicStrangers;
import io.peerup.libp2p.tls.TlsKeys;
import io.peerup.testkit.FreePort;
import io.peerup.testkit.UdpForwarder;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// One socket of ours, and strangers whose QUIC is another's: they keep to no rule of ours.
class QuicEndpointIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final List<AutoCloseable> toClose = new ArrayList<>();
  private final MultiThreadIoEventLoopGroup strangers =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final PrivateKey identity = PrivateKey.generate(KeyRandom.secure());
  private final Listener listener = new Listener();

  /// The longest queue of datagrams that a stranger has, longer than any of ours.
  private static final int DATAGRAMS = 2 * QuicLimits.DATAGRAMS_ARRIVED_MAX;

  /// What a stranger does as soon as it may.
  private Consumer<ChannelHandlerContext> first = _ -> {};

  @AfterEach
  void stop() throws Exception {
    strangers.shutdownGracefully(0, 1000, TimeUnit.MILLISECONDS).sync();
    for (AutoCloseable each : toClose.reversed()) {
      each.close();
    }
  }

  /// Takes everyone, remembers what came of it.
  private static final class Listener implements QuicTransport.Acceptor, Upgrade.Outcome {
    private final CompletableFuture<MuxedConnection> arrived = new CompletableFuture<>();
    private final CompletableFuture<OverlayException> failed = new CompletableFuture<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final List<MuxedConnection> connections = new CopyOnWriteArrayList<>();
    private volatile Consumer<BlockingStream> takes = BlockingStream::reset;
    private volatile boolean doubtful;

    @Override
    public boolean doubts(InetSocketAddress remote) {
      return doubtful;
    }

    @Override
    public Upgrade.@Nullable Outcome begins(
        InetSocketAddress local, InetSocketAddress remote, Runnable abandon) {
      begun.incrementAndGet();
      return this;
    }

    @Override
    public void upgraded(MuxedConnection connection) {
      connections.add(connection);
      arrived.complete(connection);
      connection.start(
          new MuxedConnection.Owner() {
            @Override
            public void opened(BlockingStream stream) {
              takes.accept(stream);
            }

            @Override
            public void closed(OverlayException cause) {
              ended.complete(String.valueOf(cause.getMessage()));
            }
          });
    }

    @Override
    public void failed(OverlayException cause) {
      failed.complete(cause);
    }
  }

  private QuicTransport transport(PrivateKey key, Duration idleMax, Duration keepAlive) {
    return transport(key, idleMax, keepAlive, false);
  }

  private QuicTransport transport(
      PrivateKey key, Duration idleMax, Duration keepAlive, boolean hybridOnly) {
    TcpTransport loops = new TcpTransport(1);
    TlsKeys keys = TlsKeys.of(key, KeyRandom.secure(), InstantSource.system(), JdkTls::new);
    QuicTransport transport =
        new QuicTransport(
            loops,
            new QuicTransport.Settings(
                keys,
                KeyRandom.secure(),
                new BufferBudget(BufferBudget.BYTES_MAX),
                hybridOnly,
                QuicLimits.INBOUND_STREAMS_MAX,
                Duration.ofSeconds(2),
                idleMax,
                keepAlive));
    toClose.add(loops);
    toClose.add(transport);
    return transport;
  }

  private QuicTransport transport(PrivateKey key) {
    return transport(key, QuicLimits.IDLE_MAX, QuicLimits.KEEP_ALIVE);
  }

  private QuicEndpoint listening() throws IOException {
    return transport(identity).listen(LOOPBACK, listener);
  }

  private Listener dial(QuicTransport from, InetSocketAddress remote) throws IOException {
    Listener outcome = new Listener();
    var _ =
        from.dialFrom(remote)
            .dial(remote, PeerExpectation.exactly(PeerId.of(identity.publicKey())), SOON, outcome);
    return outcome;
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  // ------------------------------------------------------------------------------------- strangers

  /// How a stranger's connection ended: what the listener said, or what the stranger met.
  private String approach(
      InetSocketAddress remote, @Nullable Credentials shown, String... protocols) throws Exception {
    QuicSslContextBuilder tls =
        QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm("")
            .applicationProtocols(protocols);
    if (shown != null) {
      tls.keyManager(shown.key(), null, shown.chain().toArray(X509Certificate[]::new));
    }
    CompletableFuture<String> end = new CompletableFuture<>();
    var socket =
        new Bootstrap()
            .group(strangers)
            .channel(NioDatagramChannel.class)
            .handler(
                new QuicClientCodecBuilder()
                    .sslContext(tls.build())
                    .maxIdleTimeout(5, TimeUnit.SECONDS)
                    .initialMaxData(1 << 20)
                    .initialMaxStreamDataBidirectionalLocal(1 << 20)
                    .datagram(DATAGRAMS, DATAGRAMS)
                    .build())
            .bind(LOOPBACK)
            .sync()
            .channel();
    QuicChannel.newBootstrap(socket)
        .handler(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext context, Object event) {
                if (event instanceof QuicConnectionCloseEvent closed) {
                  end.complete(
                      closed.isTlsError()
                          ? "alert " + QuicConnectionCloseEvent.extractTlsError(closed.error())
                          : "code " + closed.error());
                }
              }

              @Override
              public void channelActive(ChannelHandlerContext context) {
                first.accept(context);
              }

              @Override
              public void channelInactive(ChannelHandlerContext context) {
                end.complete("ended");
              }
            })
        .streamHandler(new ChannelInboundHandlerAdapter())
        .remoteAddress(remote)
        .connect()
        .addListener(done -> {
          if (!done.isSuccess()) {
            end.complete("failed: " + done.cause().getMessage());
          }
        });
    try {
      return soon(end);
    } finally {
      socket.close().sync();
    }
  }

  @Test
  void whoShowsNoCertificateIsNobody() throws Exception {
    String end = approach(listening().local(), null, "libp2p");
    assertThat(end).isEqualTo("alert 116"); // certificate_required
    assertThat(soon(listener.failed)).isInstanceOf(ProtocolViolation.class);
    assertThat(listener.arrived).isNotDone();
  }

  @Test
  void aCertificateThatProvesNothingIsRefused() throws Exception {
    for (Credentials shown : QuicStrangers.all()) {
      Listener each = new Listener();
      QuicEndpoint endpoint = transport(identity).listen(LOOPBACK, each);
      assertThat(approach(endpoint.local(), shown, "libp2p")).startsWith("alert ");
      assertThat(soon(each.failed)).isInstanceOf(ProtocolViolation.class);
      assertThat(each.arrived).isNotDone();
    }
  }

  /// A listener that is none of ours.
  private Channel stranger(Credentials shown) throws InterruptedException {
    X509Certificate[] chain = shown.chain().toArray(X509Certificate[]::new);
    return new Bootstrap()
        .group(strangers)
        .channel(NioDatagramChannel.class)
        .handler(
            new QuicServerCodecBuilder()
                .sslContext(
                    QuicSslContextBuilder.forServer(shown.key(), null, chain)
                        .applicationProtocols("libp2p")
                        .build())
                .maxIdleTimeout(5, TimeUnit.SECONDS)
                .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
                .handler(new ChannelInboundHandlerAdapter())
                .streamHandler(new ChannelInboundHandlerAdapter())
                .build())
        .bind(LOOPBACK)
        .sync()
        .channel();
  }

  @Test
  void aListenerWhoseCertificateProvesNothingIsRefused() throws Exception {
    QuicTransport dialler = transport(identity);
    List<Credentials> all = new ArrayList<>(QuicStrangers.all());
    all.add(QuicStrangers.good());
    for (Credentials shown : all) {
      Channel stranger = stranger(shown);
      InetSocketAddress there = (InetSocketAddress) stranger.localAddress();
      Listener outcome = new Listener();
      var _ = dialler.dialFrom(there).dial(there, PeerExpectation.any(), SOON, outcome);
      if (shown.equals(all.getLast())) {
        assertThat(soon(outcome.arrived).isOpen()).as("one that is right").isTrue();
      } else {
        assertThat(soon(outcome.failed)).isInstanceOf(ProtocolViolation.class);
        assertThat(outcome.arrived).isNotDone();
      }
      stranger.close().sync();
    }
  }

  @Test
  void anotherApplicationProtocolIsRefused() throws Exception {
    Credentials good = QuicStrangers.good();
    assertThat(approach(listening().local(), good, "h3", "/yamux/1.0.0")).contains("120");
    assertThat(listener.arrived).isNotDone();
  }

  @Test
  void nobodyIsTheDiallersFault() throws Exception {
    QuicEndpoint endpoint = listening();
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    Listener outcome = new Listener();
    QuicTransport dialler = transport(key);
    var _ =
        dialler
            .dialFrom(endpoint.local())
            .dial(
                endpoint.local(),
                PeerExpectation.exactly(PeerId.of(key.publicKey())),
                SOON,
                outcome);
    assertThat(soon(outcome.failed)).isInstanceOf(Refused.class);
    assertThat(soon(listener.failed)).isInstanceOf(Refused.class).hasMessageContaining("alert");
  }

  @Test
  void withHybridOnlyWhoAgreesOnLessIsRefusedAndOursConnect() throws Exception {
    QuicEndpoint endpoint =
        transport(identity, QuicLimits.IDLE_MAX, QuicLimits.KEEP_ALIVE, true)
            .listen(LOOPBACK, listener);
    // A stranger's BoringSSL agrees with X25519 unless told otherwise.
    assertThat(approach(endpoint.local(), QuicStrangers.good(), "libp2p")).startsWith("alert ");
    assertThat(listener.arrived).isNotDone();
    Listener dialled = dial(transport(PrivateKey.generate(KeyRandom.secure())), endpoint.local());
    assertThat(soon(dialled.arrived).isOpen()).isTrue();
  }

  // ---------------------------------------------------------------------------------------- floods

  @Test
  void whoIsDoubtedConnectsOverARetry() throws Exception {
    QuicEndpoint endpoint = listening();
    listener.doubtful = true;
    Listener dialled = dial(transport(PrivateKey.generate(KeyRandom.secure())), endpoint.local());
    assertThat(soon(dialled.arrived).isOpen()).isTrue();
    assertThat(soon(listener.arrived).isOpen()).isTrue();
    assertThat(listener.begun).hasValue(1);
  }

  @Test
  void helloesThatAreNotFollowedUpCostADoubtfulListenerNothing() throws Exception {
    QuicEndpoint endpoint = listening();
    listener.doubtful = true;
    byte[] hello = hello();
    try (DatagramSocket flood = new DatagramSocket(LOOPBACK)) {
      flood.setSoTimeout(2000);
      for (int i = 0; i < 500; i++) {
        hello[6 + i % 8]++; // another connection id each time: its keys are wrong, nobody looks
        flood.send(new DatagramPacket(hello, hello.length, endpoint.local()));
      }
      DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
      flood.receive(answer);
      assertThat(answer.getData()[0] & 0xF0).isEqualTo(0xF0); // Retry
      assertThat(answer.getLength()).isLessThan(hello.length);
    }
    assertThat(listener.begun).hasValue(0);
    Listener dialled = dial(transport(PrivateKey.generate(KeyRandom.secure())), endpoint.local());
    assertThat(soon(dialled.arrived).isOpen()).isTrue();
  }

  /// The first bytes of an Initial with a connection id of 8 bytes, and nothing good behind them.
  private static byte[] hello() {
    byte[] hello = new byte[1200];
    hello[0] = (byte) 0xC3;
    hello[4] = 1;
    hello[5] = 8;
    hello[14] = 8; // source id
    hello[23] = 0; // no token
    hello[24] = 0x44; // length, two bytes
    hello[25] = (byte) 0x96;
    return hello;
  }

  @Test
  void aHandshakeThatStallsEndsAtItsDeadline() throws Exception {
    QuicEndpoint endpoint = listening();
    try (DatagramSocket stalling = new DatagramSocket(LOOPBACK)) {
      byte[] hello = RawHello.packet(new byte[8], new byte[0]);
      stalling.send(new DatagramPacket(hello, hello.length, endpoint.local()));
      assertThat(soon(listener.failed)).isInstanceOf(DeadlineExceeded.class);
    }
  }

  @Test
  void datagramsThatNobodyTakesAreDroppedAndHarmNothing() throws Exception {
    first = context -> say(context, DATAGRAMS, 1);
    QuicEndpoint endpoint = listening();
    var closing =
        listener.arrived.thenAcceptAsync(
            connection -> {
              await().atMost(SOON).until(() -> connection.datagramCounts().unclaimed() > 10);
              await().pollDelay(Duration.ofSeconds(2)).until(connection::isOpen);
              connection.close(0x1006);
            },
            Thread::startVirtualThread);
    assertThat(approach(endpoint.local(), QuicStrangers.good(), "libp2p"))
        .isEqualTo("code " + 0x1006);
    soon(closing);
    assertThat(soon(listener.arrived).datagramCounts().received()).isZero();
  }

  /// Datagrams for the first stream that a dialler opens.
  private static void say(ChannelHandlerContext context, int count, int bytes) {
    for (int i = 0; i < count; i++) {
      var _ = context.write(context.alloc().directBuffer(bytes).writeByte(1).writeZero(bytes - 1));
    }
    context.flush();
  }

  @Test
  void noDatagramReachesTheStreamOfAnotherPeer() throws Exception {
    QuicEndpoint endpoint = listening();
    MuxedConnection client =
        soon(dial(transport(PrivateKey.generate(KeyRandom.secure())), endpoint.local()).arrived);
    MuxedConnection served = soon(listener.arrived);
    AtomicInteger got = new AtomicInteger();
    listener.takes = stream -> stream.datagrams().orElseThrow().receive(_ -> got.incrementAndGet());
    BlockingStream stream = soon(client.open());
    stream.write(new byte[1]); // a stream is not seen before a byte is
    await()
        .atMost(SOON)
        .until(() -> stream.datagrams().orElseThrow().send(new byte[1]) && got.get() > 0);
    await()
        .atMost(SOON)
        .until(() -> served.datagramCounts().received() == client.datagramCounts().sent());
    int received = got.get();

    first = context -> say(context, 40, 10);
    var closing =
        CompletableFuture.runAsync(
            () -> {
              await().atMost(SOON).until(() -> listener.connections.size() == 2);
              MuxedConnection attacker = listener.connections.getLast();
              await().atMost(SOON).until(() -> attacker.datagramCounts().unclaimed() == 40);
              attacker.close(0x1006);
            },
            Thread::startVirtualThread);
    assertThat(approach(endpoint.local(), QuicStrangers.good(), "libp2p"))
        .isEqualTo("code " + 0x1006);
    soon(closing);
    assertThat(listener.connections.getLast().datagramCounts())
        .isEqualTo(new DatagramCounts(0, 0, 40, 0));
    assertThat(got).hasValue(received);
    stream.reset();
  }

  @Test
  void whatIsNotQuicIsCountedAndDropped() throws Exception {
    QuicEndpoint endpoint = listening();
    try (DatagramSocket stun = new DatagramSocket(LOOPBACK)) {
      byte[] request = new byte[20];
      request[1] = 1;
      stun.send(new DatagramPacket(request, request.length, endpoint.local()));
    }
    await().atMost(SOON).until(() -> endpoint.foreignPackets() == 1);
  }

  // --------------------------------------------------------------------------------------- silence

  @Test
  void aSilentConnectionIsKeptAliveAndADeadOneEnds() throws Exception {
    Duration idle = Duration.ofSeconds(5);
    Duration keepAlive = Duration.ofSeconds(1);
    QuicEndpoint endpoint = transport(identity, idle, keepAlive).listen(LOOPBACK, listener);
    try (UdpForwarder path = new UdpForwarder(endpoint.local())) {
      Listener dialled =
          dial(
              transport(PrivateKey.generate(KeyRandom.secure()), idle, keepAlive),
              new InetSocketAddress(InetAddress.getLoopbackAddress(), path.port()));
      MuxedConnection connection = soon(dialled.arrived);
      assertThatThrownBy(() -> dialled.ended.get(8, TimeUnit.SECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      assertThat(connection.isOpen()).isTrue();
      BlockingStream stream = soon(connection.open());
      stream.write(new byte[1]);
      path.cut();
      assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
          .isInstanceOf(PeerUnreachable.class)
          .hasMessageContaining("silent");
      assertThat(soon(dialled.ended)).contains("silent");
      assertThat(soon(listener.ended)).contains("silent");
    }
  }

  @Test
  void aSocketThatCameBackOnItsPortIsDialledAtOnceAndTheOldConnectionEndsInSilence()
      throws Exception {
    Duration idle = Duration.ofSeconds(5);
    Duration keepAlive = Duration.ofSeconds(1);
    InetSocketAddress at =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.choose());
    QuicEndpoint endpoint = transport(identity, idle, keepAlive).listen(at, listener);
    QuicTransport dialler = transport(PrivateKey.generate(KeyRandom.secure()), idle, keepAlive);
    Listener old = dial(dialler, at);
    assertThat(soon(old.arrived).isOpen()).isTrue();
    endpoint.close().sync(); // and says nothing
    QuicTransport back = transport(identity, idle, keepAlive);
    await() // the system may take a moment to notice
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> back.listen(at, new Listener()).local().equals(at));
    Listener fresh = dial(dialler, at); // from the same socket
    assertThat(soon(fresh.arrived).isOpen()).isTrue();
    assertThat(old.ended).as("nobody has told yet").isNotDone();
    assertThat(soon(old.ended)).contains("silent");
    assertThat(soon(fresh.arrived).isOpen()).isTrue();
  }

  @Test
  void aDialIntoNothingEndsAtItsDeadline() throws Exception {
    try (DatagramSocket deaf = new DatagramSocket(LOOPBACK)) {
      Listener outcome = new Listener();
      InetSocketAddress there = (InetSocketAddress) deaf.getLocalSocketAddress();
      var _ =
          transport(identity)
              .dialFrom(there)
              .dial(there, PeerExpectation.any(), Duration.ofMillis(300), outcome);
      assertThat(soon(outcome.failed)).isInstanceOf(DeadlineExceeded.class);
      assertThatThrownBy(() -> outcome.arrived.get(1, TimeUnit.MILLISECONDS))
          .isNotInstanceOf(ExecutionException.class);
    }
  }
}
