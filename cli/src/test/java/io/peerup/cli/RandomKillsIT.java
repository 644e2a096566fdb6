package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.pairing.GroupCode;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` at random moments while devices pair, pair again and remove each other. `./x crash
/// --kills 300` runs the long one.
class RandomKillsIT {

  private static final int KILLS = Integer.getInteger("peerup.crash.kills", 10);
  private static final Duration SETTLE = Duration.ofSeconds(60);

  /// A daemon can be in sixteen groups, and each round makes one.
  private static final int ROUNDS_OF_A_WORLD = 12;

  /// A pairing on loopback takes about this long, the grid of the relay's answers included.
  private static final int DELAY_MILLIS_MAX = 300;

  @TempDir Path folder;

  private final SeededRandom random = SeededRandom.of(RandomKillsIT.class);

  @Test
  void afterEveryKillOneRetryLeavesBothPairedAndNoUsedCodeUseful() throws Exception {
    for (int kill = 0; kill < KILLS; kill += ROUNDS_OF_A_WORLD) {
      try (CrashWorld world = new CrashWorld(Files.createDirectory(folder.resolve("w" + kill)))) {
        for (String name : List.of(RELAY, "a", "b", "c")) {
          world.start(name);
        }
        for (int round = kill; round < Math.min(KILLS, kill + ROUNDS_OF_A_WORLD); round++) {
          try {
            round(world);
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                "kill %d; replay: ./x crash --kills %d --seed %d"
                    .formatted(round, KILLS, SeededRandom.seed()),
                e);
          }
        }
      }
    }
  }

  private void round(CrashWorld world) throws IOException, InterruptedException {
    List<String> devices = new ArrayList<>(List.of("a", "b", "c"));
    Collections.rotate(devices, random.nextInt(devices.size()));
    String one = devices.get(0);
    String two = devices.get(1);
    String third = devices.get(2);
    String victim = List.of(RELAY, one, two).get(random.nextInt(3));
    int delay = random.nextInt(DELAY_MILLIS_MAX);
    // Who knows each other already would have nothing to write.
    world.remove(one, two);
    world.remove(two, one);
    List<GroupCode> codes = world.codes(3);
    CompletableFuture<Boolean> first =
        CompletableFuture.supplyAsync(() -> world.tryJoin(one, codes.get(0)));
    CompletableFuture<Boolean> second =
        CompletableFuture.supplyAsync(() -> world.tryJoin(two, codes.get(1)));
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delay));
    world.kill(victim);
    world.assertWhole(victim, false);
    world.start(victim);
    world.assertWhole(victim, true);
    boolean firstWasTold = first.join();
    boolean secondWasTold = second.join();
    if (firstWasTold) {
      assertThat(world.usersOnDisk(codes.get(0))).contains(world.id(one));
    }
    if (secondWasTold) {
      assertThat(world.usersOnDisk(codes.get(0))).contains(world.id(two));
    }
    world.join(one, codes.get(0));
    world.join(two, codes.get(1));
    assertThat(world.authorised(RELAY)).contains(world.id(one), world.id(two));
    await()
        .atMost(SETTLE)
        .untilAsserted(() -> {
          assertThat(world.authorised(one)).contains(world.id(two));
          assertThat(world.authorised(two)).contains(world.id(one));
        });
    assertThat(world.tryJoin(third, codes.get(random.nextInt(2)))).as("a used code").isFalse();
    world.join(third, codes.get(2));
    assertThat(world.usersOnDisk(codes.get(0)))
        .containsExactlyInAnyOrder(world.id(one), world.id(two), world.id(third));
    removeAndKill(world, third, one);
  }

  /// A removal that is killed is whole after one retry, and nothing brings the peer back.
  private void removeAndKill(CrashWorld world, String name, String other)
      throws IOException, InterruptedException {
    CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> world.remove(name, other));
    if (random.nextInt(4) == 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(20)));
      world.kill(name);
      world.start(name);
      world.assertWhole(name, true);
    }
    removal.join();
    world.remove(name, other);
    assertThat(world.authorised(name)).doesNotContain(world.id(other));
  }
}
