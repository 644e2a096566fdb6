package io.peerup.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.RelayHost;
import io.peerup.relay.server.RelayServer;
import io.peerup.testkit.FreePort;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A relay and some nodes on loopback, each in a home of its own, asked over their control sockets
/// as the command line does.
final class TestNetwork implements AutoCloseable {

  /// Long enough for a busy machine.
  static final Duration SOON = Duration.ofSeconds(30);

  private final Path directory;
  private final Home relayHome;
  private final List<TestNode> nodes = new ArrayList<>();
  private final int port = FreePort.choose();
  private final int quicPort = FreePort.choose();
  private RelayServer relay;

  TestNetwork(Path directory) {
    this.directory = directory;
    this.relayHome = Home.of(directory.resolve("relay"));
    this.relay = RelayServer.start(relayHome, relayConfig(port, quicPort));
  }

  private static Config relayConfig(int port, int quicPort) {
    Config defaults = Config.defaults();
    return new Config(
        defaults.file(),
        defaults.network(),
        defaults.discovery(),
        defaults.relay(),
        new Config.RelayServer(
            List.of(
                new Located<>("/ip4/127.0.0.1/tcp/" + port, "relay-server.listen[0]", 1),
                new Located<>(
                    "/ip4/127.0.0.1/udp/" + quicPort + "/quic-v1", "relay-server.listen[1]", 1)),
            defaults.relayServer().membersInvite(),
            defaults.relayServer().limits()),
        defaults.secrets(),
        defaults.log());
  }

  /// A node that listens on loopback and tries direct paths.
  TestNode node(String name) {
    return add(name, "network:\n  listen: [/ip4/127.0.0.1/tcp/0, /ip4/127.0.0.1/udp/0/quic-v1]\n");
  }

  /// A node that can be reached through the relay only and tries nothing else.
  TestNode relayedNode(String name) {
    return add(name, "network:\n  listen: []\nrelay:\n  direct: false\n");
  }

  TestNode add(String name, String config) {
    TestNode node = new TestNode(directory.resolve(name), name, config);
    nodes.add(node);
    return node;
  }

  /// Nodes in one group, each connected to every other.
  void pair(TestNode... members) {
    List<GroupCode> codes = codes(members.length);
    for (int i = 0; i < members.length; i++) {
      members[i].join(codes.get(i));
    }
    awaitAllConnected(members);
  }

  static void awaitAllConnected(TestNode... members) {
    for (TestNode one : members) {
      for (TestNode other : members) {
        if (one != other) {
          await()
              .atMost(SOON)
              .untilAsserted(() ->
                  assertThat(one.peer(other).map(each -> each.get("connected").getAsBoolean()))
                      .as("%s sees %s", one.name(), other.name())
                      .contains(true));
        }
      }
    }
  }

  List<GroupCode> codes(int count) {
    return codes(count, 0, "");
  }

  /// What `relay pair` does. 0 seconds: the authorisation never ends.
  List<GroupCode> codes(int count, long expiresSeconds, String namespace) {
    GroupCode.NewGroup made =
        GroupCode.generate(
            count,
            relay.peerId(),
            new RelayHost.Ip(InetAddress.getLoopbackAddress(), port),
            namespace,
            KeyRandom.secure());
    JsonObject body = new JsonObject();
    body.addProperty("selector", made.spec().selectorHex());
    JsonArray hashes = new JsonArray();
    made.spec().tokenHashesHex().forEach(hashes::add);
    body.add("tokenHashes", hashes);
    body.addProperty("ttlSeconds", 3600);
    body.addProperty("expiresSeconds", expiresSeconds);
    body.addProperty("namespace", namespace);
    askRelay("POST", "/v1/groups", Optional.of(body));
    return made.codes();
  }

  JsonObject askRelay(String method, String path, Optional<JsonObject> body) {
    return ControlClient.of(relayHome).call(method, path, body.orElse(null), SOON);
  }

  /// Circuits that pass the relay now.
  int circuits() {
    return askRelay("GET", "/v1/relay", Optional.empty()).getAsJsonArray("circuits").size();
  }

  /// Connections that the relay has now.
  int connections() {
    return askRelay("GET", "/v1/relay", Optional.empty()).get("connections").getAsInt();
  }

  /// Members that hold a place at the relay now.
  List<String> reserved() {
    List<String> out = new ArrayList<>();
    for (JsonElement each :
        askRelay("GET", "/v1/members", Optional.empty()).getAsJsonArray("members")) {
      if (each.getAsJsonObject().get("reserved").getAsBoolean()) {
        out.add(each.getAsJsonObject().get("peerId").getAsString());
      }
    }
    return out;
  }

  Home relayHome() {
    return relayHome;
  }

  PeerId relayId() {
    return relay.peerId();
  }

  Multiaddr relayAddress() {
    return relay.addresses().getFirst();
  }

  Multiaddr relayAddressOverQuic() {
    return relay.addresses().stream().filter(Multiaddr::isQuic).findFirst().orElseThrow();
  }

  void stopRelay() {
    relay.close();
  }

  /// While it is stopped: what waited for its members is lost.
  void forgetMailboxes() {
    PrivateFiles.delete(relayHome.state("mailbox.json"));
  }

  /// In the same home, on the same port.
  void startRelay() {
    relay = RelayServer.start(relayHome, relayConfig(port, quicPort));
  }

  @Override
  public void close() {
    nodes.forEach(TestNode::close);
    relay.close();
  }
}
