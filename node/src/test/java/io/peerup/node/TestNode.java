package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// One daemon in a home of its own.
final class TestNode implements AutoCloseable {

  private final Home home;
  private final String name;
  private NodeDaemon daemon;

  TestNode(Path root, String name, String config) {
    this.home = Home.of(root).ensure();
    this.name = name;
    PrivateFiles.write(home.config(), config.getBytes(StandardCharsets.UTF_8));
    this.daemon = NodeDaemon.start(home, "test");
  }

  String name() {
    return name;
  }

  Home home() {
    return home;
  }

  PeerId id() {
    return daemon.peerId();
  }

  void stop() {
    daemon.close();
  }

  void start() {
    daemon = NodeDaemon.start(home, "test");
  }

  void awaitClose() throws InterruptedException {
    daemon.awaitClose();
  }

  JsonObject call(String method, String path, Optional<JsonObject> body) {
    return ControlClient.of(home).call(method, path, body.orElse(null), SOON);
  }

  JsonObject join(GroupCode code) {
    return join(code.text());
  }

  JsonObject join(String code) {
    JsonObject body = new JsonObject();
    body.addProperty("code", code);
    body.addProperty("name", name);
    return call("POST", "/v1/join", Optional.of(body));
  }

  /// As `peerup join CODE --network NAME`.
  JsonObject join(String code, String network) {
    JsonObject body = new JsonObject();
    body.addProperty("code", code);
    body.addProperty("name", name);
    body.addProperty("network", network);
    return call("POST", "/v1/join", Optional.of(body));
  }

  String network() {
    return status().get("network").getAsString();
  }

  JsonObject status() {
    return call("GET", "/v1/status", Optional.empty());
  }

  /// What status says of another node, or empty if it is not authorised.
  Optional<JsonObject> peer(TestNode other) {
    return peer(other.id());
  }

  Optional<JsonObject> peer(PeerId other) {
    for (JsonElement each : status().getAsJsonArray("peers")) {
      JsonObject peer = each.getAsJsonObject();
      if (peer.get("peerId").getAsString().equals(other.toString())) {
        return Optional.of(peer);
      }
    }
    return Optional.empty();
  }

  /// `direct`, `relayed`, `none`, or `unknown` for who is not authorised.
  String path(TestNode other) {
    return peer(other).map(peer -> peer.get("path").getAsString()).orElse("unknown");
  }

  void remove(TestNode other) {
    call("DELETE", "/v1/peers/" + other.id(), Optional.empty());
  }

  void addService(String service, int port, TestNode... allowed) {
    JsonObject body = new JsonObject();
    body.addProperty("name", service);
    body.addProperty("target", "127.0.0.1:" + port);
    JsonArray allow = new JsonArray();
    for (TestNode each : allowed) {
      allow.add(each.id().toString());
    }
    body.add("allow", allow);
    call("POST", "/v1/services", Optional.of(body));
  }

  void addUdpService(String service, int port) {
    JsonObject body = new JsonObject();
    body.addProperty("name", service);
    body.addProperty("target", "127.0.0.1:" + port);
    body.addProperty("protocol", "udp");
    call("POST", "/v1/services", Optional.of(body));
  }

  /// An open proxy.
  record Proxy(ControlStream lines, int port) implements AutoCloseable {
    JsonObject next() {
      return lines.next().orElseThrow();
    }

    @Override
    public void close() {
      lines.close();
    }
  }

  Proxy proxy(TestNode peer, String service) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", peer.id().toString());
    body.addProperty("service", service);
    body.addProperty("port", 0);
    ControlStream lines = ControlClient.of(home).open("POST", "/v1/proxy", body);
    return new Proxy(lines, lines.next().orElseThrow().get("port").getAsInt());
  }

  String authorizedKeys() {
    try {
      return Files.readString(home.authorizedKeys());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String authorizedKeysOrEmpty() {
    return Files.exists(home.authorizedKeys()) ? authorizedKeys() : "";
  }

  /// As an editor does: another file takes its place.
  void editAuthorizedKeys(String content) {
    PrivateFiles.write(home.authorizedKeys(), content.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    daemon.close();
  }
}
