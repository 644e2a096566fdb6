package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Home;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.Status;
import io.peerup.testkit.UdpForwarder;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// UDP services over real connections: both ends, and a program at each.
@Timeout(120)
class ServiceDatagramIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String QUIC = "/ip4/127.0.0.1/udp/0/quic-v1";

  @TempDir Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ServiceProxy.Events silent =
      new ServiceProxy.Events() {
        @Override
        public void finished(long bytesOut, long bytesIn) {}

        @Override
        public void failed(String message, String hint) {}
      };
  private ServiceServer server;
  private ServiceStore store;
  private DatagramSocket program;
  private final AtomicInteger atProgram = new AtomicInteger();

  /// Where the program saw datagrams come from.
  private final Set<SocketAddress> flows = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void offer() throws IOException {
    store = new ServiceStore(Home.of(directory).ensure());
    program = socket();
    Thread.ofVirtual().start(this::echo);
    store.add(
        new Service(
            "dns", new Target("127.0.0.1", program.getLocalPort()), Protocol.UDP, true, Set.of()));
    server = new ServiceServer(store, _ -> true);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private DatagramSocket socket() throws IOException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    open.add(socket);
    return socket;
  }

  private void echo() {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    try {
      while (true) {
        packet.setLength(65_535);
        program.receive(packet);
        atProgram.incrementAndGet();
        flows.add(packet.getSocketAddress());
        program.send(packet);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private Host host(List<Multiaddr> listen) {
    Host host =
        HostBuilder.create()
            .identity(PrivateKey.generate(KeyRandom.secure()))
            .listen(listen)
            .build();
    open.add(host);
    return host;
  }

  private Connection connect(String address, List<String> served) {
    Host offering = host(List.of(Multiaddr.parse(address)));
    served.forEach(each -> offering.handle(each, server));
    return connect(offering);
  }

  private Connection connect(Host offering) {
    return connect(offering, offering.listenAddresses().getFirst());
  }

  private Connection connect(Host offering, Multiaddr at) {
    return host(List.of())
        .connect(at.withPeer(offering.id()), PeerExpectation.exactly(offering.id()), SOON);
  }

  private ServiceProxy proxy(Connection connection, List<String> proposed) {
    ServiceProxy proxy =
        ServiceProxy.open(() -> connection.openStream(proposed, SOON), "home", "dns", 0, silent);
    open.add(proxy);
    return proxy;
  }

  private static void send(DatagramSocket from, ServiceProxy to, byte[] bytes) throws IOException {
    from.send(new DatagramPacket(bytes, bytes.length, to.address()));
  }

  /// Sends until it comes back: datagrams may be lost on a busy machine.
  private static void echoed(DatagramSocket local, ServiceProxy proxy, byte[] bytes)
      throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    local.setSoTimeout(2000);
    for (int attempt = 0; attempt < 15; attempt++) {
      send(local, proxy, bytes);
      try {
        local.receive(packet);
        assertThat(Arrays.copyOf(packet.getData(), packet.getLength())).isEqualTo(bytes);
        return;
      } catch (SocketTimeoutException e) {
        packet.setLength(65_535);
      }
    }
    throw new AssertionError("no answer to " + bytes.length + " bytes");
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) size);
    return bytes;
  }

  // --------------------------------------------------------------------------- which way they go

  @Test
  void whatFitsTravelsAsDatagramsOfTheConnectionAndWhatDoesNotOnTheStream() throws IOException {
    Connection connection = connect(QUIC, ServiceMessages.PROTOCOLS);
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    DatagramSocket local = socket();
    echoed(local, proxy, bytes(5)); // with the request
    DatagramCounts before = connection.datagramCounts();
    for (int size : new int[] {0, 1, 40, 1000}) {
      echoed(local, proxy, bytes(size));
    }
    DatagramCounts small = connection.datagramCounts();
    assertThat(small.sent() - before.sent()).isGreaterThanOrEqualTo(4);
    assertThat(small.received() - before.received()).isGreaterThanOrEqualTo(4);
    for (int size : new int[] {8953, 20_000, Limits.DATAGRAM_BYTES_MAX}) {
      echoed(local, proxy, bytes(size));
    }
    DatagramCounts large = connection.datagramCounts();
    assertThat(large.sent()).isEqualTo(small.sent());
    assertThat(large.received()).isEqualTo(small.received());
    assertThat(large.dropped()).isZero();
    assertThat(large.unclaimed()).isZero();
  }

  @Test
  void withAPeerThatSpeaksOnlyFramesEverythingGoesOnTheStream() throws IOException {
    List<String> old = List.of(ServiceMessages.PROTOCOL);
    for (boolean oldServer : new boolean[] {true, false}) {
      Connection connection = connect(QUIC, oldServer ? old : ServiceMessages.PROTOCOLS);
      ServiceProxy proxy = proxy(connection, oldServer ? ServiceMessages.PROTOCOLS : old);
      DatagramSocket local = socket();
      for (int size : new int[] {0, 40, 1000, 9000}) {
        echoed(local, proxy, bytes(size));
      }
      assertThat(connection.datagramCounts()).isEqualTo(DatagramCounts.NONE);
    }
  }

  @Test
  void overTcpEverythingGoesOnTheStream() throws IOException {
    Connection connection = connect("/ip4/127.0.0.1/tcp/0", ServiceMessages.PROTOCOLS);
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    DatagramSocket local = socket();
    for (int size : new int[] {0, 40, 1000, 9000}) {
      echoed(local, proxy, bytes(size));
    }
    assertThat(connection.datagramCounts()).isEqualTo(DatagramCounts.NONE);
  }

  @Test
  void eachProgramGetsItsOwnAnswers() throws IOException {
    Connection connection = connect(QUIC, ServiceMessages.PROTOCOLS);
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    List<DatagramSocket> locals = List.of(socket(), socket(), socket());
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < locals.size(); i++) {
        echoed(locals.get(i), proxy, bytes(100 * (i + 1)));
      }
    }
    assertThat(connection.datagramCounts().received()).isGreaterThanOrEqualTo(12);
  }

  @Test
  void aFlowGoesOnWhenTheAddressOfTheOneThatUsesTheServiceChanges() throws IOException {
    Host offering = host(List.of(Multiaddr.parse(QUIC)));
    ServiceMessages.PROTOCOLS.forEach(each -> offering.handle(each, server));
    InetSocketAddress at = offering.listenAddresses().getFirst().socketAddress().orElseThrow();
    UdpForwarder nat = new UdpForwarder(at);
    open.add(nat);
    Connection connection =
        connect(offering, Multiaddr.parse("/ip4/127.0.0.1/udp/" + nat.port() + "/quic-v1"));
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    DatagramSocket local = socket();
    echoed(local, proxy, bytes(5));
    DatagramCounts before = connection.datagramCounts();
    for (int i = 1; i <= 3; i++) {
      nat.rebind();
      echoed(local, proxy, bytes(100 * i));
    }
    DatagramCounts after = connection.datagramCounts();
    assertThat(after.received() - before.received()).isGreaterThanOrEqualTo(3);
    assertThat(offering.connections()).hasSize(1);
    assertThat(flows).as("the same flow, to the program too").hasSize(1);
  }

  @Test
  void aStreamThatStandsStillStopsNoDatagram() throws Exception {
    Host offering = host(List.of(Multiaddr.parse(QUIC)));
    CountDownLatch over = new CountDownLatch(1);
    open.add(over::countDown);
    offering.handle(
        ServiceMessages.BESIDE,
        stream -> {
          var request = ServiceMessages.decodeRequest(stream.readFrame(1024));
          Datagrams beside = stream.datagrams().orElseThrow();
          beside.receive(beside::send);
          boolean check = request.kind() == ServiceMessages.Kind.CHECK;
          stream.writeFrame(
              ServiceMessages.encode(new ServiceReply(check ? Status.SPEAKS_UDP : Status.OK, "")));
          if (!check) {
            awaitQuietly(over); // and reads no frame
          }
        });
    Connection connection = connect(offering);
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    DatagramSocket local = socket();
    send(local, proxy, bytes(1));
    await()
        .atMost(SOON)
        .until(() -> {
          send(local, proxy, bytes(1));
          return connection.datagramCounts().received() > 0;
        });
    local.setSoTimeout(1000);
    // 60 MB, more than all windows of the stream and everything before it.
    for (int i = 0; i < 1000; i++) {
      send(local, proxy, new byte[60_000]);
      LockSupport.parkNanos(100_000); // or the kernel drops most of them
    }
    for (int i = 0; i < 20; i++) {
      echoed(local, proxy, bytes(1));
    }
    over.countDown();
  }

  // ------------------------------------------------------------------------------- who may send

  private Thread flood(DatagramSocket local, ServiceProxy proxy, int size) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            while (!Thread.interrupted()) {
              send(local, proxy, bytes(size));
              LockSupport.parkNanos(10_000);
            }
          } catch (IOException e) {
            // The test is over.
          }
        });
  }

  @Test
  void takingTheServiceAwayStopsItsDatagramsInMidFlood() throws Exception {
    Connection connection = connect(QUIC, ServiceMessages.PROTOCOLS);
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    DatagramSocket local = socket();
    Thread flood = flood(local, proxy, 500);
    try {
      await().atMost(SOON).until(() -> connection.datagramCounts().received() > 500);
      store.remove("dns");
      server.cutWhatIsNoLongerOffered(Set.of("dns"));
      awaitSilenceAtProgram();
      assertThat(connection.isOpen()).as("the flood goes on").isTrue();
    } finally {
      flood.interrupt();
      flood.join();
    }
  }

  @Test
  void theEndOfTheConnectionStopsItsDatagramsInMidFlood() throws Exception {
    Host offering = host(List.of(Multiaddr.parse(QUIC)));
    ServiceMessages.PROTOCOLS.forEach(each -> offering.handle(each, server));
    Connection connection = connect(offering);
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    Thread flood = flood(socket(), proxy, 500);
    try {
      await().atMost(SOON).until(() -> connection.datagramCounts().received() > 500);
      offering.connections().getFirst().close(0x1007);
      awaitSilenceAtProgram();
    } finally {
      flood.interrupt();
      flood.join();
    }
  }

  /// What the kernel holds for the program comes first.
  private void awaitSilenceAtProgram() {
    AtomicInteger last = new AtomicInteger(-1);
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> last.getAndSet(atProgram.get()) == atProgram.get());
    int then = atProgram.get();
    LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
    assertThat(atProgram).hasValue(then);
  }

  @Test
  void datagramsBeforeTheServiceIsGrantedReachNoProgram() throws Exception {
    Connection connection = connect(QUIC, ServiceMessages.PROTOCOLS);
    Stream early = connection.openStream(ServiceMessages.PROTOCOLS, SOON);
    Datagrams beside = early.datagrams().orElseThrow();
    for (int i = 0; i < 50; i++) {
      assertThat(beside.send(bytes(10))).isTrue();
    }
    // For a service that is not offered, and one of which only a word is wanted.
    for (var request :
        List.of(
            new ServiceMessages.ServiceRequest(ServiceMessages.Kind.DATAGRAMS, "other"),
            new ServiceMessages.ServiceRequest(ServiceMessages.Kind.CHECK, "dns"))) {
      Stream refused = connection.openStream(ServiceMessages.PROTOCOLS, SOON);
      refused.writeFrame(ServiceMessages.encode(request));
      Status status = ServiceMessages.decodeReply(refused.readFrame(1024)).status();
      assertThat(status).isNotEqualTo(Status.OK);
      for (int i = 0; i < 50; i++) {
        refused.datagrams().orElseThrow().send(bytes(10));
      }
    }
    ServiceProxy proxy = proxy(connection, ServiceMessages.PROTOCOLS);
    echoed(socket(), proxy, bytes(3));
    assertThat(atProgram).as("the one that was granted").hasValueBetween(1, 15);
    early.reset();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
