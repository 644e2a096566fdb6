package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.RelayHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Daemons join groups of a real relay, early, late, offline, and wrongly.
class GroupIT {

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

  /// What each device calls the others.
  private static Map<String, String> names(TestNode node) {
    Map<String, String> names = new TreeMap<>();
    for (JsonElement each : node.status().getAsJsonArray("peers")) {
      JsonObject peer = each.getAsJsonObject();
      names.put(peer.get("peerId").getAsString(), peer.get("name").getAsString());
    }
    names.put(node.id().toString(), node.status().get("name").getAsString());
    return names;
  }

  private static void awaitAllKnowAll(TestNode... nodes) {
    Set<String> all =
        Arrays.stream(nodes).map(node -> node.id().toString()).collect(Collectors.toSet());
    for (TestNode node : nodes) {
      await().atMost(SOON).until(() -> names(node).keySet().equals(all));
    }
  }

  @Test
  void devicesThatJoinAtTheSameMomentKnowEachOther() throws Exception {
    int count = 4;
    List<GroupCode> codes = network.codes(count);
    TestNode[] all = new TestNode[count];
    for (int i = 0; i < count; i++) {
      all[i] =
          new TestNode(
              directory.resolve("twin-" + i),
              "twin-" + i,
              "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\n");
    }
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> joins = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        TestNode node = all[i];
        GroupCode code = codes.get(i);
        joins.add(tasks.submit(() -> node.join(code)));
      }
      for (Future<?> join : joins) {
        join.get();
      }
      awaitAllKnowAll(all);
    } finally {
      Arrays.stream(all).forEach(TestNode::close);
    }
  }

  @Test
  void lateAndOfflineMembersEndMutualWithTheSameNamesAlsoAfterRestarts() {
    // All are called the same; two never run at the same time with the first.
    List<GroupCode> codes = network.codes(4);
    TestNode[] all = new TestNode[4];
    for (int i = 0; i < 4; i++) {
      all[i] =
          new TestNode(
              directory.resolve("device-" + i),
              "laptop",
              "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\n");
    }
    try {
      JsonObject first = all[0].join(codes.get(0));
      assertThat(first.get("name").getAsString()).isEqualTo("laptop");
      assertThat(first.getAsJsonArray("peers")).isEmpty();
      all[0].stop();
      JsonObject second = all[1].join(codes.get(1));
      assertThat(second.getAsJsonArray("peers")).hasSize(1);
      network.stopRelay();
      network.startRelay();
      JsonObject third = all[2].join(codes.get(2));
      assertThat(third.getAsJsonArray("peers")).hasSize(2);
      assertThat(third.getAsJsonArray("warnings")).isEmpty();
      all[1].stop();
      all[0].start();
      all[3].join(codes.get(3));
      all[1].start();

      awaitAllKnowAll(all);
      TestNetwork.awaitAllConnected(all);
      Map<String, String> names = names(all[0]);
      assertThat(new HashSet<>(names.values()))
          .isEqualTo(Set.of("laptop", "laptop-2", "laptop-3", "laptop-4"));
      for (TestNode node : all) {
        assertThat(names(node)).isEqualTo(names);
      }
      all[2].stop();
      all[2].start();
      assertThat(names(all[2])).isEqualTo(names);
      TestNetwork.awaitAllConnected(all);
    } finally {
      for (TestNode node : all) {
        node.close();
      }
    }
  }

  @Test
  void aRelayThatRestartsGetsItsMembersBackAndThePathsWithThem() {
    TestNode home = network.relayedNode("home");
    TestNode laptop = network.relayedNode("laptop");
    network.pair(home, laptop);
    await().atMost(SOON).until(() -> network.reserved().size() == 2);
    network.stopRelay();
    await().atMost(SOON).until(() -> home.path(laptop).equals("none"));
    await()
        .atMost(SOON)
        .until(() ->
            !home.status()
                .getAsJsonArray("relays")
                .get(0)
                .getAsJsonObject()
                .get("reserved")
                .getAsBoolean());
    network.startRelay();
    await().atMost(SOON).until(() -> network.reserved().size() == 2);
    TestNetwork.awaitAllConnected(home, laptop);
    assertThat(home.path(laptop)).isEqualTo("relayed");
  }

  @Test
  void aDirectPathOutlivesItsRelay() {
    TestNode home = network.node("home");
    TestNode laptop = network.node("laptop");
    network.pair(home, laptop);
    await().atMost(SOON).until(() -> home.path(laptop).equals("direct"));
    network.stopRelay();
    await().atMost(SOON).until(() -> !home.status().toString().contains("\"reserved\":true"));
    assertThat(home.path(laptop)).isEqualTo("direct");
    assertThat(laptop.path(home)).isEqualTo("direct");
  }

  @Test
  void theSameCodeAgainChangesNothingAndForAnotherDeviceItFails() {
    TestNode home = network.node("home");
    TestNode laptop = network.node("laptop");
    List<GroupCode> codes = network.codes(2);
    home.join(codes.get(0));
    laptop.join(codes.get(1));
    awaitAllKnowAll(home, laptop);
    String keys = home.authorizedKeys();
    assertThat(home.join(codes.get(0)).getAsJsonArray("peers")).hasSize(1);
    assertThat(home.authorizedKeys()).isEqualTo(keys);
    TestNode thief = network.node("thief");
    fails(thief, codes.get(0).text(), "pairing-failed");
    assertThat(thief.status().getAsJsonArray("peers")).isEmpty();
    assertThat(thief.status().getAsJsonArray("relays")).isEmpty();
    assertThat(Files.exists(thief.home().state("groups.json"))).isFalse();
  }

  @Test
  void oneNodeIsInTwoGroupsOfOneRelay() {
    TestNode home = network.node("home");
    TestNode laptop = network.node("laptop");
    TestNode phone = network.node("phone");
    List<GroupCode> one = network.codes(2);
    List<GroupCode> two = network.codes(2);
    home.join(one.get(0));
    laptop.join(one.get(1));
    home.join(two.get(0));
    phone.join(two.get(1));
    await().atMost(SOON).until(() -> names(laptop).size() == 2);
    await().atMost(SOON).until(() -> names(home).size() == 3);
    assertThat(names(phone).keySet())
        .isEqualTo(Set.of(home.id().toString(), phone.id().toString()));
    assertThat(laptop.peer(phone)).isEmpty();
    // Joining over a connection of its own left one connection, and one place.
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(home.status().getAsJsonArray("relays")).hasSize(1);
          assertThat(network.connections()).isEqualTo(3);
        });
  }

  @Test
  void aNodeOfOneNetworkRefusesACodeOfAnotherBeforeItIsSpent() {
    TestNode home = network.node("home");
    home.join(network.codes(1, 0, "lab").getFirst());
    assertThat(home.status().get("network").getAsString()).isEqualTo("lab");
    GroupCode other = network.codes(1, 0, "attic").getFirst();
    Failure refused = fails(home, other.text(), "other-network");
    assertThat(refused.message()).contains("attic").contains("lab");
    assertThat(refused.hint()).contains("--home");
    fails(home, network.codes(1).getFirst().text(), "other-network");
    home.join(network.codes(1, 0, "lab").getFirst());
    TestNode laptop = network.node("laptop");
    laptop.join(other);
    assertThat(laptop.status().get("network").getAsString()).isEqualTo("attic");
  }

  @Test
  void wrongCodesAreToldApartFromWrongRelaysAndUnreachableOnes() throws IOException {
    TestNode home = network.node("home");
    String good = network.codes(1).getFirst().text();
    assertThat(fails(home, good.substring(0, good.length() - 3), "bad-code").message())
        .contains("short");
    char last = good.charAt(20) == 'A' ? 'B' : 'A';
    assertThat(fails(home, good.substring(0, 20) + last + good.substring(21), "bad-code").message())
        .contains("mistyped");
    // Made by another relay, for this address.
    fails(home, code(Ids.peer(50), network), "wrong-relay");
    try (Socket silent = new Socket()) {
      // Nobody listens on a port that is bound to something else.
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = silent.getLocalPort();
      Failure unreachable = fails(home, code(Ids.peer(50), port), "relay-unreachable");
      assertThat(unreachable.message()).contains("tcp/" + port);
      assertThat(unreachable.hint()).contains("relay");
    }
    // Something answers there, and it is no libp2p.
    try (ServerSocket web =
        Targets.start(socket -> {
          socket
              .getOutputStream()
              .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          socket.getInputStream().read();
        })) {
      fails(home, code(Ids.peer(50), web.getLocalPort()), "relay-unreachable");
    }
    // The right relay, which has never heard of this group.
    fails(home, code(network.relayId(), network), "pairing-failed");
    assertThat(home.status().getAsJsonArray("relays")).isEmpty();
    home.join(good);
  }

  private static String code(PeerId relay, TestNetwork network) {
    return code(relay, network.relayAddress().socketAddress().orElseThrow().getPort());
  }

  private static String code(PeerId relay, int port) {
    return GroupCode.generate(
            1,
            relay,
            new RelayHost.Ip(InetAddress.getLoopbackAddress(), port),
            "",
            KeyRandom.secure())
        .codes()
        .getFirst()
        .text();
  }

  private static Failure fails(TestNode node, String code, String expected) {
    try {
      node.join(code);
    } catch (Failure e) {
      assertThat(e.code()).as(e.message()).isEqualTo(expected);
      assertThat(e.hint()).isNotEmpty();
      return e;
    }
    throw new AssertionError(code + " was taken");
  }

  @Test
  void aNameThatCannotBeUsedIsRefusedBeforeAnythingIsSent() {
    TestNode home = network.node("home");
    GroupCode code = network.codes(1).getFirst();
    for (String name : List.of("", "-x", "a\u202eb", "x".repeat(65), home.id().toString())) {
      JsonObject body = new JsonObject();
      body.addProperty("code", code.text());
      body.addProperty("name", name);
      assertThatThrownBy(() -> home.call("POST", "/v1/join", Optional.of(body)))
          .as(name)
          .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("bad-name"));
    }
    home.join(code);
  }

  @Test
  void whatAUserRenamedKeepsItsNameAndTakenNamesAreRefused() {
    TestNode home = network.node("home");
    TestNode laptop = network.node("laptop");
    TestNode phone = network.node("phone");
    network.pair(home, laptop, phone);
    JsonObject body = new JsonObject();
    body.addProperty("name", "phone");
    assertThatThrownBy(() -> home.call("POST", "/v1/peers/laptop/rename", Optional.of(body)))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("name-in-use"));
    body.addProperty("name", "old laptop");
    home.call("POST", "/v1/peers/laptop/rename", Optional.of(body));
    home.stop();
    home.start();
    TestNetwork.awaitAllConnected(home, laptop);
    assertThat(home.peer(laptop).orElseThrow().get("name").getAsString()).isEqualTo("old laptop");
    assertThat(names(phone)).containsEntry(laptop.id().toString(), "laptop");
    assertThat(
            home.call("DELETE", "/v1/peers/old%20laptop", Optional.empty())
                .get("peerId")
                .getAsString())
        .isEqualTo(laptop.id().toString());
  }
}
