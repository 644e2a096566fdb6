package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who is not, or no longer, in `authorized_keys` gets nothing, whichever side opened what.
class AuthorisationIT {

  /// What is promised. The clock starts when the removal has been accepted.
  private static final Duration PROMISED = Duration.ofSeconds(1);

  /// How often an edit of the file is noticed, on top.
  private static final Duration NOTICED = Duration.ofSeconds(1);

  @TempDir Path directory;

  private TestNetwork network;
  private ServerSocket echo;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
    echo = Targets.start(Targets::echo);
  }

  @AfterEach
  void stop() throws IOException {
    network.close();
    echo.close();
  }

  /// Alive: what is written comes back.
  private static boolean answers(Socket socket) throws IOException {
    socket.getOutputStream().write('x');
    return socket.getInputStream().read() == 'x';
  }

  /// Waits until the other side has ended this socket; returns how long it took.
  private static Duration untilDead(Socket socket, long since) {
    try {
      while (socket.getInputStream().read() >= 0) {
        // What was on its way before the end.
      }
    } catch (IOException e) {
      // A reset is an end, too.
    }
    return Duration.ofNanos(System.nanoTime() - since);
  }

  /// The remover is once the side that offers the service and once the side that uses it; each time
  /// through the relay and directly.
  @ParameterizedTest
  @CsvSource({"home, relayed", "laptop, relayed", "home, direct", "laptop, direct"})
  void aRemovedPeersStreamsAreDeadWithinASecondAndItDoesNotComeBack(String remover, String way)
      throws Exception {
    boolean relayed = way.equals("relayed");
    TestNode home = relayed ? network.relayedNode("home") : network.node("home");
    TestNode laptop = relayed ? network.relayedNode("laptop") : network.node("laptop");
    network.pair(home, laptop);
    await().atMost(SOON).until(() -> laptop.path(home).equals(way));
    home.addService("echo", echo.getLocalPort());
    try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(answers(local)).isTrue();
      TestNode one = remover.equals("home") ? home : laptop;
      TestNode other = remover.equals("home") ? laptop : home;
      one.remove(other);
      assertThat(untilDead(local, System.nanoTime())).isLessThan(PROMISED);
      assertThat(one.peer(other)).isEmpty();
      assertThat(Targets.isDead(proxy.port())).isTrue();
      // Everything that could bring it back: the relay's notices, its own dialling.
      network.stopRelay();
      network.startRelay();
      await().atMost(SOON).until(() -> network.reserved().size() == 2);
      assertThat(one.peer(other)).isEmpty();
      await().atMost(SOON).until(() -> other.path(one).equals("none"));
    }
  }

  @Test
  void deletingALineInAnEditorCutsAndABadLineDisablesItselfOnly() throws Exception {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    TestNode phone = network.relayedNode("phone");
    network.pair(home, laptop, phone);
    home.addService("echo", echo.getLocalPort());
    try (TestNode.Proxy fromLaptop = laptop.proxy(home, "echo");
        TestNode.Proxy fromPhone = phone.proxy(home, "echo");
        Socket laptops = Targets.connect(fromLaptop.port());
        Socket phones = Targets.connect(fromPhone.port())) {
      assertThat(answers(laptops)).isTrue();
      assertThat(answers(phones)).isTrue();

      String all = home.authorizedKeys();
      home.editAuthorizedKeys(all + "this is no peer id\n");
      await()
          .atMost(SOON)
          .until(() -> home.status().getAsJsonArray("warnings").toString().contains("line 3"));
      assertThat(answers(laptops)).isTrue();
      assertThat(answers(phones)).isTrue();
      assertThat(home.peer(laptop)).isPresent();

      home.editAuthorizedKeys(
          all.lines()
              .filter(line -> !line.startsWith(laptop.id().toString()))
              .map(line -> line + "\n")
              .collect(Collectors.joining()));
      assertThat(untilDead(laptops, System.nanoTime())).isLessThan(PROMISED.plus(NOTICED));
      assertThat(answers(phones)).isTrue();
      assertThat(home.status().getAsJsonArray("warnings")).isEmpty();
      assertThat(home.peer(laptop)).isEmpty();
    }
    // The group has forgotten it, too: neither a notice nor a restart brings it back.
    await()
        .atMost(SOON)
        .until(() -> {
          byte[] groups = PrivateFiles.readIfExists(home.home().state("groups.json")).orElseThrow();
          String text = new String(groups, StandardCharsets.UTF_8);
          return text.indexOf("\"removed\"") < text.indexOf(laptop.id().toString());
        });
    home.stop();
    home.start();
    await().atMost(SOON).until(() -> home.path(phone).equals("relayed"));
    assertThat(home.peer(laptop)).isEmpty();
  }

  @Test
  void anAuthorisationThatEndsCutsBothSides() throws Exception {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    home.addService("echo", echo.getLocalPort());
    try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(answers(local)).isTrue();
      Instant end = Instant.now().plusSeconds(3);
      home.editAuthorizedKeys(
          home.authorizedKeys().replace(laptop.id().toString(), laptop.id() + " expires=" + end));
      await().atMost(SOON).until(() -> home.peer(laptop).orElseThrow().has("expiresAt"));
      assertThat(answers(local)).as("until then").isTrue();
      untilDead(local, System.nanoTime());
      Duration late = Duration.between(end, Instant.now());
      assertThat(late).isBetween(Duration.ofMillis(-50), PROMISED);
      assertThat(home.peer(laptop).orElseThrow().get("problem").getAsString()).contains("ended");
      await().atMost(SOON).until(() -> laptop.path(home).equals("none"));
    }
  }

  @Test
  void aGroupWhoseAuthorisationEndsIsOverForAll() {
    TestNode home = network.node("home");
    TestNode laptop = network.node("laptop");
    List<GroupCode> codes = network.codes(2, 6, "");
    assertThat(home.join(codes.get(0)).has("expiresAt")).isTrue();
    laptop.join(codes.get(1));
    TestNetwork.awaitAllConnected(home, laptop);
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(home.path(laptop)).isEqualTo("none");
          assertThat(laptop.path(home)).isEqualTo("none");
        });
    assertThat(home.peer(laptop).orElseThrow().get("problem").getAsString()).contains("ended");
  }

  /// Our own relay, which we dialled and do not authorise, is a stranger for everything but what a
  /// relay does.
  @Test
  void aRelayThatWeDialledGetsNothingButWhatARelayMayAsk() throws Exception {
    CompletableFuture<Connection> dialled = new CompletableFuture<>();
    try (Host relay =
        HostBuilder.create()
            .identity(Ids.key(77))
            .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
            .build()) {
      relay.addListener(
          new HostListener() {
            @Override
            public void connected(Connection connection) {
              dialled.complete(connection);
            }
          });
      Multiaddr address = relay.listenAddresses().getFirst().withPeer(relay.id());
      TestNode node =
          network.add(
              "victim",
              "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\nrelay:\n  addresses: [%s]\n"
                  .formatted(address));
      node.addService("echo", echo.getLocalPort());
      Connection connection = dialled.get(30, TimeUnit.SECONDS);
      assertThat(connection.remotePeer()).isEqualTo(node.id());
      assertThat(relay.ping(connection, SOON)).isPositive();
      for (String protocol :
          List.of(
              "/peerup/service/1",
              "/peerup/service/2",
              "/perf/1.0.0",
              "/libp2p/circuit/relay/0.2.0/hop",
              PairMessages.PAIR_PROTOCOL)) {
        assertThatThrownBy(() -> use(connection, protocol))
            .as(protocol)
            .isInstanceOf(OverlayException.class);
      }
      // An introduction to a group that we are not in is heard and changes nothing.
      try (Stream stream = connection.openStream(List.of(PairMessages.NOTIFY_PROTOCOL), SOON)) {
        stream.deadline(SOON);
        stream.writeFrame(new byte[] {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        stream.closeWrite();
        try {
          stream.read(new byte[1], 0, 1);
        } catch (OverlayException e) {
          // Refusing the malformed notice is fine as well.
        }
      }
      assertThat(node.status().getAsJsonArray("peers")).isEmpty();
      assertThat(node.authorizedKeysOrEmpty()).isEmpty();
      assertThat(connection.isOpen()).isTrue();
      // Coming in by itself, it is a stranger.
      Multiaddr listening =
          Multiaddr.parse(node.status().getAsJsonArray("listenAddrs").get(0).getAsString());
      connection.close();
      refused(relay, listening, node);
    }
  }

  @Test
  void aStrangerIsShownOut() {
    TestNode node = network.node("home");
    Multiaddr listening =
        Multiaddr.parse(node.status().getAsJsonArray("listenAddrs").get(0).getAsString());
    try (Host stranger = HostBuilder.create().identity(Ids.key(78)).build()) {
      refused(stranger, listening, node);
      assertThat(stranger.info(node.id())).as("it learned nothing").isEmpty();
    }
  }

  private static void refused(Host stranger, Multiaddr address, TestNode node) {
    try {
      Connection connection = stranger.connect(address, PeerExpectation.exactly(node.id()), SOON);
      // With early muxer negotiation the dialler is done before it hears of the refusal.
      assertThatThrownBy(() -> use(connection, "/ipfs/ping/1.0.0"))
          .isInstanceOf(OverlayException.class);
      await().atMost(SOON).until(() -> !connection.isOpen());
    } catch (OverlayException e) {
      // Refused right away.
    }
  }

  private static void use(Connection connection, String protocol) {
    try (Stream stream = connection.openStream(List.of(protocol), SOON)) {
      stream.deadline(SOON);
      stream.writeFrame(new byte[] {1, 1, 4, 'e', 'c', 'h', 'o'});
      stream.readFrame(4096);
    }
  }

  /// The other device removed us while we were away: we are told so when we try.
  @Test
  void whoWasRemovedByTheOtherSideIsToldSomethingUseful() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    home.remove(laptop);
    await().atMost(SOON).until(() -> laptop.path(home).equals("none"));
    assertThatThrownBy(() -> laptop.proxy(home, "echo"))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isIn("peer-unreachable", "peer-refused");
              assertThat(e.message()).contains("home");
              assertThat(e.hint()).isNotEmpty();
            });
  }

  /// A peer that does not authorise us ends each connection as soon as it knows who we are. It is
  /// asked again less and less often.
  @Test
  void aPeerThatDoesNotAuthoriseUsIsNotDialledWithoutPause() throws Exception {
    AtomicBoolean closedToUs = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    ConnectionGater gater =
        new ConnectionGater() {
          @Override
          public boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
            if (direction == Direction.INBOUND && closedToUs.get()) {
              asked.incrementAndGet();
              return false;
            }
            return true;
          }
        };
    TestNode node = network.node("home");
    try (Host other =
        HostBuilder.create()
            .identity(Ids.key(79))
            .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
            .gater(gater)
            .build()) {
      // Only with a relay on this machine a loopback address is worth dialling.
      node.join(network.codes(1).getFirst());
      node.editAuthorizedKeys(other.id() + " name=other\n");
      await().atMost(SOON).until(() -> node.peer(other.id()).isPresent());
      Multiaddr listening =
          Multiaddr.parse(node.status().getAsJsonArray("listenAddrs").get(0).getAsString());
      Connection connection = other.connect(listening, PeerExpectation.exactly(node.id()), SOON);
      other.identify(connection, SOON);
      await().atMost(SOON).until(() -> connected(node, other));
      closedToUs.set(true);
      other.connections().forEach(Connection::close);
      await().atMost(SOON).until(() -> asked.get() >= 2);
      await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
      assertThat(asked.get()).isLessThan(8);
      assertThat(node.peer(other.id()).orElseThrow().get("problem").getAsString())
          .contains("authorised there");
      closedToUs.set(false);
      await().atMost(SOON).until(() -> connected(node, other));
    }
  }

  private static boolean connected(TestNode node, Host other) {
    return node.peer(other.id()).orElseThrow().get("connected").getAsBoolean();
  }
}
