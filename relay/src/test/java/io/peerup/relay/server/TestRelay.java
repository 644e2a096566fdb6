package io.peerup.relay.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.RelayHost;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.testkit.FreePort;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A relay in a home of its own on loopback, asked over its control socket as the command line
/// does.
final class TestRelay implements AutoCloseable {

  private static final Duration SOON = Duration.ofSeconds(20);

  /// What a stranger may speak with a relay; all else is for members.
  static final Set<String> FOR_STRANGERS =
      Set.of(PairMessages.PAIR_PROTOCOL, RendezvousMessages.PROTOCOL, MailboxMessages.PROTOCOL);

  private final Home home;
  private final InstantSource clock;
  private final int port = FreePort.choose();
  private RelayServer server;

  TestRelay(Path root) {
    this(root, InstantSource.system());
  }

  TestRelay(Path root, InstantSource clock) {
    this.home = Home.of(root);
    this.clock = clock;
    this.server = RelayServer.start(home, config(port), clock);
  }

  static Config config(int port) {
    Config defaults = Config.defaults();
    return new Config(
        defaults.file(),
        defaults.network(),
        defaults.discovery(),
        defaults.relay(),
        new Config.RelayServer(
            List.of(new Located<>("/ip4/127.0.0.1/tcp/" + port, "relay-server.listen[0]", 1)),
            defaults.relayServer().membersInvite(),
            defaults.relayServer().limits()),
        defaults.secrets(),
        defaults.log());
  }

  /// Stops it and starts it again in the same home, on the same port.
  void restart() {
    server.close();
    server = RelayServer.start(home, config(port), clock);
  }

  Home home() {
    return home;
  }

  int port() {
    return port;
  }

  PeerId id() {
    return server.peerId();
  }

  Multiaddr address() {
    return server.addresses().getFirst();
  }

  RelayServer server() {
    return server;
  }

  JsonObject call(String method, String path, @Nullable JsonObject body) {
    return ControlClient.of(home).call(method, path, body, SOON);
  }

  /// What `relay pair --count n` does.
  List<GroupCode> pair(int count) {
    return pair(count, 3600, 0);
  }

  List<GroupCode> pair(int count, long ttlSeconds, long expiresSeconds) {
    GroupCode.NewGroup made =
        GroupCode.generate(
            count,
            id(),
            new RelayHost.Ip(InetAddress.getLoopbackAddress(), port),
            "",
            KeyRandom.secure());
    JsonObject body = new JsonObject();
    body.addProperty("selector", made.spec().selectorHex());
    JsonArray hashes = new JsonArray();
    made.spec().tokenHashesHex().forEach(hashes::add);
    body.add("tokenHashes", hashes);
    body.addProperty("ttlSeconds", ttlSeconds);
    body.addProperty("expiresSeconds", expiresSeconds);
    body.addProperty("namespace", "");
    call("POST", "/v1/groups", body);
    return made.codes();
  }

  JsonObject onlyGroup() {
    JsonArray groups = call("GET", "/v1/groups", null).getAsJsonArray("groups");
    if (groups.size() != 1) {
      throw new AssertionError("not one group: " + groups);
    }
    return groups.get(0).getAsJsonObject();
  }

  void authorize(PeerId peer) {
    JsonObject body = new JsonObject();
    body.addProperty("peerId", peer.toString());
    call("POST", "/v1/members", body);
  }

  void deauthorize(PeerId peer) {
    call("DELETE", "/v1/members/" + peer, null);
  }

  JsonObject info() {
    return call("GET", "/v1/relay", null);
  }

  List<String> members() {
    List<String> out = new ArrayList<>();
    for (JsonElement one : call("GET", "/v1/members", null).getAsJsonArray("members")) {
      out.add(one.getAsJsonObject().get("peerId").getAsString());
    }
    return out;
  }

  @Override
  public void close() {
    server.close();
  }
}
