package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.pairing.GroupCode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is blocked gets nothing, whatever else speaks for it.
class BlockIT {

  /// What is promised. The clock starts when the block has been accepted.
  private static final Duration PROMISED = Duration.ofSeconds(1);

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

  private static JsonObject ask(TestNode node, String verb, PeerId peer) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", peer.toString());
    return node.call("POST", "/v1/trust/" + verb, Optional.of(body));
  }

  private void askRelay(String verb, PeerId peer) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", peer.toString());
    network.askRelay("POST", "/v1/trust/" + verb, Optional.of(body));
  }

  private static boolean answers(Socket socket) throws IOException {
    socket.getOutputStream().write('x');
    return socket.getInputStream().read() == 'x';
  }

  private static Duration untilDead(Socket socket) {
    long since = System.nanoTime();
    try {
      while (socket.getInputStream().read() >= 0) {
        // What was on its way before the end.
      }
    } catch (IOException e) {
      // A reset is an end, too.
    }
    return Duration.ofNanos(System.nanoTime() - since);
  }

  private static Multiaddr listening(TestNode node) {
    return Multiaddr.parse(node.status().getAsJsonArray("listenAddrs").get(0).getAsString());
  }

  /// Once through the relay, so that what is cut and refused is a circuit, and once directly.
  @ParameterizedTest
  @ValueSource(strings = {"relayed", "direct"})
  void aBlockedPeersStreamsAreDeadWithinASecondAndAllComesBackWhenItIsUnblocked(String way)
      throws Exception {
    boolean relayed = way.equals("relayed");
    TestNode home = relayed ? network.relayedNode("home") : network.node("home");
    TestNode laptop = relayed ? network.relayedNode("laptop") : network.node("laptop");
    network.pair(home, laptop);
    await().atMost(SOON).until(() -> laptop.path(home).equals(way));
    home.addService("echo", echo.getLocalPort());
    String line = home.authorizedKeys();
    try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(answers(local)).isTrue();
      ask(home, "block", laptop.id());
      assertThat(untilDead(local)).isLessThan(PROMISED);
      assertThat(Targets.isDead(proxy.port())).isTrue();
      await().atMost(SOON).until(() -> laptop.path(home).equals("none"));
      assertThat(home.authorizedKeys()).isEqualTo(line);
      JsonObject seen = home.peer(laptop).orElseThrow();
      assertThat(seen.get("blocked").getAsBoolean()).isTrue();
      assertThat(seen.get("problem").getAsString()).contains("blocked");
      // A restart, which dials and reserves anew, changes nothing.
      home.stop();
      home.start();
      await().atMost(SOON).until(() -> home.status().toString().contains("\"reserved\":true"));
      assertThat(home.path(laptop)).isEqualTo("none");
      ask(home, "unblock", laptop.id());
      await().atMost(SOON).until(() -> home.path(laptop).equals(way));
    }
  }

  @Test
  void aLineWrittenIntoTheFileCutsAndOneTakenOutRestores() throws Exception {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    home.addService("echo", echo.getLocalPort());
    try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(answers(local)).isTrue();
      write(home, laptop.id() + " # enough\n");
      // How often an edit of the file is noticed comes on top.
      assertThat(untilDead(local)).isLessThan(PROMISED.plus(Duration.ofSeconds(1)));
    }
    write(home, "# nobody\n");
    await().atMost(SOON).until(() -> home.path(laptop).equals("relayed"));
  }

  private static void write(TestNode node, String content) {
    PrivateFiles.write(node.home().blockedPeers(), content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aDamagedListStopsTheStartAndOpensNothingWhileRunning() throws Exception {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    ask(home, "block", laptop.id());
    write(home, "laptop\n");
    await()
        .atMost(SOON)
        .until(() -> home.status().getAsJsonArray("warnings").toString().contains("line 1"));
    assertThat(home.peer(laptop).orElseThrow().get("blocked").getAsBoolean()).isTrue();
    home.stop();
    assertThatThrownBy(home::start)
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("blocked-peers-invalid"));
    Files.delete(home.home().blockedPeers());
    home.start();
  }

  @Test
  void aBlockedPeerIsRefusedWhenItComesAndNotDialledAndHasNoStreams() throws Exception {
    TestNode node = network.node("home");
    try (Host friend =
        HostBuilder.create()
            .identity(Ids.key(80))
            .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
            .build()) {
      JsonObject allow = new JsonObject();
      allow.addProperty("peer", friend.id().toString());
      allow.addProperty("name", "friend");
      node.call("POST", "/v1/trust/allow", Optional.of(allow));
      Connection connection =
          friend.connect(listening(node), PeerExpectation.exactly(node.id()), SOON);
      assertThat(friend.ping(connection, SOON)).isPositive();
      ask(node, "block", friend.id());
      long since = System.nanoTime();
      await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> !connection.isOpen());
      assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(PROMISED);

      refused(friend, node);
      JsonObject ping = new JsonObject();
      ping.addProperty("peer", "friend");
      ping.addProperty("count", 1);
      String lines = lines(node, ping);
      assertThat(lines).contains("\"received\":0");
      assertThat(friend.connections()).isEmpty();
    }
  }

  @Test
  void aBlockedPeersDatagramsReachNothingWithinASecond() throws Exception {
    TestNode node = network.add("home", "network:\n  listen: [/ip4/127.0.0.1/udp/0/quic-v1]\n");
    AtomicInteger arrived = new AtomicInteger();
    try (Host friend = HostBuilder.create().identity(Ids.key(81)).build();
        DatagramSocket program = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> count(program, arrived));
      node.addUdpService("dns", program.getLocalPort());
      JsonObject allow = new JsonObject();
      allow.addProperty("peer", friend.id().toString());
      allow.addProperty("name", "friend");
      node.call("POST", "/v1/trust/allow", Optional.of(allow));
      Connection connection =
          friend.connect(listening(node), PeerExpectation.exactly(node.id()), SOON);
      Stream stream = connection.openStream(List.of("/peerup/service/2"), SOON);
      stream.writeFrame(new byte[] {1, 3, 3, 'd', 'n', 's'});
      assertThat(stream.readFrame(1024)).startsWith(1, 0);
      Datagrams beside = stream.datagrams().orElseThrow();
      Thread flood =
          Thread.ofVirtual()
              .start(() -> {
                while (!Thread.interrupted()) {
                  beside.send(new byte[100]);
                  LockSupport.parkNanos(100_000);
                }
              });
      try {
        await().atMost(SOON).until(() -> arrived.get() > 100);
        ask(node, "block", friend.id());
        LockSupport.parkNanos(PROMISED.toNanos());
        int then = arrived.get();
        await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> arrived.get() == then);
      } finally {
        flood.interrupt();
        flood.join();
      }
    }
  }

  private static void count(DatagramSocket program, AtomicInteger arrived) {
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    try {
      while (true) {
        program.receive(packet);
        arrived.incrementAndGet();
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static String lines(TestNode node, JsonObject ping) {
    StringBuilder out = new StringBuilder();
    ControlClient.of(node.home()).stream("POST", "/v1/ping", ping, out::append);
    return out.toString();
  }

  private static void refused(Host stranger, TestNode node) {
    try {
      Connection connection =
          stranger.connect(listening(node), PeerExpectation.exactly(node.id()), SOON);
      // With early muxer negotiation the dialler is done before it hears of the refusal.
      assertThatThrownBy(() -> ping(connection)).isInstanceOf(OverlayException.class);
      await().atMost(SOON).until(() -> !connection.isOpen());
    } catch (OverlayException e) {
      // Refused right away.
    }
  }

  private static void ping(Connection connection) {
    try (Stream stream = connection.openStream(List.of("/ipfs/ping/1.0.0"), SOON)) {
      stream.deadline(SOON);
      stream.writeFrame(new byte[32]);
      stream.readFrame(4096);
    }
  }

  @Test
  void aGroupDoesNotBringInWhoIsBlockedAndSaysSo() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    TestNode phone = network.relayedNode("phone");
    List<GroupCode> codes = network.codes(3);
    laptop.join(codes.get(0));
    ask(home, "block", laptop.id());
    ask(home, "block", phone.id());
    JsonObject joined = home.join(codes.get(1));
    assertThat(joined.getAsJsonArray("peers")).isEmpty();
    assertThat(joined.getAsJsonArray("warnings").toString())
        .contains("blocked", laptop.id().toString());
    phone.join(codes.get(2));
    await().atMost(SOON).until(() -> phone.path(laptop).equals("relayed"));
    assertThat(home.authorizedKeysOrEmpty()).isEmpty();
    // Unblocked, the relay's next notices bring them in.
    ask(home, "unblock", phone.id());
    ask(home, "unblock", laptop.id());
    home.stop();
    home.start();
    TestNetwork.awaitAllConnected(home, laptop, phone);
  }

  @Test
  void whoTheRelayBlocksLosesConnectionReservationAndCircuitsThereAndCannotPair() throws Exception {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    home.addService("echo", echo.getLocalPort());
    try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(answers(local)).isTrue();
      assertThat(network.circuits()).isPositive();
      askRelay("block", laptop.id());
      assertThat(untilDead(local)).isLessThan(PROMISED);
    }
    await().atMost(SOON).until(() -> network.circuits() == 0);
    await().atMost(SOON).until(() -> network.connections() == 1);
    assertThat(network.reserved()).containsExactly(home.id().toString());
    GroupCode code = network.codes(1).getFirst();
    assertThatThrownBy(() -> laptop.join(code)).isInstanceOf(Failure.class);
    assertThat(network.reserved()).doesNotContain(laptop.id().toString());
    askRelay("unblock", laptop.id());
    await().atMost(Duration.ofMinutes(2)).until(() -> network.reserved().size() == 2);
  }

  @Test
  void denyCutsUnlessAGroupStillTrustsThePeer() throws Exception {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    ask(home, "allow", laptop.id());
    JsonObject left = ask(home, "deny", laptop.id());
    assertThat(left.getAsJsonArray("tiers").toString()).isEqualTo("[\"group\"]");
    assertThat(left.get("allowed").getAsBoolean()).isTrue();
    assertThat(home.path(laptop)).isEqualTo("relayed");

    home.addService("echo", echo.getLocalPort());
    home.editAuthorizedKeys(laptop.id() + " name=laptop\n");
    await()
        .atMost(SOON)
        .until(() -> home.peer(laptop).orElseThrow().get("tiers").toString().equals("[\"local\"]"));
    try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(answers(local)).isTrue();
      ask(home, "deny", laptop.id());
      assertThat(untilDead(local)).isLessThan(PROMISED);
    }
    assertThat(home.authorizedKeysOrEmpty()).isEmpty();
  }

  /// A blocked relay is not dialled, and one that is connected is left.
  @Test
  void aBlockedRelayIsNoRelay() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    ask(home, "block", network.relayId());
    await().atMost(SOON).until(() -> network.connections() == 1);
    assertThat(home.path(laptop)).isEqualTo("none");
    ask(home, "unblock", network.relayId());
    await().atMost(SOON).until(() -> home.path(laptop).equals("relayed"));
  }

  /// Every protocol that a node answers is spoken to with a frame that asks to be let in; a peer in
  /// the narrowest tier and a stranger try.
  @Test
  void nothingThatComesOverTheNetworkWritesTheLists() throws Exception {
    TestNode node = network.node("home");
    node.join(network.codes(1).getFirst());
    try (Host guest = HostBuilder.create().identity(Ids.key(81)).build()) {
      node.editAuthorizedKeys(guest.id() + " name=guest tier=invite\n");
      await().atMost(SOON).until(() -> node.peer(guest.id()).isPresent());
      String before = node.authorizedKeys();
      Connection connection =
          guest.connect(listening(node), PeerExpectation.exactly(node.id()), SOON);
      guest.identify(connection, SOON);
      List<String> protocols = new ArrayList<>();
      guest.info(node.id()).ifPresent(info -> protocols.addAll(info.protocols()));
      assertThat(protocols).isNotEmpty();
      protocols.add("/peerup/peer-notify/1");
      protocols.add("/peerup/relay-pair/1");
      protocols.add("/peerup/trust/1");
      for (String protocol : protocols) {
        for (String text : List.of("allow " + Ids.peer(82), Ids.peer(82) + " tier=local\n")) {
          attempt(connection, protocol, text.getBytes(StandardCharsets.UTF_8));
        }
      }
      assertThat(node.authorizedKeys()).isEqualTo(before);
      assertThat(node.home().blockedPeers()).doesNotExist();
    }
  }

  private static void attempt(Connection connection, String protocol, byte[] frame) {
    try (Stream stream = connection.openStream(List.of(protocol), SOON)) {
      stream.deadline(Duration.ofSeconds(2));
      stream.writeFrame(frame);
      stream.closeWrite();
      stream.read(new byte[64], 0, 64);
    } catch (OverlayException e) {
      // Refused is as good as ignored.
    }
  }
}
