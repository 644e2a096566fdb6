package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.addressOf;
import static io.peerup.libp2p.host.TestHosts.connect;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a host refuses: above its limits, after its deadlines, against its gater.
class LimitsIT {

  private static final String HOLD = "/test/hold/1";

  private static final byte[] HEADER =
      "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.US_ASCII);

  private final TestHosts hosts = new TestHosts();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void stop() {
    end.countDown();
    hosts.close();
  }

  private Host limited(UnaryOperator<HostLimits.Changer> change) {
    return hosts.listening(
        builder -> builder.limits(change.apply(HostLimits.DEFAULTS.change()).build()));
  }

  private static Socket raw(Host host) throws IOException {
    int port = Integer.parseInt(host.listenAddresses().getFirst().value("tcp").orElseThrow());
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) SOON.toMillis());
    return socket;
  }

  // ------------------------------------------------------------------------------------- deadlines

  @Test
  void aStalledHandshakeIsClosedAtItsDeadline() throws IOException {
    Host server = limited(limits -> limits.inboundUpgrade(Duration.ofMillis(300)));
    try (Socket silent = raw(server)) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aHandshakeThatTricklesIsClosedAtItsDeadline() throws Exception {
    Host server = limited(limits -> limits.inboundUpgrade(Duration.ofMillis(300)));
    try (Socket slow = raw(server)) {
      slow.getOutputStream().write(HEADER, 0, 5);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aDialToAListenerThatSaysNothingEndsAtItsDeadline() throws IOException {
    try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + mute.getLocalPort());
      assertThatThrownBy(
              () -> hosts.dialing().connect(address, PeerExpectation.any(), Duration.ofMillis(300)))
          .isInstanceOf(DeadlineExceeded.class);
    }
  }

  @Test
  void aStreamThatNamesNoProtocolIsResetAtItsDeadline() {
    Host server = limited(limits -> limits.inboundNegotiation(Duration.ofMillis(300)));
    HostConnection connection = (HostConnection) connect(hosts.dialing(), server);
    Stream silent = connection.newStream(SOON);
    await().atMost(SOON).until(() -> !silent.isOpen());
    assertThat(connection.isOpen()).isTrue();
  }

  // ---------------------------------------------------------------------------------------- limits

  @Test
  void halfOpenHandshakesFromOneAddressAreBounded() throws IOException {
    Host server =
        hosts.listening(builder ->
            builder.limits(HostLimits.DEFAULTS.change().halfOpenFromLoopback(3).build()));
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Socket socket = raw(server);
        socket.getOutputStream().write(HEADER);
        assertThat(socket.getInputStream().readNBytes(HEADER.length)).isEqualTo(HEADER);
        open.add(socket);
      }
      try (Socket fourth = raw(server)) {
        assertThat(fourth.getInputStream().read()).isEqualTo(-1);
      }
      open.removeFirst().close();
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> connect(hosts.dialing(), server).isOpen());
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void connectionsInTotalAreBoundedAndTheirPlaceIsFreedAfterwards() {
    Host server = limited(limits -> limits.connections(2));
    Connection first = connect(hosts.dialing(), server);
    Connection second = connect(hosts.dialing(), server);
    assertThatThrownBy(() -> connect(hosts.dialing(), server)).isInstanceOf(OverlayException.class);
    assertThat(first.isOpen()).isTrue();
    second.close();
    await().atMost(SOON).ignoreExceptions().until(() -> connect(hosts.dialing(), server).isOpen());
  }

  @Test
  void ourOwnDialsCountToo() {
    Host client = hosts.make(b -> b.limits(HostLimits.DEFAULTS.change().connections(1).build()));
    connect(client, hosts.listening());
    Host other = hosts.listening();
    assertThatThrownBy(() -> connect(client, other)).isInstanceOf(LimitReached.class);
  }

  @Test
  void dialsBeyondTheLimitWaitForTheirPlaceOrFail() throws Exception {
    Host client = hosts.make(b -> b.limits(HostLimits.DEFAULTS.change().dials(2).build()));
    Host server = hosts.listening();
    try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + mute.getLocalPort());
      List<Socket> dialled = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        var _ = tasks.submit(() -> client.connect(address, PeerExpectation.any(), SOON));
        dialled.add(mute.accept());
      }
      assertThatThrownBy(() ->
              client.connect(addressOf(server), PeerExpectation.any(), Duration.ofMillis(300)))
          .isInstanceOf(DeadlineExceeded.class)
          .hasMessageContaining("too many dials");
      assertThat(server.connections()).isEmpty();
      Future<Connection> waiting = tasks.submit(() -> connect(client, server));
      dialled.getFirst().close();
      assertThat(waiting.get(SOON.toSeconds(), TimeUnit.SECONDS).isOpen()).isTrue();
      dialled.getLast().close();
    }
  }

  @Test
  void aDoorBehindWhichManyPeersAreSaidToBeIsKnockedAtAFewTimesOnly() throws Exception {
    Host client = hosts.dialing();
    AtomicInteger knocks = new AtomicInteger();
    try (ServerSocket victim = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var _ =
          Thread.startVirtualThread(() -> {
            try {
              while (true) {
                Socket guest = victim.accept();
                knocks.incrementAndGet();
                guest.close();
              }
            } catch (IOException closed) {
              // the test is over
            }
          });
      Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + victim.getLocalPort());
      long start = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        PeerId liar = PrivateKey.generate(KeyRandom.secure()).peerId();
        assertThatThrownBy(() -> client.connect(liar, List.of(address), SOON))
            .isInstanceOf(OverlayException.class);
      }
      long intervals =
          (System.nanoTime() - start) / DialBackoff.INTERVAL.toNanos(); // of a slow machine
      int before = knocks.get();
      assertThat(before).isBetween(DialBackoff.BURST, DialBackoff.BURST + (int) intervals + 1);
      // Whoever names the address itself means it.
      assertThatThrownBy(() -> client.connect(address, PeerExpectation.any(), SOON))
          .isInstanceOf(OverlayException.class);
      await().atMost(SOON).until(() -> knocks.get() > before);
    }
  }

  @Test
  void aPeerThatComesBackWhereDialsFailedIsReachedAndTheFailuresAreForgotten() throws Exception {
    Host client = hosts.dialing();
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + FreePort.choose());
    for (int i = 0; i < 2 * DialBackoff.BURST; i++) {
      assertThatThrownBy(() -> client.connect(key.peerId(), List.of(address), SOON))
          .isInstanceOf(OverlayException.class);
    }
    try (Host _ = HostBuilder.create().identity(key).listen(List.of(address)).build()) {
      for (int i = 0; i < 2 * DialBackoff.BURST; i++) {
        await()
            .atMost(SOON)
            .ignoreExceptions()
            .until(() -> client.connect(key.peerId(), List.of(address), SOON).isOpen());
        client.connections(key.peerId()).forEach(Connection::close);
        await().atMost(SOON).until(() -> client.connections(key.peerId()).isEmpty());
      }
    }
  }

  @Test
  void connectionsOfOnePeerAreBounded() {
    Host server = limited(limits -> limits.connectionsPerPeer(2));
    Host client = hosts.dialing();
    List<Connection> made = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      made.add(connect(client, server));
    }
    await().atMost(SOON).until(() -> made.stream().filter(Connection::isOpen).count() == 2);
    await().atMost(SOON).until(() -> server.connections(client.id()).size() == 2);
  }

  @Test
  void streamsThatAPeerHoldsOpenAreBounded() {
    Host server = limited(limits -> limits.inboundStreamsPerConnection(3));
    server.handle(HOLD, stream -> end.await());
    Connection connection = connect(hosts.dialing(), server);
    Connection theirs = farEnd(server, connection);
    await().atMost(SOON).until(() -> theirs.streamCount() == 0);
    await().atMost(SOON).until(() -> ((HostConnection) connection).info().isPresent());
    for (int i = 0; i < 3; i++) {
      Stream held = connection.openStream(List.of(HOLD), SOON);
      held.write(new byte[1]);
    }
    await().atMost(SOON).until(() -> theirs.streamCount() == 3);
    Stream fourth = connection.openStream(List.of(HOLD), SOON);
    fourth.deadline(SOON);
    assertThatThrownBy(() -> fourth.readExactly(1)).isInstanceOf(StreamReset.class);
    assertThat(connection.isOpen()).isTrue();
  }

  // ----------------------------------------------------------------------------------------- gater

  @Test
  void theGaterRefusesDials() {
    Host server = hosts.listening();
    Host client =
        hosts.make(builder ->
            builder.gater(
                new ConnectionGater() {
                  @Override
                  public boolean allowDial(PeerId peer, Multiaddr address) {
                    return false;
                  }
                }));
    assertThatThrownBy(() -> connect(client, server)).isInstanceOf(Refused.class);
    assertThatThrownBy(() -> client.connect(server.id(), server.listenAddresses(), SOON))
        .isInstanceOf(Refused.class);
  }

  @Test
  void theGaterRefusesAcceptsBeforeAnyCryptography() throws IOException {
    Host server =
        hosts.listening(builder ->
            builder.gater(
                new ConnectionGater() {
                  @Override
                  public boolean allowAccept(Multiaddr remote) {
                    return !remote.isLoopback();
                  }
                }));
    try (Socket socket = raw(server)) {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  private static ConnectionGater securedOnly(Direction refused) {
    return new ConnectionGater() {
      @Override
      public boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
        return direction != refused;
      }
    };
  }

  @Test
  void theGaterRefusesPeersThatDialled() {
    Host server = hosts.listening(builder -> builder.gater(securedOnly(Direction.INBOUND)));
    Host client = hosts.dialing();
    // Our handshake is complete before theirs decides: the dial may succeed and end at once.
    try {
      Connection connection = connect(client, server);
      await().atMost(SOON).until(() -> !connection.isOpen());
    } catch (OverlayException refused) {
      // as good
    }
    assertThat(server.connections()).isEmpty();
  }

  @Test
  void theGaterRefusesPeersThatWeDialledBeforeTheyLearnWhoWeAre() {
    Host server = hosts.listening();
    Host client = hosts.make(builder -> builder.gater(securedOnly(Direction.OUTBOUND)));
    assertThatThrownBy(() -> connect(client, server)).isInstanceOf(Refused.class);
    assertThat(server.connections()).isEmpty();
  }

  private static ConnectionGater without(Direction refusedDirection, String refusedProtocol) {
    return new ConnectionGater() {
      @Override
      public boolean allowStream(Direction direction, Connection connection, String protocol) {
        return direction != refusedDirection || !protocol.equals(refusedProtocol);
      }
    };
  }

  @Test
  void theGaterRefusesInboundStreamsByProtocol() {
    Host server = hosts.listening(b -> b.gater(without(Direction.INBOUND, HOLD)));
    server.handle(HOLD, stream -> end.await());
    Host client = hosts.dialing();
    Connection connection = connect(client, server);
    try {
      Stream stream = connection.openStream(List.of(HOLD), SOON);
      stream.deadline(SOON);
      assertThatThrownBy(() -> stream.readExactly(1)).isInstanceOf(OverlayException.class);
    } catch (Refused refused) {
      assertThat(refused).hasMessageContaining(HOLD);
    }
    assertThat(client.ping(connection, SOON)).isPositive();
  }

  @Test
  void theGaterRefusesOutboundStreamsByProtocol() {
    Host server = hosts.listening();
    server.handle(HOLD, stream -> end.await());
    Host client = hosts.make(b -> b.gater(without(Direction.OUTBOUND, HOLD)));
    Connection connection = connect(client, server);
    assertThatThrownBy(() -> connection.openStream(List.of(HOLD), SOON))
        .isInstanceOf(Refused.class);
    assertThat(client.ping(connection, SOON)).isPositive();
  }

  @Test
  void aDialCanBeAboutAnyoneAsLongAsTheExpectationHolds() {
    Host server = hosts.listening();
    Multiaddr bare = addressOf(server).withoutPeer();
    Connection connection = hosts.dialing().connect(bare, PeerExpectation.any(), SOON);
    assertThat(connection.remotePeer()).isEqualTo(server.id());
    assertThatThrownBy(() -> hosts.dialing().connect(bare, peer -> false, SOON))
        .isInstanceOf(Refused.class);
  }
}
