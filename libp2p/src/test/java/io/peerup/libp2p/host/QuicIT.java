package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.addressOf;
import static io.peerup.libp2p.host.TestHosts.connect;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.perf.Perf;
import io.peerup.libp2p.transport.QuicLimits;
import io.peerup.testkit.FreePort;
import io.peerup.testkit.Needs;
import io.peerup.testkit.UdpForwarder;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Hosts that speak QUIC with each other.
class QuicIT {

  private static final String ECHO = "/test/echo/1";

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    hosts.close();
    tasks.close();
  }

  private Host echoing() {
    Host server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    return server;
  }

  private static void assertEchoes(Connection connection) {
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      byte[] sent = "hello".getBytes(StandardCharsets.UTF_8);
      stream.write(sent);
      stream.closeWrite();
      assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
      assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
    }
  }

  // ----------------------------------------------------------------------------------- connections

  @Test
  void bothEndsProveWhoTheyAreAndShareABinding() {
    Host server = echoing();
    Host client = hosts.dialing();
    Connection connection = connect(client, server);
    assertEchoes(connection);
    assertThat(connection.remotePeer()).isEqualTo(server.id());
    assertThat(connection.remoteAddress()).isEqualTo(server.listenAddresses().getFirst());
    assertThat(connection.security()).isEqualTo("/tls/1.0.0");
    assertThat(connection.muxer()).isEqualTo("/quic-v1");
    Connection theirs = farEnd(server, connection);
    assertThat(theirs.remotePeer()).isEqualTo(client.id());
    assertThat(theirs.channelBinding()).hasSize(32).isEqualTo(connection.channelBinding());
    assertThat(connect(hosts.dialing(), server).channelBinding())
        .isNotEqualTo(connection.channelBinding());
    await().atMost(SOON).until(() -> connection.lastRtt().isPresent());
    assertThat(client.ping(connection, SOON)).isPositive();
  }

  @Test
  void overIpv6Too() throws SocketException {
    Needs.that(
        NetworkInterface.getByInetAddress(InetAddress.ofLiteral("::1")) != null,
        "this machine has no IPv6");
    Host server = hosts.make(b -> b.listen(List.of(Multiaddr.parse("/ip6/::1/udp/0/quic-v1"))));
    server.handle(ECHO, Patterns.ECHOES);
    assertEchoes(connect(hosts.dialing(), server));
  }

  @Test
  void oneWildcardSocketServesBothFamilies() throws Exception {
    int free = FreePort.choose();
    Host server =
        hosts.make(b ->
            b.listen(
                List.of(
                    Multiaddr.parse("/ip4/0.0.0.0/udp/" + free + "/quic-v1"),
                    Multiaddr.parse("/ip6/::/udp/" + free + "/quic-v1"))));
    server.handle(ECHO, Patterns.ECHOES);
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/udp/" + free + "/quic-v1");
    assertThat(server.listenAddresses()).contains(address);
    assertEchoes(hosts.dialing().connect(address, PeerExpectation.exactly(server.id()), SOON));
  }

  @Test
  void weDialFromTheSocketThatListens() {
    Host one = echoing();
    Host other = echoing();
    Connection there = connect(one, other);
    assertThat(farEnd(other, there).remoteAddress()).isEqualTo(one.listenAddresses().getFirst());
    // And the other way, between the same two sockets, at the same time.
    Connection back = connect(other, one);
    assertThat(farEnd(one, back).remoteAddress()).isEqualTo(other.listenAddresses().getFirst());
    assertEchoes(there);
    assertEchoes(back);
  }

  @Test
  void someoneElseAnsweringIsAFailedHandshakeAndLearnsNothing() {
    Host server = echoing();
    Host client = hosts.dialing();
    Multiaddr address = server.listenAddresses().getFirst();
    assertThatThrownBy(
            () -> client.connect(address, PeerExpectation.exactly(hosts.dialing().id()), SOON))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(server.id().toString());
    assertThat(server.connections()).isEmpty();
    assertThat(client.connections()).isEmpty();
  }

  @Test
  void aClosedConnectionIsNoticedWithItsCode() throws Exception {
    Host server = echoing();
    BlockingQueue<String> reasons = new ArrayBlockingQueue<>(1);
    Connection connection = connect(hosts.dialing(), server);
    server.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection gone, String reason) {
            reasons.add(reason);
          }
        });
    assertEchoes(connection);
    connection.close(0x1007);
    assertThat(reasons.poll(SOON.toSeconds(), TimeUnit.SECONDS)).contains("0x1007");
    assertThat(connection.isOpen()).isFalse();
    assertThatThrownBy(() -> connection.openStream(List.of(ECHO), SOON))
        .isInstanceOf(PeerUnreachable.class);
  }

  private Connection through(UdpForwarder nat, Host server) {
    return hosts
        .dialing()
        .connect(
            Multiaddr.parse("/ip4/127.0.0.1/udp/" + nat.port() + "/quic-v1"),
            PeerExpectation.exactly(server.id()),
            SOON);
  }

  private static InetSocketAddress address(Host server) {
    return server.listenAddresses().getFirst().socketAddress().orElseThrow();
  }

  @Test
  void aConnectionOutlivesChangesOfItsSourcePort() throws Exception {
    Host server = echoing();
    try (UdpForwarder nat = new UdpForwarder(address(server))) {
      Connection connection = through(nat, server);
      assertEchoes(connection);
      for (int i = 1; i < QuicLimits.PEER_CONNECTION_IDS_MAX; i++) {
        nat.rebind();
        assertEchoes(connection);
      }
      assertThat(server.connections()).hasSize(1);
      nat.rebind(); // one more
      Stream stream = connection.openStream(List.of(ECHO), SOON);
      stream.deadline(Duration.ofSeconds(1));
      stream.write(new byte[1]);
      assertThatThrownBy(() -> stream.readExactly(1)).isInstanceOf(DeadlineExceeded.class);
    }
  }

  @Test
  void aPeerThatIsHeardFromAnotherAddressAndCannotBeReachedThereIsLeft() throws Exception {
    Host server = echoing();
    try (UdpForwarder nat = new UdpForwarder(address(server))) {
      Connection connection = through(nat, server);
      assertEchoes(connection);
      nat.rebind(Integer.MAX_VALUE);
      connection.openStream(List.of(ECHO), SOON).write(new byte[1]);
      await().atMost(SOON).until(() -> server.connections().isEmpty());
    }
  }

  @Test
  void whereUdpDoesNotPassTcpConnects() throws Exception {
    Host server = hosts.make(b -> b.listen(List.of(TestHosts.QUIC, TestHosts.LOOPBACK)));
    server.handle(ECHO, Patterns.ECHOES);
    try (DatagramSocket deaf = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Multiaddr nowhere = Multiaddr.parse("/ip4/127.0.0.1/udp/" + deaf.getLocalPort() + "/quic-v1");
      Multiaddr tcp =
          server.listenAddresses().stream().filter(a -> a.has("tcp")).findFirst().orElseThrow();
      Connection connection = hosts.dialing().connect(server.id(), List.of(tcp, nowhere), SOON);
      assertThat(connection.muxer()).isEqualTo("/yamux/1.0.0");
      assertEchoes(connection);
    }
  }

  // --------------------------------------------------------------------------------------- streams

  @Test
  void manyBytesPassBothWaysOnSeveralStreamsAtOnce() throws Exception {
    Connection connection = connect(hosts.dialing(), echoing());
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long seed = i;
      Stream stream = connection.openStream(List.of(ECHO), SOON);
      ends.add(tasks.submit(() -> Patterns.write(stream, seed, 16L << 20)));
      ends.add(tasks.submit(() -> Patterns.expect(stream, seed, 16L << 20)));
    }
    for (Future<?> end : ends) {
      end.get(120, TimeUnit.SECONDS);
    }
    await().atMost(SOON).until(() -> connection.streamCount() == 0);
  }

  @Test
  void theReadSideStaysOpenAfterOurFin() {
    Host server = hosts.listening();
    server.handle(
        ECHO,
        stream -> {
          assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
          stream.writeFrame("after your fin".getBytes(StandardCharsets.UTF_8));
        });
    try (Stream stream = connect(hosts.dialing(), server).openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      stream.closeWrite();
      assertThat(stream.readFrame(100)).asString().isEqualTo("after your fin");
      assertThatThrownBy(() -> stream.write(new byte[1])).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void anOpenerThatOnlyReadsIsHeard() {
    Host server = hosts.listening();
    server.handle(ECHO, stream -> stream.writeFrame(new byte[] {7}));
    Connection connection = connect(hosts.dialing(), server);
    await().atMost(SOON).until(() -> ((HostConnection) connection).info().isPresent());
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      assertThat(stream.readFrame(10)).isEqualTo(new byte[] {7});
    }
  }

  @Test
  void aResetReachesReadersAndWritersWithItsCode() throws Exception {
    Host server = hosts.listening();
    BlockingQueue<Throwable> seen = new ArrayBlockingQueue<>(2);
    server.handle(
        ECHO,
        stream -> {
          Future<?> writer =
              tasks.submit(() -> {
                try {
                  Patterns.write(stream, 1, 64L << 20);
                } catch (OverlayException e) {
                  seen.add(e);
                }
              });
          try {
            stream.readExactly(1 << 20);
          } catch (OverlayException e) {
            seen.add(e);
          }
          writer.get();
        });
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(ECHO), SOON);
    stream.deadline(SOON);
    assertThat(stream.readExactly(1000)).hasSize(1000);
    stream.reset(0x1003);
    for (int i = 0; i < 2; i++) {
      assertThat(seen.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(StreamReset.class);
    }

    server.handle(
        ECHO,
        incoming -> {
          incoming.readExactly(1);
          incoming.reset(0x1005);
        });
    Stream other = server.connections().getFirst().isOpen() ? reopened(stream) : stream;
    other.deadline(SOON);
    other.write(new byte[1]);
    assertThatThrownBy(() -> other.readExactly(1))
        .isInstanceOf(StreamReset.class)
        .hasMessageContaining("0x1005");
  }

  private static Stream reopened(Stream stream) {
    return stream.connection().openStream(List.of(ECHO), SOON);
  }

  @Test
  void aPeerThatReadsNoMoreStopsAWriterThatWaitsForIt() throws Exception {
    Host server = hosts.listening();
    server.handle(
        ECHO,
        stream -> {
          stream.readExactly(1);
          Thread.sleep(500); // let the writer use up its window
          stream.close();
        });
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(ECHO), SOON);
    stream.deadline(SOON);
    assertThatThrownBy(() -> Patterns.write(stream, 1, 64L << 20))
        .isInstanceOf(StreamReset.class)
        .hasMessageContaining("stopped reading");
    assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
  }

  @Test
  void placesOfStreamsComeBackHoweverTheyEnd() {
    Host server = echoing();
    Connection connection = connect(hosts.dialing(), server);
    for (int i = 0; i < 600; i++) {
      Stream stream = connection.openStream(List.of(ECHO), SOON);
      stream.deadline(SOON);
      stream.write(new byte[1]);
      switch (i % 3) {
        case 0 -> stream.reset();
        case 1 -> stream.close();
        default -> {
          stream.closeWrite();
          assertThat(stream.readExactly(1)).hasSize(1);
          assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
      }
    }
    await().atMost(SOON).until(() -> connection.streamCount() == 0);
    await().atMost(SOON).until(() -> server.connections().getFirst().streamCount() == 0);
    assertEchoes(connection);
  }

  /// One place that does not come back in a hundred is none left after some time.
  @Test
  void placesComeBackThoughThePeerEndsFirstOrLast() {
    Host server =
        hosts.listening(
            b -> b.limits(HostLimits.DEFAULTS.change().inboundStreamsPerConnection(4).build()));
    server.handle(
        ECHO,
        stream -> {
          switch (stream.readExactly(1)[0]) {
            case 0 -> stream.write(new byte[1]); // and is closed
            case 1 -> {
              stream.write(new byte[1]);
              var _ = stream.read(new byte[1], 0, 1);
            }
            default -> stream.reset();
          }
        });
    Connection connection = connect(hosts.dialing(), server);
    for (int i = 0; i < 1500; i++) {
      byte way = (byte) (i % 8 == 7 ? 2 : i % 2);
      try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
        stream.deadline(SOON);
        stream.write(new byte[] {way});
        if (way == 2) {
          assertThatThrownBy(() -> stream.readExactly(1)).isInstanceOf(StreamReset.class);
        } else if (i % 3 == 0) {
          assertThat(stream.readExactly(1)).hasSize(1);
        }
      }
    }
  }

  @Test
  void streamsBeyondTheLimitWaitForAPlace() {
    Host server =
        hosts.listening(
            b -> b.limits(HostLimits.DEFAULTS.change().inboundStreamsPerConnection(8).build()));
    server.handle(ECHO, Patterns.ECHOES);
    HostConnection connection = (HostConnection) connect(hosts.dialing(), server);
    await()
        .atMost(SOON)
        .until(() -> connection.streamCount() == 0 && connection.info().isPresent());
    List<Stream> held = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      held.add(connection.openStream(List.of(ECHO), SOON));
      held.getLast().write(new byte[1]);
    }
    assertThatThrownBy(() -> connection.openStream(List.of(ECHO), Duration.ofMillis(300)))
        .isInstanceOf(DeadlineExceeded.class);
    assertThat(connection.isOpen()).isTrue();
    held.forEach(Stream::reset);
    assertEchoes(connection);
  }

  @Test
  void moreCallsThanMayWaitForAPlaceFailAtOnce() throws Exception {
    Host server =
        hosts.listening(
            b -> b.limits(HostLimits.DEFAULTS.change().inboundStreamsPerConnection(2).build()));
    CountDownLatch end = new CountDownLatch(1);
    server.handle("/test/hold/1", stream -> end.await());
    HostConnection connection = (HostConnection) connect(hosts.dialing(), server);
    await()
        .atMost(SOON)
        .until(() -> connection.streamCount() == 0 && connection.info().isPresent());
    List<Stream> held = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      held.add(connection.openStream(List.of("/test/hold/1"), SOON));
      held.getLast().write(new byte[1]);
    }
    int callers = QuicLimits.WAITING_OPENS_MAX + 1;
    BlockingQueue<OverlayException> failed = new ArrayBlockingQueue<>(callers);
    for (int i = 0; i < callers; i++) {
      var _ =
          tasks.submit(() -> {
            try {
              connection.newStream(SOON).reset();
            } catch (OverlayException e) {
              failed.add(e);
            }
          });
    }
    // One too many: it is told now, the others wait.
    assertThat(failed.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(LimitReached.class);
    assertThat(failed.poll(1, TimeUnit.SECONDS)).isNull();
    held.forEach(Stream::reset);
    end.countDown();
    await().atMost(SOON).until(() -> connection.streamCount() == 0);
    assertThat(failed).isEmpty();
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void aSlowReaderHoldsTheWriterBackAndNobodyElse() throws Exception {
    Host server = hosts.listening();
    CountDownLatch end = new CountDownLatch(1);
    server.handle("/test/hold/1", stream -> end.await());
    server.handle(ECHO, Patterns.ECHOES);
    Connection connection = connect(hosts.dialing(), server);
    Stream stream = connection.openStream(List.of("/test/hold/1"), SOON);
    AtomicLong written = new AtomicLong();
    Future<?> writing =
        tasks.submit(() -> {
          byte[] block = new byte[10_000];
          while (true) {
            stream.write(block);
            written.addAndGet(block.length);
          }
        });
    long[] before = {-1};
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> written.get() > 0 && before[0] == (before[0] = written.get()));
    // One window, what either side buffers, and a piece on its way.
    assertThat(written.get()).isLessThan(1 << 20);
    assertEchoes(connection);
    stream.reset();
    assertThatThrownBy(writing::get).hasCauseInstanceOf(OverlayException.class);
    end.countDown();
  }

  @Test
  void perfConfirmsEveryByte() {
    Host server = hosts.listening(builder -> builder.perf(true));
    Connection connection = connect(hosts.dialing(), server);
    Perf.Result result = Perf.run(connection, 5_000_000, 3_000_000, SOON, InstantSource.system());
    assertThat(result.uploadBytes()).isEqualTo(5_000_000);
    assertThat(result.downloadBytes()).isEqualTo(3_000_000);
  }

  @Test
  void addressesThatAreNotOursToServeAreRefused() {
    Host host = hosts.dialing();
    for (String address : List.of("/ip4/127.0.0.1/udp/0", "/ip4/127.0.0.1/udp/0/quic")) {
      assertThatThrownBy(() -> host.listen(Multiaddr.parse(address))).isInstanceOf(Refused.class);
      assertThatThrownBy(() -> host.connect(Multiaddr.parse(address), PeerExpectation.any(), SOON))
          .isInstanceOf(PeerUnreachable.class);
    }
    assertThat(addressOf(hosts.listening()).toString()).contains("/quic-v1/p2p/");
  }
}
