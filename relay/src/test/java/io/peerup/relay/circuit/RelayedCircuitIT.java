package io.peerup.relay.circuit;

import static io.peerup.relay.circuit.TestHosts.SOON;
import static io.peerup.relay.circuit.TestHosts.addressOf;
import static io.peerup.relay.circuit.TestHosts.readAll;
import static io.peerup.relay.circuit.TestHosts.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.libp2p.host.HostLimits;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.RelayStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Circuits between real hosts on loopback.
class RelayedCircuitIT {

  private static final String ECHO = "/test/echo/1";
  private static final int MIB = 1 << 20;

  private final TestHosts hosts = new TestHosts();
  private final Host relay = hosts.host(1);
  private final Host target = hosts.host(2);
  private final Host dialer = hosts.dialer(3);

  @AfterEach
  void close() {
    hosts.close();
  }

  private CircuitRelay serve(RelayPolicy policy) {
    return hosts.own(new CircuitRelay(relay, TestPeers.key(1), policy, InstantSource.system()));
  }

  private static RelayPolicy policy(Duration ttl, int circuitsPerPeer, CircuitLimit limit) {
    return new RelayPolicy(16, 16, 16, ttl, 16, circuitsPerPeer, limit);
  }

  private CircuitClient client(Host host) {
    return CircuitClient.install(
        host, CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
  }

  private Reservation reserve(Host host, CircuitClient client) {
    Connection connection = host.connect(relay.id(), List.of(addressOf(relay)), SOON);
    return client.reserve(connection, SOON);
  }

  private Connection dialThrough(Host from, Host to) {
    return from.connect(through(relay, to), PeerExpectation.exactly(to.id()), SOON);
  }

  private static int statusOf(Throwable thrown) {
    Throwable at = thrown;
    while (at != null) {
      if (at instanceof Refused refused && refused.status() != 0) {
        return refused.status();
      }
      at = at.getCause();
    }
    return 0;
  }

  private void assertStatus(RelayStatus expected, Runnable action) {
    assertThatThrownBy(action::run)
        .satisfies(thrown -> assertThat(statusOf(thrown)).isEqualTo(expected.code()));
  }

  private static void echo(Host host) {
    host.handle(
        ECHO,
        stream -> {
          byte[] buffer = new byte[64 * 1024];
          for (int n = stream.read(buffer, 0, buffer.length);
              n >= 0;
              n = stream.read(buffer, 0, buffer.length)) {
            stream.write(buffer, 0, n);
          }
          stream.closeWrite();
        });
  }

  private static byte[] pattern(int length, long seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aPeerWithAPlaceIsReachedAndItsIdentityProven() throws IOException {
    serve(RelayPolicy.members());
    echo(target);
    Reservation reservation = reserve(target, client(target));
    client(dialer);
    assertThat(reservation.circuitAddresses())
        .contains(addressOf(relay).plus(Multiaddr.parse("/p2p-circuit")));

    Connection connection = dialThrough(dialer, target);
    assertThat(connection.remotePeer()).isEqualTo(target.id());
    assertThat(connection.relay()).contains(relay.id());
    assertThat(connection.limited()).isFalse();
    assertThat(connection.remoteAddress().toString()).endsWith("/p2p-circuit");
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.write("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      stream.closeWrite();
      assertThat(readAll(stream)).asString().isEqualTo("hello");
    }
    Connection seen = target.connections(dialer.id()).getFirst();
    assertThat(seen.relay()).contains(relay.id());
    assertThat(relay.connections(target.id())).hasSize(1);
  }

  @Test
  void sixteenMebibytesPassEachWayAtTheSameTimeByteForByte() throws Exception {
    serve(RelayPolicy.members());
    echo(target);
    reserve(target, client(target));
    client(dialer);
    byte[] sent = pattern(16 * MIB, 7);
    Stream stream = dialThrough(dialer, target).openStream(List.of(ECHO), SOON);
    stream.deadline(Duration.ofMinutes(2));
    CompletableFuture<byte[]> received = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            received.complete(readAll(stream));
          } catch (IOException | RuntimeException e) {
            received.completeExceptionally(e);
          }
        });
    stream.write(sent);
    stream.closeWrite();
    assertThat(Arrays.equals(received.get(120, TimeUnit.SECONDS), sent)).isTrue();
  }

  @Test
  void oneDirectionMayEndWhileTheOtherGoesOn() throws IOException {
    serve(RelayPolicy.members());
    target.handle(
        "/test/late/1",
        stream -> {
          byte[] request = readAll(stream);
          stream.write(("got " + request.length).getBytes(java.nio.charset.StandardCharsets.UTF_8));
          stream.closeWrite();
        });
    reserve(target, client(target));
    client(dialer);
    try (Stream stream = dialThrough(dialer, target).openStream(List.of("/test/late/1"), SOON)) {
      stream.write(new byte[1000]);
      stream.closeWrite();
      assertThat(readAll(stream)).asString().isEqualTo("got 1000");
    }
  }

  @Test
  void closingTheRelayedConnectionEndsItAtTheFarSideAndFreesTheCircuit() {
    CircuitRelay server = serve(RelayPolicy.members());
    reserve(target, client(target));
    client(dialer);
    Connection connection = dialThrough(dialer, target);
    await().atMost(SOON).until(() -> !target.connections(dialer.id()).isEmpty());
    assertThat(server.circuits()).hasSize(1);
    connection.close();
    await().atMost(SOON).until(() -> target.connections(dialer.id()).isEmpty());
    await().atMost(SOON).until(() -> server.circuits().isEmpty());
  }

  @Test
  void cuttingTheCircuitAtTheRelayResetsBothEnds() {
    CircuitRelay server = serve(RelayPolicy.members());
    echo(target);
    reserve(target, client(target));
    client(dialer);
    Stream stream = dialThrough(dialer, target).openStream(List.of(ECHO), SOON);
    stream.write(new byte[10]);
    assertThat(stream.readExactly(10)).hasSize(10);
    server.expel(target.id());
    stream.deadline(SOON);
    assertThatThrownBy(() -> stream.readExactly(1)).isInstanceOf(OverlayException.class);
    await().atMost(SOON).until(() -> target.connections(dialer.id()).isEmpty());
    await().atMost(SOON).until(() -> dialer.connections(target.id()).isEmpty());
  }

  @Test
  void theFarSideNotReadingStopsTheSenderAndNothingIsLostWhenItReadsAgain() throws Exception {
    serve(RelayPolicy.members());
    CountDownLatch mayRead = new CountDownLatch(1);
    CompletableFuture<byte[]> received = new CompletableFuture<>();
    target.handle(
        "/test/slow/1",
        stream -> {
          mayRead.await();
          try {
            received.complete(readAll(stream));
          } catch (IOException | RuntimeException e) {
            received.completeExceptionally(e);
          }
        });
    reserve(target, client(target));
    client(dialer);
    Stream stream = dialThrough(dialer, target).openStream(List.of("/test/slow/1"), SOON);
    byte[] sent = pattern(64 * MIB, 9);
    AtomicLong written = new AtomicLong();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              for (int at = 0; at < sent.length; at += 64 * 1024) {
                stream.write(sent, at, 64 * 1024);
                written.addAndGet(64 * 1024);
              }
              stream.closeWrite();
            });
    // Stopped means: not one byte more over two seconds, and long before everything is under way.
    await()
        .atMost(SOON)
        .during(Duration.ofSeconds(2))
        .conditionEvaluationListener(null)
        .until(new Standstill(written));
    assertThat(written.get()).isLessThan(48L * MIB);
    mayRead.countDown();
    assertThat(Arrays.equals(received.get(120, TimeUnit.SECONDS), sent)).isTrue();
    writer.join();
  }

  /// True once a counter above zero did not move between two looks.
  private static final class Standstill implements java.util.concurrent.Callable<Boolean> {
    private final AtomicLong counter;
    private long last = -1;

    Standstill(AtomicLong counter) {
      this.counter = counter;
    }

    @Override
    public Boolean call() {
      long now = counter.get();
      boolean still = now == last && now > 0;
      last = now;
      return still;
    }
  }

  @Test
  void aGreedyCircuitIsCutAtItsLimitAndSaysThatItIsLimited() {
    serve(policy(Duration.ofHours(1), 4, new CircuitLimit(Duration.ZERO, 256 * 1024)));
    echo(target);
    reserve(target, client(target));
    client(dialer);
    Connection connection = dialThrough(dialer, target);
    assertThat(connection.limited()).isTrue();
    Stream stream = connection.openStream(List.of(ECHO), SOON);
    stream.deadline(SOON);
    AtomicLong echoed = new AtomicLong();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 64; i++) {
                stream.write(new byte[16 * 1024]);
                echoed.addAndGet(stream.readExactly(16 * 1024).length);
              }
            })
        .isInstanceOf(OverlayException.class);
    assertThat(echoed.get()).isBetween(64 * 1024L, 256 * 1024L);
    await().atMost(SOON).until(() -> dialer.connections(target.id()).isEmpty());
  }

  @Test
  void aCircuitEndsWhenItsTimeIsOver() {
    serve(policy(Duration.ofHours(1), 4, new CircuitLimit(Duration.ofSeconds(1), 0)));
    reserve(target, client(target));
    client(dialer);
    Connection connection = dialThrough(dialer, target);
    assertThat(connection.limited()).isTrue();
    await().atMost(SOON).until(() -> !connection.isOpen());
  }

  @Test
  void aReservationThatIsNotRefreshedEnds() {
    CircuitRelay server = serve(policy(Duration.ofSeconds(1), 4, CircuitLimit.NONE));
    CircuitClient holder = client(target);
    reserve(target, holder);
    client(dialer);
    await().atMost(SOON).until(() -> server.reservations().isEmpty());
    assertThat(holder.reservation(relay.id())).isEmpty();
    assertStatus(RelayStatus.NO_RESERVATION, () -> dialThrough(dialer, target));
  }

  @Test
  void aKeptReservationOutlivesItsTimeAndComesBackAfterALostConnection() {
    CircuitRelay server = serve(policy(Duration.ofSeconds(3), 4, CircuitLimit.NONE));
    Reservations kept =
        hosts.own(
            new Reservations(
                target, client(target), InstantSource.system(), new SplittableRandom(5)));
    kept.keep(relay.id(), List.of(addressOf(relay)));
    await().atMost(SOON).until(() -> server.reservations().size() == 1);
    client(dialer);
    await()
        .atMost(SOON)
        .during(Duration.ofSeconds(6))
        .until(() -> kept.states().getFirst().reservation().isPresent());
    assertThat(dialThrough(dialer, target).isOpen()).isTrue();

    relay.connections(target.id()).forEach(Connection::close);
    await().atMost(SOON).until(() -> kept.states().getFirst().reservation().isEmpty());
    await().atMost(SOON).until(() -> kept.states().getFirst().reservation().isPresent());
    assertThat(server.reservations()).hasSize(1);
  }

  @Test
  void whenOneOfTwoConnectionsEndsTheReservationGoesOnOverTheOther() {
    CircuitRelay server = serve(RelayPolicy.members());
    Reservations kept =
        hosts.own(
            new Reservations(
                target, client(target), InstantSource.system(), new SplittableRandom(6)));
    kept.keep(relay.id(), List.of(addressOf(relay)));
    await().atMost(SOON).until(() -> kept.states().getFirst().reservation().isPresent());
    Connection carrier = target.connections(relay.id()).getFirst();
    Connection other = target.connect(addressOf(relay), PeerExpectation.exactly(relay.id()), SOON);
    assertThat(other.id()).isNotEqualTo(carrier.id());

    carrier.close();
    await().atMost(SOON).until(() -> !carrier.isOpen());
    await().atMost(SOON).until(() -> kept.states().getFirst().reservation().isPresent());
    await().atMost(SOON).until(() -> relay.connections(target.id()).size() == 1);
    assertThat(target.connections(relay.id()))
        .extracting(Connection::id)
        .containsExactly(other.id());
    assertThat(server.reservations()).hasSize(1);
    client(dialer);
    assertThat(dialThrough(dialer, target).isOpen()).isTrue();
  }

  @Test
  void aReservationEndsWithItsConnection() {
    CircuitRelay server = serve(RelayPolicy.members());
    CircuitClient holder = client(target);
    reserve(target, holder);
    assertThat(server.reservations()).hasSize(1);
    target.connections(relay.id()).forEach(Connection::close);
    await().atMost(SOON).until(() -> server.reservations().isEmpty());
    await().atMost(SOON).until(() -> holder.reservations().isEmpty());
  }

  @Test
  void beyondItsLimitsTheRelaySaysWhich() {
    serve(new RelayPolicy(1, 1, 1, Duration.ofHours(1), 16, 1, CircuitLimit.NONE));
    reserve(target, client(target));
    Host second = hosts.host(4);
    CircuitClient secondClient = client(second);
    assertStatus(RelayStatus.RESERVATION_REFUSED, () -> reserve(second, secondClient));
    client(dialer);
    assertThat(dialThrough(dialer, target).isOpen()).isTrue();
    assertStatus(RelayStatus.RESOURCE_LIMIT_EXCEEDED, () -> dialThrough(second, target));
    assertStatus(RelayStatus.NO_RESERVATION, () -> dialThrough(dialer, second));
  }

  @Test
  void aReservationIsNotGivenThroughARelay() {
    serve(RelayPolicy.members());
    reserve(target, client(target));
    // The target is a relay too, reached through the first one.
    hosts.own(
        new CircuitRelay(target, TestPeers.key(2), RelayPolicy.members(), InstantSource.system()));
    CircuitClient asking = client(dialer);
    Connection relayed = dialThrough(dialer, target);
    assertStatus(RelayStatus.PERMISSION_DENIED, () -> asking.reserve(relayed, SOON));
  }

  @Test
  void aTargetThatLeftWithoutAWordMakesTheDialFail() {
    serve(RelayPolicy.members());
    reserve(target, client(target));
    target.unhandle(CircuitRelay.STOP);
    client(dialer);
    assertStatus(RelayStatus.CONNECTION_FAILED, () -> dialThrough(dialer, target));
  }

  /// A way to the target that stalls until it is released.
  private Multiaddr stalling(CountDownLatch release) throws IOException {
    ServerSocket door = hosts.own(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()));
    int port = addressOf(target).socketAddress().orElseThrow().getPort();
    Thread.ofVirtual()
        .name("stalling door")
        .start(() -> {
          try {
            Socket near = hosts.own(door.accept());
            release.await();
            Socket far = hosts.own(new Socket(InetAddress.getLoopbackAddress(), port));
            Thread.ofVirtual().start(() -> pump(near, far));
            pump(far, near);
          } catch (IOException | InterruptedException e) {
            // The test is over.
          }
        });
    return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + door.getLocalPort());
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void aDirectDialGoesOnWhenTheCircuitIsFirstAndIsUsedOnceItIsThere() throws Exception {
    serve(RelayPolicy.members());
    reserve(target, client(target));
    Duration patient = Duration.ofMinutes(1);
    Host dialing =
        hosts.own(
            HostBuilder.create()
                .identity(TestPeers.key(4))
                .limits(HostLimits.DEFAULTS.change().dial(patient).build())
                .build());
    client(dialing);
    CountDownLatch release = new CountDownLatch(1);
    List<Multiaddr> ways = List.of(stalling(release), through(relay, target));
    Connection first = dialing.connect(target.id(), ways, patient);
    assertThat(first.relay()).contains(relay.id());
    release.countDown();
    await()
        .atMost(SOON)
        .until(() ->
            dialing.connections(target.id()).size() == 2
                && dialing.connections(target.id()).getFirst().relay().isEmpty());
  }
}
