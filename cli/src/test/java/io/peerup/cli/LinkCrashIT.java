package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.CrashPoint;
import io.peerup.control.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of each process at the files that a pairing by link writes: when it runs again, both
/// trust each other after one retry, and the link admits nobody else. One step of each file, in
/// turn; all of them with `-Dpeerup.crash.links=all`.
@Timeout(900)
class LinkCrashIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  /// Who dies when it writes which file.
  private record Death(String who, String file, String step) {}

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

  private static List<Death> deaths() {
    List<String> steps = new ArrayList<>();
    CrashPoint.steps().forEach(steps::add);
    boolean all = System.getProperty("peerup.crash.links", "").equals("all");
    List<Death> out = new ArrayList<>();
    for (List<String> each :
        List.of(
            List.of("member", "links.json"),
            List.of("member", "authorized_keys"),
            List.of("joiner", "links.json"),
            List.of("joiner", "authorized_keys"),
            List.of("joiner", "invites.json"),
            List.of(RELAY, "mailbox.json"))) {
      for (int i = 0; i < steps.size(); i++) {
        if (all || i == out.size() % steps.size()) {
          out.add(new Death(each.getFirst(), each.getLast(), steps.get(i)));
          if (!all) {
            break;
          }
        }
      }
    }
    return out;
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
    world.orderDeath(victim, death.file(), death.step());
    CompletableFuture<Boolean> first = CompletableFuture.supplyAsync(() -> tryAccept(joiner, url));
    world.awaitDeath(victim);
    world.assertWhole(victim, false);
    world.start(victim);
    world.assertWhole(victim, true);

    await().atMost(SETTLE).pollInterval(Duration.ofSeconds(1)).until(() -> tryAccept(joiner, url));
    first.join();
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
    request.addProperty("waitSeconds", 15);
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
