package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.CrashPoint;
import io.peerup.control.Failure;
import io.peerup.control.client.ControlClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of each process at the files that a pairing by link writes: when it runs again, both
/// trust each other after one retry, and the link admits nobody else. Some writes and steps; all of
/// them with `-Dpeerup.crash.invites=true`.
@Timeout(5400)
class LinkCrashIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  /// Who dies at which step of which write of a file.
  private record Death(String who, String file, int nth, String step) {}

  private final CrashWorld world;

  LinkCrashIT(@TempDir Path folder) throws IOException {
    world = new CrashWorld(folder);
  }

  @BeforeEach
  void startWorld() throws IOException {
    world.start(RELAY);
    world.start("member");
    world.start("other");
    world.join("member", world.codes(1).getFirst());
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  /// The maker writes the use with its acknowledgement, that the trust entry is written, and whom
  /// it waits to hear from. The joiner writes the drop, that it was left, its network, the trust
  /// entry, and that it is paired. The relay writes what is left with whom.
  private static List<Death> deaths() {
    if (!Boolean.getBoolean("peerup.crash.invites")) {
      return List.of(
          new Death("member", "links.json", 1, "RENAMED"),
          new Death("joiner", "links.json", 3, "WRITTEN"),
          new Death(RELAY, "mailbox.json", 2, "RENAMED"));
    }
    List<Death> all = new ArrayList<>();
    for (String step : CrashPoint.steps()) {
      all.add(new Death("member", "links.json", 1, step));
      all.add(new Death("member", "links.json", 2, step));
      all.add(new Death("member", "authorized_keys", 1, step));
      all.add(new Death("joiner", "links.json", 1, step));
      all.add(new Death("joiner", "links.json", 2, step));
      all.add(new Death("joiner", "links.json", 3, step));
      all.add(new Death("joiner", "invites.json", 1, step));
      all.add(new Death("joiner", "authorized_keys", 1, step));
      all.add(new Death(RELAY, "mailbox.json", 1, step));
      all.add(new Death(RELAY, "mailbox.json", 2, step));
    }
    return all;
  }

  @Test
  void killedAnywhereOneRetryPairsBothAndTheLinkAdmitsNobodyElse() throws Exception {
    int round = 0;
    for (Death each : deaths()) {
      String joiner = "joiner-" + round++;
      world.start(joiner);
      killOnce(joiner, each);
      world.kill(joiner);
    }
  }

  private void killOnce(String joiner, Death death) throws Exception {
    String url = mint();
    String victim = death.who().equals("joiner") ? joiner : death.who();
    world.orderDeath(victim, death.file(), death.step(), death.nth());
    // Strangers may ask a relay twenty times a minute from one address: here all come from one.
    await()
        .atMost(SETTLE.multipliedBy(3))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> {
          tryAccept(joiner, url);
          return !ControlClient.of(world.home(victim)).isRunning();
        });
    world.awaitDeath(victim);
    world.assertWhole(victim, false);
    world.start(victim);
    world.assertWhole(victim, true);

    await()
        .atMost(SETTLE.multipliedBy(3))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> tryAccept(joiner, url));
    assertThat(world.authorised(joiner)).contains(world.id("member"));
    assertThat(world.authorised("member")).contains(world.id(joiner));
    assertThatThrownBy(() -> accept("other", url))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isIn("link-refused", "link-used"));
    assertThat(world.authorised("member")).doesNotContain(world.id("other"));
    assertThat(world.authorised("other")).isEmpty();
  }

  private String mint() {
    JsonObject request = new JsonObject();
    request.addProperty("ttlSeconds", 3600);
    request.addProperty("uses", 1);
    request.addProperty("defaultName", "member");
    return await()
        .atMost(SETTLE)
        .ignoreExceptionsMatching(Failure.class::isInstance)
        .until(() -> world.call("member", "POST", "/v1/links", request), _ -> true)
        .get("url")
        .getAsString();
  }

  private JsonObject accept(String name, String url) {
    JsonObject request = new JsonObject();
    request.addProperty("code", url);
    request.addProperty("name", "device-" + name);
    request.addProperty("waitSeconds", 3);
    return world.call(name, "POST", "/v1/join", request);
  }

  /// Whether it is paired; a process that dies meanwhile is a no.
  private boolean tryAccept(String name, String url) {
    try {
      return accept(name, url).get("status").getAsString().equals("paired");
    } catch (Failure e) {
      return false;
    }
  }
}
