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
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.perf.Perf;
import io.peerup.testkit.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostIT {

  private static final String ECHO = "/test/echo/1";
  private static final String HOLD = "/test/hold/1";

  private final TestHosts hosts = new TestHosts();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    hosts.close();
    tasks.close();
  }

  // --------------------------------------------------------------------------------------- streams

  @Test
  void echoesOverTcpNoiseAndYamux() {
    Host server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    Host client = hosts.dialing();

    Connection connection = connect(client, server);
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      byte[] sent = "hello".getBytes(StandardCharsets.UTF_8);
      stream.write(sent);
      stream.closeWrite();
      assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
      assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
    }

    assertThat(connection.remotePeer()).isEqualTo(server.id());
    assertThat(connection.remoteAddress()).isEqualTo(server.listenAddresses().getFirst());
    assertThat(connection.security()).isEqualTo("/noise-mlkem768-hfs/0.2.0");
    assertThat(connection.muxer()).isEqualTo("/yamux/1.0.0");
    Connection theirs = farEnd(server, connection);
    assertThat(theirs.channelBinding()).hasSize(32).isEqualTo(connection.channelBinding());
    await().atMost(SOON).until(() -> connection.lastRtt().isPresent());
  }

  @Test
  void carriesManyBytesBothWaysOnSeveralStreamsAtOnce() throws Exception {
    Host server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    Connection connection = connect(hosts.dialing(), server);
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      long seed = i;
      Stream stream = connection.openStream(List.of(ECHO), SOON);
      ends.add(tasks.submit(() -> Patterns.write(stream, seed, 64L << 20)));
      ends.add(tasks.submit(() -> Patterns.expect(stream, seed, 64L << 20)));
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
  void aResetWakesTheReaderAndTheWriterOnTheOtherSide() throws Exception {
    Host server = hosts.listening();
    BlockingQueue<Throwable> seen = new ArrayBlockingQueue<>(2);
    CountDownLatch started = new CountDownLatch(2);
    server.handle(
        ECHO,
        stream -> {
          Thread writer =
              Thread.startVirtualThread(() -> {
                started.countDown();
                try {
                  Patterns.write(stream, 1, 64L << 20);
                } catch (OverlayException e) {
                  seen.add(e);
                }
              });
          started.countDown();
          try {
            stream.readExactly(1);
          } catch (OverlayException e) {
            seen.add(e);
          }
          writer.join();
        });
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(ECHO), SOON);
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
    stream.reset(0x1234);
    assertThat(seen.poll(20, TimeUnit.SECONDS)).isInstanceOf(StreamReset.class);
    assertThat(seen.poll(20, TimeUnit.SECONDS)).isInstanceOf(StreamReset.class);
    assertThatThrownBy(() -> stream.readExactly(1)).isInstanceOf(StreamReset.class);
    assertThat(stream.isOpen()).isFalse();
  }

  @Test
  void aHandlerThatThrowsResetsItsStreamAndNothingElse() {
    Host server = hosts.listening();
    server.handle(
        "/test/broken/1",
        stream -> {
          stream.readExactly(1);
          throw new ProtocolViolation("as the test wants");
        });
    server.handle(ECHO, Patterns.ECHOES);
    Connection connection = connect(hosts.dialing(), server);
    Stream broken = connection.openStream(List.of("/test/broken/1"), SOON);
    broken.deadline(SOON);
    broken.write(new byte[1]);
    assertThatThrownBy(() -> broken.readExactly(1)).isInstanceOf(StreamReset.class);
    assertEchoes(connection);
  }

  @Test
  void aSlowReaderHoldsTheWriterBack() throws Exception {
    Host server = hosts.listening();
    CountDownLatch go = new CountDownLatch(1);
    server.handle(
        HOLD,
        stream -> {
          assertThat(go.await(60, TimeUnit.SECONDS)).isTrue();
          Patterns.expect(stream, 5, 64L << 20);
          stream.writeFrame(new byte[] {1});
        });
    server.handle(ECHO, Patterns.ECHOES);
    Connection connection = connect(hosts.dialing(), server);
    Stream stream = connection.openStream(List.of(HOLD), SOON);
    AtomicLong written = new AtomicLong();
    Future<?> writing =
        tasks.submit(() -> {
          Patterns.write(new CountingStream(stream, written), 5, 64L << 20);
        });
    long[] last = {-1};
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          long before = last[0];
          last[0] = written.get();
          return last[0] > 0 && before == last[0];
        });
    // Outbox, window and inbox: everything beyond waits in the writer.
    assertThat(written.get()).isLessThan(1 << 20);
    assertThat(writing.isDone()).isFalse();
    // The stalled stream blocks no other.
    assertEchoes(connection);
    go.countDown();
    assertThat(stream.readFrame(10)).isEqualTo(new byte[] {1});
    writing.get();
  }

  @Test
  void readsAndWritesEndAtTheirDeadline() {
    Host server = hosts.listening();
    CountDownLatch end = new CountDownLatch(1);
    server.handle(HOLD, stream -> end.await());
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(HOLD), SOON);
    stream.deadline(Duration.ofMillis(200));
    assertThatThrownBy(() -> stream.readExactly(1)).isInstanceOf(DeadlineExceeded.class);
    assertThatThrownBy(() -> stream.write(new byte[4 << 20])).isInstanceOf(DeadlineExceeded.class);
    end.countDown();
  }

  @Test
  void aDeadlineSetFromAnotherThreadEndsAReadInProgress() throws Exception {
    Host server = hosts.listening();
    CountDownLatch end = new CountDownLatch(1);
    server.handle(HOLD, stream -> end.await());
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(HOLD), SOON);
    Future<?> reading = tasks.submit(() -> stream.readExactly(1));
    stream.deadline(Duration.ofMillis(100));
    assertThatThrownBy(reading::get).hasCauseInstanceOf(DeadlineExceeded.class);
    end.countDown();
  }

  @Test
  void interruptingAReaderResetsTheStream() throws Exception {
    Host server = hosts.listening();
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    server.handle(
        HOLD,
        stream -> {
          stream.readExactly(1);
          stream.write(new byte[1]);
          try {
            stream.readExactly(1);
          } catch (OverlayException e) {
            seen.complete(e);
          }
        });
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(HOLD), SOON);
    stream.write(new byte[1]);
    assertThat(stream.readExactly(1)).hasSize(1);
    CompletableFuture<Throwable> here = new CompletableFuture<>();
    Thread reader =
        Thread.startVirtualThread(() -> {
          try {
            stream.readExactly(1);
          } catch (OverlayException e) {
            here.complete(e);
          }
        });
    reader.interrupt();
    assertThat(here.get(20, TimeUnit.SECONDS)).isInstanceOf(StreamReset.class);
    assertThat(seen.get(20, TimeUnit.SECONDS)).isInstanceOf(StreamReset.class);
  }

  @Test
  void aFrameAboveTheLimitIsRefusedBeforeItIsRead() {
    Host server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(ECHO), SOON);
    stream.deadline(SOON);
    stream.writeFrame(new byte[101]);
    assertThatThrownBy(() -> stream.readFrame(100)).isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void whatWasWrittenBeforeCloseStillArrives() throws Exception {
    Host server = hosts.listening();
    CompletableFuture<Boolean> whole = new CompletableFuture<>();
    server.handle(
        HOLD,
        stream -> {
          Patterns.expect(stream, 3, 200_000);
          whole.complete(true);
        });
    Stream stream = connect(hosts.dialing(), server).openStream(List.of(HOLD), SOON);
    Patterns.write(stream, 3, 200_000);
    stream.close();
    assertThat(whole.get(20, TimeUnit.SECONDS)).isTrue();
  }

  // ------------------------------------------------------------------------------------
  // negotiation

  @Test
  void theFirstProtocolThatThePeerSpeaksIsTaken() {
    Host server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    Connection connection = connect(hosts.dialing(), server);
    try (Stream stream = connection.openStream(List.of("/test/unknown/1", ECHO), SOON)) {
      assertThat(stream.protocol()).isEqualTo(ECHO);
    }
    assertThatThrownBy(() -> connection.openStream(List.of("/test/unknown/1"), SOON))
        .isInstanceOf(Refused.class);
  }

  @Test
  void anOptimisticOpenerThatOnlyReadsGetsItsBytes() {
    Host server = hosts.listening();
    server.handle(HOLD, stream -> stream.writeFrame(new byte[] {9}));
    Connection connection = identified(connect(hosts.dialing(), server));
    try (Stream stream = connection.openStream(List.of(HOLD), SOON)) {
      stream.deadline(SOON);
      assertThat(stream.readFrame(10)).isEqualTo(new byte[] {9});
    }
  }

  @Test
  void anOptimisticOpenerThatDoesNothingIsHeard() throws Exception {
    Host server = hosts.listening();
    CompletableFuture<String> seen = new CompletableFuture<>();
    server.handle(HOLD, stream -> seen.complete(stream.protocol()));
    Connection connection = identified(connect(hosts.dialing(), server));
    try (Stream silent = connection.openStream(List.of(HOLD), SOON)) {
      assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo(silent.protocol());
    }
  }

  @Test
  void anOptimisticOpenerThatOnlyClosesIsHeard() throws Exception {
    Host server = hosts.listening();
    CompletableFuture<Integer> seen = new CompletableFuture<>();
    server.handle(HOLD, stream -> seen.complete(stream.read(new byte[1], 0, 1)));
    Connection connection = identified(connect(hosts.dialing(), server));
    connection.openStream(List.of(HOLD), SOON).close();
    assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  void anOptimisticOpenerOfAProtocolThatIsGoneIsRefusedWhenItReads() {
    Host server = hosts.listening();
    server.handle(HOLD, stream -> stream.writeFrame(new byte[] {9}));
    Connection connection = identified(connect(hosts.dialing(), server));
    server.unhandle(HOLD);
    Stream stream = connection.openStream(List.of(HOLD), SOON);
    stream.deadline(SOON);
    assertThatThrownBy(() -> stream.readFrame(10)).isInstanceOf(Refused.class);
  }

  // ------------------------------------------------------------------------------------
  // connections

  @Test
  void aWrongPeerIdFailsTheDialBeforeAnyStream() {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    PeerId other = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
    Multiaddr address = server.listenAddresses().getFirst();
    assertThatThrownBy(() -> client.connect(other, List.of(address), SOON))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(server.id().toString());
    assertThatThrownBy(() -> client.connect(address.withPeer(other), PeerExpectation.any(), SOON))
        .isInstanceOf(Refused.class);
    assertThat(client.connections()).isEmpty();
    await().atMost(SOON).until(() -> server.connections().isEmpty());
  }

  @Test
  void aDialToNobodyFailsWithTheAddressInTheMessage() throws IOException {
    int free = FreePort.choose();
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + free);
    PeerId peer = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
    assertThatThrownBy(() -> hosts.dialing().connect(peer, List.of(address), SOON))
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining(address.toString());
  }

  @Test
  void ofSeveralAddressesTheOneThatWorksWins() throws IOException {
    Host server = hosts.listening();
    int free = FreePort.choose();
    Connection connection =
        hosts
            .dialing()
            .connect(
                server.id(),
                List.of(
                    Multiaddr.parse("/ip4/127.0.0.1/tcp/" + free),
                    Multiaddr.parse("/dns4/localhost/tcp/" + portOf(server))),
                SOON);
    assertThat(connection.remotePeer()).isEqualTo(server.id());
  }

  @Test
  void concurrentConnectsToOnePeerShareOneConnection() throws Exception {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    List<Future<Connection>> dials = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      dials.add(tasks.submit(() -> client.connect(server.id(), server.listenAddresses(), SOON)));
    }
    for (Future<Connection> dial : dials) {
      assertThat(dial.get()).isSameAs(dials.getFirst().get());
    }
    assertThat(client.connections()).hasSize(1);
  }

  @Test
  void openDialsAnAddressThatWorkedBefore() {
    Host server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    Host client = hosts.dialing();
    connect(client, server).close();
    await().atMost(SOON).until(() -> client.connections().isEmpty());
    try (Stream stream = client.open(server.id(), List.of(ECHO), SOON)) {
      assertThat(stream.connection().remotePeer()).isEqualTo(server.id());
    }
  }

  @Test
  void aLostConnectionWakesReadersAndWriters() throws Exception {
    Host server = hosts.listening();
    CountDownLatch end = new CountDownLatch(1);
    server.handle(HOLD, stream -> end.await());
    Connection connection = connect(hosts.dialing(), server);
    Stream read = connection.openStream(List.of(HOLD), SOON);
    Stream written = connection.openStream(List.of(HOLD), SOON);
    Future<?> reading = tasks.submit(() -> read.readExactly(1));
    Future<?> writing = tasks.submit(() -> Patterns.write(written, 1, 64L << 20));
    end.countDown();
    server.close();
    assertThatThrownBy(reading::get).hasCauseInstanceOf(OverlayException.class);
    assertThatThrownBy(writing::get).hasCauseInstanceOf(OverlayException.class);
    assertThat(connection.isOpen()).isFalse();
    assertThatThrownBy(() -> connection.openStream(List.of(ECHO), SOON))
        .isInstanceOf(PeerUnreachable.class);
  }

  @Test
  void listenersHearOfConnectionsInOrder() {
    Host server = hosts.listening();
    List<String> heard = new CopyOnWriteArrayList<>();
    server.addListener(
        new HostListener() {
          @Override
          public void connected(Connection connection) {
            heard.add("connected " + connection.id());
          }

          @Override
          public void disconnected(Connection connection, String reason) {
            heard.add("disconnected " + connection.id());
          }
        });
    Host client = hosts.dialing();
    for (int i = 0; i < 3; i++) {
      connect(client, server).close();
      await().atMost(SOON).until(() -> server.connections().isEmpty());
    }
    await().atMost(SOON).until(() -> heard.size() == 6);
    for (int i = 0; i < 6; i += 2) {
      assertThat(heard.get(i)).startsWith("connected");
      assertThat(heard.get(i + 1)).isEqualTo(heard.get(i).replace("connected", "disconnected"));
    }
  }

  @Test
  void aPortInUseIsRefusedNamingTheAddress() {
    Host server = hosts.listening();
    Multiaddr taken = server.listenAddresses().getFirst();
    assertThatThrownBy(() -> hosts.make(builder -> builder.listen(List.of(taken))))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(taken.toString());
    assertThatThrownBy(() -> hosts.dialing().listen(Multiaddr.parse("/ip4/127.0.0.1/udp/1")))
        .isInstanceOf(Refused.class);
  }

  @Test
  void wildcardListenersAreToldAsInterfaceAddresses() throws IOException {
    int free = FreePort.choose();
    Host server =
        hosts.make(builder ->
            builder.listen(
                List.of(
                    Multiaddr.parse("/ip4/0.0.0.0/tcp/" + free),
                    Multiaddr.parse("/ip6/::/tcp/" + free))));
    assertThat(server.listenAddresses())
        .contains(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + free))
        .noneMatch(address -> address.toString().contains("/0.0.0.0/"))
        .noneMatch(address -> address.toString().contains("/ip6/::/"));
    Connection connection =
        hosts
            .dialing()
            .connect(
                Multiaddr.parse("/ip4/127.0.0.1/tcp/" + free),
                PeerExpectation.exactly(server.id()),
                SOON);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void aHostDoesNotConnectToItself() {
    Host server = hosts.listening();
    assertThatThrownBy(() -> connect(server, server)).isInstanceOf(Refused.class);
    assertThatThrownBy(() -> server.connect(server.id(), List.of(), SOON))
        .isInstanceOf(Refused.class);
  }

  @Test
  void closeEndsThreadsAndSockets() throws Exception {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    Connection connection = connect(client, server);
    Multiaddr address = addressOf(server);
    client.close();
    server.close();
    assertThat(connection.isOpen()).isFalse();
    assertThatThrownBy(() -> hosts.dialing().connect(address, PeerExpectation.any(), SOON))
        .isInstanceOf(PeerUnreachable.class);
    assertThatThrownBy(() -> client.connect(address, PeerExpectation.any(), SOON))
        .isInstanceOf(PeerUnreachable.class);
    hosts.close();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("peerup-loop")));
  }

  // ----------------------------------------------------------------------------------- ping and
  // perf

  @Test
  void pingsOverADirectConnection() {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    Connection connection = connect(client, server);
    for (int i = 0; i < 5; i++) {
      assertThat(client.ping(connection, SOON)).isPositive().isLessThan(SOON);
    }
  }

  @Test
  void perfConfirmsEveryByteAndIsOffByDefault() {
    Host server = hosts.listening(builder -> builder.perf(true));
    Connection connection = connect(hosts.dialing(), server);
    Perf.Result result = Perf.run(connection, 5_000_000, 3_000_000, SOON, InstantSource.system());
    assertThat(result.uploadBytes()).isEqualTo(5_000_000);
    assertThat(result.downloadBytes()).isEqualTo(3_000_000);
    assertThat(result.upload()).isPositive();
    assertThat(result.download()).isPositive();

    Connection other = connect(hosts.dialing(), hosts.listening());
    assertThatThrownBy(() -> Perf.run(other, 1, 1, SOON, InstantSource.system()))
        .isInstanceOf(Refused.class);
  }

  // -----------------------------------------------------------------------------------------
  // helpers

  private static void assertEchoes(Connection connection) {
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      stream.writeFrame(new byte[] {1, 2, 3});
      assertThat(stream.readFrame(10)).isEqualTo(new byte[] {1, 2, 3});
    }
  }

  /// Waits until both know what the other serves, so that streams are opened optimistically.
  private static Connection identified(Connection connection) {
    await().atMost(SOON).until(() -> ((HostConnection) connection).info().isPresent());
    return connection;
  }

  private static String portOf(Host host) {
    return host.listenAddresses().getFirst().value("tcp").orElseThrow();
  }
}
