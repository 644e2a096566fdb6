package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.testkit.FreePort;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Invite links with real processes: a relay, daemons, and every command a process of its own.
@Timeout(300)
class LinkProcessesIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  private DemoWorld world;
  private final int relayPort = FreePort.choose();

  @BeforeEach
  void startWorld() throws Exception {
    world = new DemoWorld();
    startRelay();
    String code =
        world
            .run("relay", "relay", "pair", "--count", "1")
            .getAsJsonArray("codes")
            .get(0)
            .getAsString();
    listenOnLoopback("home");
    world.run("home", "join", code, "--name", "home");
    await()
        .atMost(SETTLE)
        .until(() -> status("home").getAsJsonArray("relays").toString().contains("d\":true"));
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  private void startRelay() {
    world.start("relay", "relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/" + relayPort);
  }

  private void listenOnLoopback(String device) {
    world.home(device).ensure();
    PrivateFiles.write(
        world.home(device).config(),
        "version: 1\nnetwork:\n  listen: [/ip4/127.0.0.1/tcp/0]\n"
            .getBytes(StandardCharsets.UTF_8));
  }

  private JsonObject status(String device) {
    return ControlClient.of(world.home(device))
        .call("GET", "/v1/status", null, Duration.ofSeconds(10));
  }

  private boolean sees(String device, String name) {
    for (JsonElement each : status(device).getAsJsonArray("peers")) {
      JsonObject peer = each.getAsJsonObject();
      if (peer.get("name").getAsString().equals(name)) {
        return peer.get("connected").getAsBoolean();
      }
    }
    return false;
  }

  private JsonObject accept(String device, String url, String... more) throws Exception {
    listenOnLoopback(device);
    List<String> words =
        new ArrayList<>(List.of("accept", url, "--name", device, "--non-interactive"));
    words.addAll(List.of(more));
    return world.run(device, words.toArray(String[]::new));
  }

  @Test
  void aLinkIsAcceptedWhileItsMakerIsOfflineAndTheRelayIsRestartedInBetween() throws Exception {
    JsonObject link = world.run("home", "invite", "--url", "--ttl", "2h", "--non-interactive");
    String url = link.get("url").getAsString();
    world.run("home", "daemon", "stop");

    JsonObject accepted = accept("laptop", url, "--no-wait");
    assertThat(accepted.get("status").getAsString()).isEqualTo("drop_sent");
    assertThat(accepted.get("daemon").getAsString()).isEqualTo("started");
    JsonObject waiting = status("laptop").getAsJsonArray("waitingFor").get(0).getAsJsonObject();
    assertThat(waiting.get("name").getAsString()).isEqualTo("home");
    assertThat(status("laptop").getAsJsonArray("peers")).isEmpty();

    DaemonProcess.stop(world.home("relay"));
    startRelay();
    world.run("home", "daemon", "start");
    await().atMost(SETTLE).until(() -> sees("home", "laptop") && sees("laptop", "home"));
    assertThat(world.lines("laptop", "ping", "home", "--count", "2", "--interval", "10").getLast())
        .contains("\"received\":2");

    assertThatThrownBy(() -> accept("thief", url))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("link-refused");
              assertThat(e.message()).contains("already used");
            });
    assertThat(ControlClient.of(world.home("thief")).isRunning())
        .as("a daemon that only a failed acceptance started")
        .isFalse();
    assertThat(Files.exists(world.home("thief").authorizedKeys())).isFalse();
    assertThat(status("home").getAsJsonArray("peers")).hasSize(1);
    // The one that is in may do it again.
    assertThat(accept("laptop", url).get("status").getAsString()).isEqualTo("paired");
  }

  @Test
  void whomTheMakerBlocksIsAdmittedByNoLinkAndWhomTheRelayBlocksLeavesNoDrop() throws Exception {
    listenOnLoopback("thief");
    world.run("thief", "init");
    String thief = world.run("thief", "whoami").get("peerId").getAsString();
    JsonObject link = world.run("home", "invite", "--url", "--uses", "2");
    world.run("home", "peer", "block", "--id", thief);
    String url = link.get("url").getAsString();
    assertThat(accept("thief", url, "--no-wait").get("status").getAsString())
        .isEqualTo("drop_sent");
    await()
        .atMost(SETTLE)
        .until(() ->
            world
                .run("home", "invite", "list", "--all")
                .get("refused")
                .toString()
                .contains(thief + " is blocked here"));
    assertThat(
            world
                .run("home", "invite", "show", link.get("id").getAsString())
                .getAsJsonArray("usedBy"))
        .isEmpty();

    world.run("relay", "peer", "block", "--id", thief);
    String other = world.run("home", "invite", "--url").get("url").getAsString();
    assertThatThrownBy(() -> accept("thief", other))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("relay-unreachable"));
    assertThat(world.run("relay", "relay", "info").toString()).doesNotContain(thief);
    assertThat(status("home").getAsJsonArray("peers")).isEmpty();
    assertThat(status("thief").getAsJsonArray("peers")).isEmpty();
  }

  @Test
  void joinTakesALinkAndOneAlteredOrRevokedIsRefused() throws Exception {
    JsonObject link = world.run("home", "invite", "--url", "--uses", "3");
    String url = link.get("url").getAsString();
    String id = link.get("id").getAsString();
    int at = url.length() - 40;
    String altered =
        url.substring(0, at) + (url.charAt(at) == 'A' ? 'B' : 'A') + url.substring(at + 1);
    assertThatThrownBy(() -> accept("laptop", altered))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.message()).contains("damaged or forged"));
    assertThat(Files.exists(world.home("laptop").identityKey())).as("nothing was begun").isFalse();

    listenOnLoopback("laptop");
    JsonObject joined = world.run("laptop", "join", url, "--name", "laptop");
    assertThat(joined.get("status").getAsString()).isEqualTo("paired");
    await().atMost(SETTLE).until(() -> sees("home", "laptop") && sees("laptop", "home"));
    assertThat(world.run("home", "invite", "show", id).getAsJsonArray("usedBy")).hasSize(1);
    assertThat(world.run("laptop", "invite", "show", url).get("name").getAsString())
        .isEqualTo("home");

    world.run("home", "invite", "revoke", id);
    assertThatThrownBy(() -> accept("late", url))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("link-refused"));
    assertThat(status("home").getAsJsonArray("peers")).hasSize(1);
  }
}
