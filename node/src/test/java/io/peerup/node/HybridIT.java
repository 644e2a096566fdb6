package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.config.ConfigLoader;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.relay.server.RelayServer;
import io.peerup.testkit.EditingProxy;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Daemons, and peers that would have them speak less than post-quantum security.
class HybridIT {

  private static final String HYBRID = "/noise-mlkem768-hfs/0.2.0";
  private static final List<String> CLASSIC = List.of("/noise", "/tls/1.0.0");

  /// A relay that refused or was not there is asked again after some seconds.
  private static final Duration RETRIED = Duration.ofSeconds(90);

  @TempDir Path directory;

  private final PrivateKey friend = PrivateKey.generate(KeyRandom.secure());
  private TestNetwork network;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
  }

  @AfterEach
  void stop() {
    network.close();
  }

  @Test
  void aPeerThatSpokeHybridIsNotLetInWithLessUntilItIsForgotten() {
    TestNode laptop = network.node("laptop");
    allow(laptop, "friend");
    try (Host classic = host(CLASSIC)) {
      assertThat(dial(classic, laptop).isOpen()).as("nothing is known of it").isTrue();
      await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> isConnected(laptop));
    }
    try (Host modern = host(HostBuilder.SECURITY)) {
      assertThat(dial(modern, laptop).security()).isEqualTo(HYBRID);
      awaitRemembered(laptop, PeerId.of(friend.publicKey()));
    }
    try (Host classic = host(CLASSIC)) {
      assertNotLetIn(classic, laptop);
    }
    laptop.stop();
    laptop.start();
    try (Host classic = host(CLASSIC)) {
      assertNotLetIn(classic, laptop);
    }
    assertThat(forget(laptop, "friend").get("forgotten").getAsBoolean()).isTrue();
    assertThat(forget(laptop, "friend").get("forgotten").getAsBoolean()).isFalse();
    try (Host classic = host(CLASSIC)) {
      assertThat(dial(classic, laptop).isOpen()).isTrue();
      await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> isConnected(laptop));
    }
  }

  @Test
  void aRelayThatSpokeHybridIsNotUsedWithLessAndStatusSaysWhyAndWhatToDo() {
    TestNode laptop =
        network.add("laptop", configured(network.relayAddress().socketAddress().get().getPort()));
    admit(laptop);
    await().atMost(RETRIED).until(() -> network.reserved().contains(laptop.id().toString()));
    awaitRemembered(laptop, network.relayId());
    PrivateKey identity =
        IdentityFile.loadOrCreate(network.relayHome(), KeyRandom.secure(), Passphrase.Source.NONE);
    Multiaddr address = network.relayAddress();
    network.stopRelay();
    try (Host older =
        HostBuilder.create()
            .identity(identity)
            .listen(List.of(address))
            .security(CLASSIC)
            .build()) {
      await()
          .atMost(RETRIED)
          .untilAsserted(() ->
              assertThat(trouble(laptop))
                  .contains("has spoken post-quantum security before and now speaks /noise")
                  .contains("peerup peer forget-security " + older.id()));
      assertThat(older.connections(laptop.id())).isEmpty();
      forget(laptop, older.id().toString());
      await().atMost(RETRIED).until(() -> !older.connections(laptop.id()).isEmpty());
    } finally {
      network.startRelay();
    }
  }

  @Test
  void anEditingProxyBeforeTheRelayIsRefusedOnFirstContactToo() throws Exception {
    try (EditingProxy proxy =
        new EditingProxy(network.relayAddress().socketAddress().get().getPort())) {
      proxy.hiding(HYBRID);
      TestNode laptop = network.add("laptop", configured(proxy.port()));
      admit(laptop);
      await()
          .atMost(RETRIED)
          .untilAsserted(() ->
              assertThat(trouble(laptop))
                  .contains("somebody on the way has changed the negotiation"));
      proxy.hiding("/noise");
      await().atMost(RETRIED).untilAsserted(() -> assertThat(proxy.edits()).isGreaterThan(3));
      assertThat(network.reserved()).isEmpty();
      proxy.hideNothing();
      await().atMost(RETRIED).until(() -> network.reserved().contains(laptop.id().toString()));
    }
  }

  @Test
  void peersInAGroupSpeakHybridDirectlyAndThroughTheRelay() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    awaitRemembered(home, laptop.id());
    awaitRemembered(laptop, home.id());
    awaitRemembered(home, network.relayId());
  }

  @Test
  void hybridOnlyRefusesLessInBothDirections() {
    TestNode strict =
        network.add(
            "strict",
            configured(network.relayAddress().socketAddress().get().getPort())
                .replace("network:\n", "network:\n  security: hybrid-only\n"));
    allow(strict, "friend");
    try (Host classic = host(CLASSIC)) {
      assertThatThrownBy(() -> dial(classic, strict))
          .isInstanceOf(OverlayException.class)
          .hasMessageContaining("the peer does not speak /noise or /tls/1.0.0");
    }
    try (Host modern = host(HostBuilder.SECURITY)) {
      assertThat(dial(modern, strict).security()).isEqualTo(HYBRID);
    }
    PrivateKey identity =
        IdentityFile.loadOrCreate(network.relayHome(), KeyRandom.secure(), Passphrase.Source.NONE);
    Multiaddr address = network.relayAddress();
    network.stopRelay();
    try (Host older =
        HostBuilder.create()
            .identity(identity)
            .listen(List.of(address))
            .security(CLASSIC)
            .build()) {
      await()
          .atMost(RETRIED)
          .untilAsserted(
              () -> assertThat(trouble(strict)).contains("the peer does not speak " + HYBRID));
      assertThat(older.connections()).isEmpty();
    } finally {
      network.startRelay();
    }
  }

  @Test
  void aRelayMayBeHybridOnlyAsWell() {
    try (RelayServer relay =
            RelayServer.start(
                Home.of(directory.resolve("strict")),
                ConfigLoader.parse(
                    "config.yaml",
                    "network: {security: hybrid-only}\n"
                        + "relay-server: {listen: [/ip4/127.0.0.1/tcp/0]}\n"));
        Host classic = host(CLASSIC);
        Host modern = host(HostBuilder.SECURITY)) {
      Multiaddr address = relay.addresses().getFirst();
      PeerExpectation expected = PeerExpectation.exactly(relay.peerId());
      assertThatThrownBy(() -> classic.connect(address, expected, SOON))
          .hasMessageContaining("the peer does not speak /noise or /tls/1.0.0");
      assertThat(modern.connect(address, expected, SOON).security()).isEqualTo(HYBRID);
    }
  }

  private Host host(List<String> security) {
    return HostBuilder.create().identity(friend).security(security).build();
  }

  private static Connection dial(Host from, TestNode to) {
    JsonArray addresses = to.status().getAsJsonArray("listenAddrs");
    return from.connect(
        Multiaddr.parse(addresses.get(0).getAsString()), PeerExpectation.exactly(to.id()), SOON);
  }

  /// The handshake ends at the dialler before the listener has spoken.
  private static void assertNotLetIn(Host from, TestNode to) {
    Connection connection = dial(from, to);
    await().atMost(SOON).until(() -> !connection.isOpen());
  }

  private boolean isConnected(TestNode node) {
    return node.peer(PeerId.of(friend.publicKey())).orElseThrow().get("connected").getAsBoolean();
  }

  private void allow(TestNode node, String name) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", PeerId.of(friend.publicKey()).toString());
    body.addProperty("name", name);
    node.call("POST", "/v1/trust/allow", Optional.of(body));
  }

  private void admit(TestNode node) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", node.id().toString());
    network.askRelay("POST", "/v1/trust/allow", Optional.of(body));
  }

  private static JsonObject forget(TestNode node, String peer) {
    return node.call(
        "POST", "/v1/peers/" + peer + "/forget-security", Optional.of(new JsonObject()));
  }

  private String configured(int relayPort) {
    return "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\nrelay:\n  addresses: [/ip4/127.0.0.1/tcp/"
        + relayPort
        + "/p2p/"
        + network.relayId()
        + "]\n";
  }

  private static String trouble(TestNode node) {
    JsonObject relay = node.status().getAsJsonArray("relays").get(0).getAsJsonObject();
    return relay.has("trouble") ? relay.get("trouble").getAsString() : "";
  }

  private static void awaitRemembered(TestNode node, PeerId peer) {
    Path file = node.home().state("hybrid_peers.json");
    await().atMost(SOON).until(() -> contains(file, peer.toString()));
  }

  private static boolean contains(Path file, String text) throws IOException {
    return Files.exists(file) && Files.readString(file).contains(text);
  }
}
