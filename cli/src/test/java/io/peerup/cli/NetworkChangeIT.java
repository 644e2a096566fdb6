package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.client.ControlClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A running daemon whose machine goes from one network into another: real processes on machines
/// that are network namespaces. The laptop moves; a relay and the device at home stay.
@Timeout(300)
class NetworkChangeIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  /// From the cable until pings pass both ways: five seconds at most until the laptop looks, as
  /// many until the other ones know that nobody is at its old address; the rest is for a busy
  /// machine.
  private static final Duration BACK = Duration.ofSeconds(30);

  @TempDir Path folder;
  private LanWorld world;

  @BeforeEach
  void joinThroughARelay() throws Exception {
    world = new LanWorld(folder);
    for (String name : List.of("relay", "home", "laptop")) {
      world.plug(name);
      world.configure(name, "discovery:\n  lan: false\n");
    }
    String listen = "/ip4/" + world.address("relay") + "/tcp/7777";
    Process relay = world.peerup("relay", "relay", "serve", "--listen", listen);
    assertThat(LanWorld.line(relay)).contains("\"event\"");
    JsonObject made = world.result(world.peerup("relay", "relay", "pair", "--count", "2"));
    List<JsonElement> codes = made.getAsJsonArray("codes").asList();
    for (String name : List.of("home", "laptop")) {
      world.daemon(name);
      JsonElement code = codes.removeFirst();
      world.join(
          name,
          code.isJsonObject()
              ? code.getAsJsonObject().get("code").getAsString()
              : code.getAsString());
    }
    awaitConnected(SETTLE);
  }

  @AfterEach
  void endWorld() {
    if (world != null) {
      world.close();
    }
  }

  private boolean reserved(String device) {
    JsonElement relay = status(device).getAsJsonArray("relays").get(0);
    return relay.getAsJsonObject().get("reserved").getAsBoolean();
  }

  private JsonObject status(String device) {
    return world.call(device, "GET", "/v1/status");
  }

  private String pathTo(String device, String peer) {
    return status(device).getAsJsonArray("peers").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(each -> each.get("name").getAsString().equals(peer))
        .map(each -> each.get("path").getAsString())
        .findFirst()
        .orElse("unknown");
  }

  /// Until both sides have a direct path and the laptop its relay.
  private void awaitConnected(Duration atMost) {
    await()
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> {
          assertThat(reserved("laptop")).isTrue();
          assertThat(pathTo("laptop", "home")).isEqualTo("direct");
          assertThat(pathTo("home", "laptop")).isEqualTo("direct");
        });
  }

  private boolean pinged(String device, String peer) {
    JsonObject request = new JsonObject();
    request.addProperty("peer", peer);
    request.addProperty("count", 1);
    request.addProperty("intervalMs", 20);
    List<JsonObject> said = new ArrayList<>();
    ControlClient.of(world.home(device)).stream("POST", "/v1/ping", request, said::add);
    return said.stream()
        .anyMatch(line ->
            line.has("rttMs")
                && !line.get("rttMs").isJsonNull()
                && line.get("path").getAsString().equals("direct"));
  }

  private void awaitBack(String what) {
    long plugged = System.nanoTime();
    // A status may be of before: only what passes now counts.
    for (List<String> ends : List.of(List.of("laptop", "home"), List.of("home", "laptop"))) {
      await()
          .atMost(BACK)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> pinged(ends.getFirst(), ends.getLast()));
    }
    awaitConnected(BACK);
    Duration took = Duration.ofNanos(System.nanoTime() - plugged);
    System.out.printf("%s: back after %d ms%n", what, took.toMillis());
    assertThat(took).isLessThan(BACK);
  }

  private void awaitAlone() {
    await()
        .atMost(SETTLE)
        .untilAsserted(() -> assertThat(pathTo("laptop", "home")).isNotEqualTo("direct"));
  }

  @Test
  void connectionsToRelayAndPeerComeBackByThemselvesFromAnotherAddress() throws Exception {
    world.unplug("laptop");
    world.plugAgain("laptop", "10.77.9.9");
    awaitBack("another address at once");
    assertThat(status("laptop").getAsJsonArray("listenAddrs").toString())
        .contains("10.77.9.9")
        .doesNotContain("/" + world.address("laptop") + "/");
  }

  @Test
  void neitherALongOutageNorDialsThatNobodyAnswersDelayTheReturn() throws Exception {
    world.unplug("laptop");
    // A network that swallows everything: dials hang there until their time is up.
    world.plugIntoNowhere("laptop", "10.77.8.8");
    awaitAlone();
    // Long enough for a pause of some seconds between attempts, and for one to be under way.
    TimeUnit.SECONDS.sleep(10);
    world.unplug("laptop");
    world.plugAgain("laptop", "10.77.9.9");
    awaitBack("after nowhere");
  }
}
