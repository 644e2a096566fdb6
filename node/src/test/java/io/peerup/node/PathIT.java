package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import io.peerup.pairing.GroupCode;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Paths between daemons, and what status, its stream and ping say of them.
class PathIT {

  @TempDir Path directory;

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
  void aRelayedPathBecomesDirectAndTheRelayedOneGoesOnceItIsIdle() throws Exception {
    TestNode home = network.node("home");
    TestNode laptop = network.node("laptop");
    List<GroupCode> codes = network.codes(2);
    try (ServerSocket echo = Targets.start(Targets::echo)) {
      home.join(codes.get(0));
      home.addService("echo", echo.getLocalPort());
      laptop.join(codes.get(1));
      await().atMost(SOON).until(() -> laptop.path(home).equals("direct"));
      await().atMost(SOON).until(() -> home.path(laptop).equals("direct"));
      try (TestNode.Proxy proxy = laptop.proxy(home, "echo");
          Socket local = Targets.connect(proxy.port())) {
        local.getOutputStream().write('x');
        assertThat(local.getInputStream().read()).isEqualTo('x');
        await().atMost(SOON).until(() -> network.circuits() == 0);
        local.getOutputStream().write('y');
        assertThat(local.getInputStream().read()).isEqualTo('y');
      }
      assertThat(laptop.path(home)).isEqualTo("direct");
    }
  }

  @Test
  void nodesThatMayNotGoDirectStayOnTheRelay() {
    TestNode home = network.relayedNode("home");
    // It listens, and could be dialled.
    TestNode laptop =
        network.add(
            "laptop", "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\nrelay:\n  direct: false\n");
    network.pair(home, laptop);
    assertThat(home.path(laptop)).isEqualTo("relayed");
    await().atMost(SOON).until(() -> ping(home, "laptop", 1).size() == 3);
    assertThat(home.path(laptop)).isEqualTo("relayed");
    assertThat(network.circuits()).isPositive();
  }

  @Test
  void twoNodesWithoutADirectWayMeetAgainAfterOneRestarts() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    laptop.stop();
    await().atMost(SOON).until(() -> home.path(laptop).equals("none"));
    laptop.start();
    TestNetwork.awaitAllConnected(home, laptop);
  }

  /// The field names that others script against.
  @Test
  void statusHasEveryPromisedField() {
    TestNode home = network.node("home");
    TestNode laptop = network.relayedNode("laptop");
    JsonObject alone = home.status();
    assertThat(alone.keySet())
        .contains(
            "peerId",
            "name",
            "network",
            "uptimeSeconds",
            "listenAddrs",
            "relays",
            "reachability",
            "peers");
    assertThat(alone.getAsJsonArray("peers")).isEmpty();
    assertThat(alone.getAsJsonArray("relays")).isEmpty();
    network.pair(home, laptop);
    await().atMost(SOON).until(() -> reserved(home));
    JsonObject status = home.status();
    assertThat(status.get("peerId").getAsString()).isEqualTo(home.id().toString());
    assertThat(status.get("name").getAsString()).isEqualTo("home");
    assertThat(status.get("uptimeSeconds").getAsLong()).isNotNegative();
    assertThat(status.getAsJsonArray("listenAddrs").get(0).getAsString())
        .startsWith("/ip4/127.0.0.1/tcp/");
    JsonObject relay = status.getAsJsonArray("relays").get(0).getAsJsonObject();
    assertThat(relay.get("peerId").getAsString()).isEqualTo(network.relayId().toString());
    assertThat(relay.get("addr").getAsString()).startsWith("/ip4/127.0.0.1/tcp/");
    assertThat(relay.get("reserved").getAsBoolean()).isTrue();
    JsonObject reachability = status.getAsJsonObject("reachability");
    assertThat(reachability.keySet()).contains("grade", "label", "confidence", "evidence");
    assertThat(reachability.get("evidence").isJsonArray()).isTrue();
    assertThat(status.getAsJsonArray("relayedAddrs").get(0).getAsString())
        .endsWith("/p2p-circuit/p2p/" + home.id());
    await().atMost(SOON).until(() -> !home.peer(laptop).orElseThrow().get("rttMs").isJsonNull());
    JsonObject peer = home.peer(laptop).orElseThrow();
    assertThat(peer.get("name").getAsString()).isEqualTo("laptop");
    assertThat(peer.get("verified").getAsBoolean()).isFalse();
    assertThat(peer.get("connected").getAsBoolean()).isTrue();
    assertThat(peer.get("path").getAsString()).isIn("relayed", "direct");
    assertThat(peer.get("rttMs").getAsDouble()).isPositive();
    if (peer.get("path").getAsString().equals("relayed")) {
      assertThat(peer.get("relay").getAsString()).isEqualTo(network.relayId().toString());
    } else {
      assertThat(peer.get("relay").isJsonNull()).isTrue();
    }
    laptop.stop();
    await().atMost(SOON).until(() -> home.path(laptop).equals("none"));
    JsonObject gone = home.peer(laptop).orElseThrow();
    assertThat(gone.get("connected").getAsBoolean()).isFalse();
    assertThat(gone.get("relay").isJsonNull()).isTrue();
    assertThat(gone.get("rttMs").isJsonNull()).isTrue();
  }

  private static boolean reserved(TestNode node) {
    return node.status().toString().contains("\"reserved\":true");
  }

  @Test
  void aWatcherHearsOfChangesAndOnlyOfThose() {
    TestNode home = network.node("home");
    try (ControlStream watch =
        ControlClient.of(home.home()).open("GET", "/v1/status/stream", null)) {
      assertThat(watch.next().orElseThrow().get("peerId").getAsString())
          .isEqualTo(home.id().toString());
      home.editAuthorizedKeys(Ids.peer(5) + " name=attic\n");
      JsonObject news = watch.next().orElseThrow();
      while (news.getAsJsonArray("peers").isEmpty()) {
        news = watch.next().orElseThrow();
      }
      assertThat(news.getAsJsonArray("peers").toString()).contains("attic");
    }
  }

  private static List<JsonObject> ping(TestNode from, String peer, int count) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", peer);
    body.addProperty("count", count);
    body.addProperty("intervalMs", 10);
    List<JsonObject> lines = new ArrayList<>();
    ControlClient.of(from.home()).stream("POST", "/v1/ping", body, lines::add);
    return lines;
  }

  @Test
  void pingsAreCountedTimedAndSummedUpAlsoWhenNobodyAnswers() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    List<JsonObject> lines = ping(home, "laptop", 5);
    assertThat(lines).hasSize(7);
    for (int seq = 0; seq < 5; seq++) {
      JsonObject line = lines.get(1 + seq);
      assertThat(line.get("seq").getAsInt()).isEqualTo(seq);
      assertThat(line.get("rttMs").getAsDouble()).isPositive();
      assertThat(line.get("path").getAsString()).isEqualTo("relayed");
    }
    JsonObject summary = lines.getLast().getAsJsonObject("summary");
    assertThat(summary.get("sent").getAsInt()).isEqualTo(5);
    assertThat(summary.get("received").getAsInt()).isEqualTo(5);
    assertThat(summary.get("lossPercent").getAsDouble()).isZero();
    assertThat(summary.get("minMs").getAsDouble())
        .isLessThanOrEqualTo(summary.get("avgMs").getAsDouble());

    laptop.stop();
    await().atMost(SOON).until(() -> home.path(laptop).equals("none"));
    List<JsonObject> lost = ping(home, "laptop", 2);
    assertThat(lost).hasSize(4);
    for (JsonObject line : lost.subList(1, 3)) {
      assertThat(line.get("rttMs").isJsonNull()).isTrue();
      assertThat(line.get("path").getAsString()).isEqualTo("none");
      assertThat(line.get("message").getAsString()).isNotEmpty();
    }
    JsonObject nothing = lost.getLast().getAsJsonObject("summary");
    assertThat(nothing.get("received").getAsInt()).isZero();
    assertThat(nothing.get("lossPercent").getAsDouble()).isEqualTo(100);
    assertThatThrownBy(() -> ping(home, "nobody", 1))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("no-such-peer");
              assertThat(e.hint()).contains("laptop");
            });
  }

  @Test
  void aHomeIsUsedByOneDaemonAndADamagedOneStartsNoneAndLeavesNothingOpen() throws Exception {
    TestNode home = network.node("home");
    assertThatThrownBy(() -> NodeDaemon.start(home.home(), "test"))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("home-in-use"));
    assertThat(home.status().has("peerId")).isTrue();
    home.stop();
    Path groups = home.home().state("groups.json");
    PrivateFiles.write(groups, new byte[] {'{'});
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(home::start)
          .isInstanceOfSatisfying(
              Failure.class, e -> assertThat(e.code()).isEqualTo("state-damaged"));
    }
    PrivateFiles.delete(groups);
    home.start();
    assertThat(home.status().has("peerId")).isTrue();
  }

  /// Nobody wrote down where to listen: both transports, on every address.
  @Test
  void withoutAWordANodeListensOnTcpAndQuic() {
    TestNode home = network.add("home", "");
    JsonArray listening = home.status().getAsJsonArray("listenAddrs");
    assertThat(listening.asList())
        .extracting(JsonElement::getAsString)
        .anyMatch(address -> address.matches("/ip4/127\\.0\\.0\\.1/tcp/[1-9][0-9]*"))
        .anyMatch(address -> address.matches("/ip4/127\\.0\\.0\\.1/udp/[1-9][0-9]*/quic-v1"));
  }

  /// Also when another listener works: whoever wrote an address down wants that one.
  @Test
  void aUdpPortInUseIsSaidSo() throws Exception {
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() ->
              network.add(
                  "home",
                  "network:\n  listen: [/ip4/127.0.0.1/tcp/0, /ip4/127.0.0.1/udp/%d/quic-v1]\n"
                      .formatted(taken.getLocalPort())))
          .isInstanceOfSatisfying(
              Failure.class,
              e -> {
                assertThat(e.code()).isEqualTo("address-in-use");
                assertThat(e.message()).contains("udp/" + taken.getLocalPort());
              });
    }
  }

  @Test
  void aPortInUseIsSaidSoWithTheKeyToChange() throws Exception {
    try (ServerSocket taken = Targets.start(Targets::echo)) {
      assertThatThrownBy(() ->
              network.add(
                  "home",
                  "network:\n  listen: [/ip4/127.0.0.1/tcp/%d]\n".formatted(taken.getLocalPort())))
          .isInstanceOfSatisfying(
              Failure.class,
              e -> {
                assertThat(e.code()).isEqualTo("address-in-use");
                assertThat(e.message()).contains("tcp/" + taken.getLocalPort());
                assertThat(e.hint()).contains("network.listen");
              });
    }
  }

  @Test
  void aRequestToShutDownIsHeard() throws Exception {
    TestNode home = network.node("home");
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                home.awaitClose();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    home.call("POST", "/v1/shutdown", Optional.empty());
    assertThat(waiting.join(SOON)).isTrue();
  }

  @Test
  void everySettingThatCannotBeUsedIsNamedWithItsLine() {
    assertThatThrownBy(() ->
            network.add(
                "home",
                """
                network:
                  listen:
                    - /ip4/127.0.0.1/udp/1
                    - nonsense
                relay:
                  addresses:
                    - /ip4/203.0.113.9/tcp/7777
                    - /ip4/203.0.113.9/udp/7777/p2p/%s
                """
                    .formatted(Ids.peer(5))))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("config-invalid");
              assertThat(e.message().lines())
                  .hasSize(4)
                  .satisfiesExactly(
                      line -> assertThat(line).contains(":3: network.listen"),
                      line -> assertThat(line).contains(":4: network.listen"),
                      line -> assertThat(line).contains(":7: relay.addresses").contains("/p2p/"),
                      line ->
                          assertThat(line).contains(":8: relay.addresses").contains("tcp/7777"));
            });
  }
}
