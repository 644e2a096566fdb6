package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.control.CrashPoint;
import io.peerup.control.Failure;
import io.peerup.pairing.GroupCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `kill -9` of each process at each step of each file that a pairing writes: when it runs again,
/// one retry makes the pairing whole, and nothing that was used works for anybody else.
@Timeout(600)
class CrashIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  private final CrashWorld world;

  CrashIT(@TempDir Path folder) throws IOException {
    world = new CrashWorld(folder);
  }

  @BeforeEach
  void startWorld() throws IOException {
    world.start(RELAY);
    world.start("member");
    world.start("other");
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {RELAY, "joiner", "member"})
  void killedAtAnyStepOneRetryMakesThePairingWholeAndAUsedCodeStaysUsed(String role)
      throws Exception {
    int round = 0;
    for (String file : List.of("groups.json", "authorized_keys")) {
      for (String step : CrashPoint.steps()) {
        String joiner = "joiner-" + round++;
        world.start(joiner);
        killOnce(joiner, role.equals("joiner") ? joiner : role, file, step);
        world.kill(joiner);
      }
    }
  }

  private void killOnce(String joiner, String victim, String file, String step) throws Exception {
    List<GroupCode> codes = world.codes(3);
    GroupCode code = codes.get(1);
    world.join("member", codes.getFirst());
    world.orderDeath(victim, file, step);
    boolean answered = world.tryJoin(joiner, code);
    world.awaitDeath(victim);
    if (answered) {
      assertThat(world.usersOnDisk(code)).as("told yes").contains(world.id(joiner));
    }
    world.assertWhole(victim, false);
    world.start(victim);
    world.assertWhole(victim, true);

    world.join(joiner, code);
    assertThat(world.usersOnDisk(code)).contains(world.id(joiner)).hasSize(2);
    assertThat(world.authorised(RELAY)).contains(world.id(joiner));
    assertThat(world.authorised(joiner)).contains(world.id("member"));
    await()
        .atMost(SETTLE)
        .untilAsserted(() -> assertThat(world.authorised("member")).contains(world.id(joiner)));

    int failures = world.groupOnDisk(code).get("failures").getAsInt();
    assertThatThrownBy(() -> world.join("other", code))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("pairing-failed"));
    assertThat(world.groupOnDisk(code).get("failures").getAsInt()).isEqualTo(failures + 1);
    world.join("other", codes.get(2));
    await()
        .atMost(SETTLE)
        .untilAsserted(() -> assertThat(world.authorised(joiner)).contains(world.id("other")));
  }

  @Test
  void killedWhileItCountsAWrongCodeARelayNeverGivesAnAttemptBack() throws Exception {
    GroupCode used = world.codes(2).getFirst();
    world.join("member", used);
    for (String step : CrashPoint.steps()) {
      int before = world.groupOnDisk(used).get("failures").getAsInt();
      world.orderDeath(RELAY, "groups.json", step);
      CompletableFuture<Boolean> answer =
          CompletableFuture.supplyAsync(() -> world.tryJoin("other", used));
      world.awaitDeath(RELAY);
      int after = world.groupOnDisk(used).get("failures").getAsInt();
      assertThat(after).as("counter at %s", step).isBetween(before, before + 1);
      world.start(RELAY);
      assertThat(answer.get()).isFalse();
      assertThat(world.groupOnDisk(used).get("failures").getAsInt()).isGreaterThanOrEqualTo(after);
      if (after >= 2) {
        return; // the next one burns the group, which GroupStoreTest has
      }
    }
  }

  @Test
  void killedAtItsFirstStartADaemonHasOneIdentityOrNoneAndStartsAgain() throws Exception {
    int round = 0;
    for (String file : List.of("identity.key", "control.cookie")) {
      for (String step : CrashPoint.steps()) {
        String name = "fresh-" + round++;
        world.orderDeath(name, file, step);
        assertThat(world.launch(name)).isEmpty();
        world.awaitDeath(name);
        world.start(name);
        world.assertWhole(name, true);
        world.kill(name);
      }
    }
  }

  @Test
  void whenNothingCanBeWrittenPairingFailsWithOneErrorAndWorksAgainWithoutARestart()
      throws Exception {
    List<GroupCode> codes = world.codes(2);
    world.fillDisk(RELAY);
    assertThatThrownBy(() -> world.join("member", codes.getFirst()))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("pairing-failed"));
    assertThat(world.usersOnDisk(codes.getFirst())).isEmpty();
    world.freeDisk(RELAY);
    world.join("member", codes.getFirst());

    world.fillDisk("other");
    assertThatThrownBy(() -> world.join("other", codes.get(1)))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("file-unwritable");
              assertThat(e.message()).contains("no space left on device");
            });
    assertThat(world.authorised("other")).isEmpty();
    world.freeDisk("other");
    world.join("other", codes.get(1));
    assertThat(world.authorised("other")).contains(world.id("member"));
    for (String name : List.of(RELAY, "member", "other")) {
      world.assertWhole(name, true);
    }
  }
}
