package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.testkit.FreePort;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The main job with real processes: one relay, several daemons, every command a process of its
/// own.
@Timeout(300)
class ProcessesIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  private DemoWorld world;
  private final int relayPort = FreePort.choose();

  @BeforeEach
  void startWorld() throws IOException {
    world = new DemoWorld();
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  @Test
  void threeDevicesJoinAndEveryPairIsMutual() throws Exception {
    startRelay();
    List<String> codes = codes(3);
    join("a", codes.get(0), "alpha");
    join("b", codes.get(1), "beta");
    join("c", codes.get(2), "gamma");
    awaitMutual(Map.of("a", "alpha", "b", "beta", "c", "gamma"), List.of("a", "b", "c"), true);
  }

  @Test
  void fiveDevicesWithEqualNamesOfflineMembersAndARestartedRelayEndMutualWithTheSameNames()
      throws Exception {
    startRelay();
    List<String> codes = codes(5);
    join("a", codes.get(3), "laptop");
    join("b", codes.get(0), "laptop");
    world.run("a", "daemon", "stop");
    join("c", codes.get(4), "laptop");
    stopRelay();
    startRelay();
    join("d", codes.get(1), "phone");
    world.run("b", "daemon", "stop");
    join("e", codes.get(2), "laptop");
    world.run("a", "daemon", "start");
    world.run("b", "daemon", "start");

    List<String> devices = List.of("a", "b", "c", "d", "e");
    awaitAllConnected(devices, 4);
    Map<String, String> names = namesSeenBy("a", devices);
    assertThat(names.values())
        .containsExactlyInAnyOrder("laptop", "laptop-2", "laptop-3", "laptop-4", "phone");
    for (String device : devices) {
      assertThat(namesSeenBy(device, devices)).as("names as %s sees them", device).isEqualTo(names);
    }
  }

  @Test
  void aCodeWorksOnceForOneDeviceAndAgainForTheSameDevice() throws Exception {
    startRelay();
    List<String> codes = codes(2);
    join("a", codes.get(0), "alpha");
    assertThatThrownBy(() -> join("b", codes.get(0), "beta"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo("pairing-failed");
              assertThat(failure.message()).isEqualTo("pairing failed");
            });
    assertThat(ControlClient.of(world.home("b")).isRunning())
        .as("a daemon that only a failed join started")
        .isFalse();
    assertThat(join("a", codes.get(0), "alpha").get("daemon").getAsString()).isEqualTo("running");
    join("b", codes.get(1), "beta");
    awaitAllConnected(List.of("a", "b"), 1);
  }

  @Test
  void threeWrongTokensBurnTheGroupAndMembersStay() throws Exception {
    startRelay();
    List<String> codes = codes(2);
    List<String> others = codes(2);
    join("a", codes.get(0), "alpha");
    join("x", others.get(0), "xi");
    // A used code of the right group, shown by somebody else, is a wrong token three times over;
    // the second
    // failure already locks the address out.
    for (String stranger : List.of("s1", "s2", "s3")) {
      assertThatThrownBy(() -> join(stranger, codes.get(0), "nobody")).isInstanceOf(Failure.class);
    }
    assertThatThrownBy(() -> join("b", codes.get(1), "beta"))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.message()).isEqualTo("pairing failed"));
    assertThat(peers("a")).isEmpty();
    assertThat(
            status("a")
                .getAsJsonArray("relays")
                .get(0)
                .getAsJsonObject()
                .get("reserved")
                .getAsBoolean())
        .isTrue();
  }

  @Test
  void aRemovedPeerLosesItsConnectionWithinASecondAndNoRelayBringsItBack() throws Exception {
    startRelay();
    List<String> codes = codes(2);
    join("a", codes.get(0), "alpha");
    join("b", codes.get(1), "beta");
    awaitAllConnected(List.of("a", "b"), 1);
    world.run("a", "peer", "remove", "beta");
    await()
        .atMost(Duration.ofSeconds(3))
        .untilAsserted(() -> {
          assertThat(peers("a")).isEmpty();
          assertThat(peers("b").get(0).getAsJsonObject().get("connected").getAsBoolean()).isFalse();
        });
    world.run("a", "daemon", "stop");
    world.run("a", "daemon", "start");
    stopRelay();
    startRelay();
    await().atMost(SETTLE).untilAsserted(() -> assertThat(reserved("a")).isTrue());
    assertThat(peers("a")).isEmpty();
  }

  @Test
  void aSecondDaemonOnTheSameHomeIsRefusedAndTheFirstGoesOn() throws Exception {
    world.start("a", "daemon");
    Process second = world.launch("a", "daemon");
    String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(said).contains("\"home-in-use\"");
    assertThat(status("a").get("peerId").getAsString()).startsWith("12D3KooW");
  }

  @Test
  void noSecretOfACodeIsInTheRelaysFiles() throws Exception {
    startRelay();
    List<String> codes = codes(2);
    join("a", codes.get(0), "alphaname");
    for (java.nio.file.Path file : files(world.home("relay").root())) {
      String content = java.nio.file.Files.readString(file, StandardCharsets.ISO_8859_1);
      for (String code : codes) {
        // The token and the group secret lie within symbols 2 to 42; any eight of them would be
        // telling.
        String symbols = code.replace("-", "");
        for (int i = 2; i + 8 <= 42; i++) {
          assertThat(content).as("%s", file).doesNotContain(symbols.substring(i, i + 8));
        }
      }
      assertThat(content).as("%s", file).doesNotContain("alphaname");
    }
  }

  private static List<java.nio.file.Path> files(java.nio.file.Path root) throws IOException {
    try (var all = java.nio.file.Files.walk(root)) {
      return all.filter(java.nio.file.Files::isRegularFile).toList();
    }
  }

  private void startRelay() {
    world.start(
        "relay",
        "relay",
        "serve",
        "--listen",
        "/ip4/127.0.0.1/tcp/" + relayPort,
        "--listen",
        "/ip4/127.0.0.1/udp/" + relayPort + "/quic-v1");
  }

  private void stopRelay() {
    DaemonProcess.stop(world.home("relay"));
  }

  private List<String> codes(int count) throws Exception {
    JsonObject made = world.run("relay", "relay", "pair", "--count", "" + count, "--ttl", "1h");
    List<String> codes = new ArrayList<>();
    made.getAsJsonArray("codes").forEach(each -> codes.add(each.getAsString()));
    assertThat(codes).hasSize(count).doesNotHaveDuplicates();
    return codes;
  }

  private JsonObject join(String device, String code, String name) throws Exception {
    world.home(device).ensure();
    PrivateFiles.write(
        world.home(device).config(),
        "version: 1\nnetwork:\n  listen: [/ip4/127.0.0.1/tcp/0, /ip4/127.0.0.1/udp/0/quic-v1]\n"
            .getBytes(StandardCharsets.UTF_8));
    return world.run(device, "join", code, "--name", name);
  }

  private JsonObject status(String device) {
    return ControlClient.of(world.home(device))
        .call("GET", "/v1/status", null, Duration.ofSeconds(10));
  }

  private JsonArray peers(String device) {
    return status(device).getAsJsonArray("peers");
  }

  private boolean reserved(String device) {
    JsonArray relays = status(device).getAsJsonArray("relays");
    return !relays.isEmpty() && relays.get(0).getAsJsonObject().get("reserved").getAsBoolean();
  }

  private void awaitAllConnected(List<String> devices, int others) {
    await()
        .atMost(SETTLE)
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(() -> {
          for (String device : devices) {
            int connected = 0;
            for (JsonElement peer : peers(device)) {
              connected += peer.getAsJsonObject().get("connected").getAsBoolean() ? 1 : 0;
            }
            assertThat(connected).as("connected peers of %s", device).isEqualTo(others);
          }
        });
  }

  private void awaitMutual(Map<String, String> names, List<String> devices, boolean ping)
      throws Exception {
    awaitAllConnected(devices, devices.size() - 1);
    for (String from : devices) {
      for (String to : devices) {
        if (ping && !from.equals(to)) {
          List<String> lines =
              world.lines(
                  from, "ping", names.getOrDefault(to, to), "--count", "2", "--interval", "10");
          assertThat(lines.getLast()).contains("\"received\":2");
        }
      }
    }
  }

  /// Peer id to name, the device's own name included.
  private Map<String, String> namesSeenBy(String device, List<String> all) {
    JsonObject status = status(device);
    Map<String, String> names = new TreeMap<>();
    names.put(status.get("peerId").getAsString(), status.get("name").getAsString());
    for (JsonElement peer : status.getAsJsonArray("peers")) {
      names.put(
          peer.getAsJsonObject().get("peerId").getAsString(),
          peer.getAsJsonObject().get("name").getAsString());
    }
    assertThat(names).as("everybody %s knows", device).hasSize(all.size());
    return names;
  }
}
