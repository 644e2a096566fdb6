package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.control.CrashPoint;
import io.peerup.control.Failure;
import io.peerup.libp2p.PeerId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of the inviter, the joiner or the relay at each step of each file that a pairing with
/// an invite writes: when it runs again, one retry with the same code pairs both, and the code
/// works for nobody else. A build takes the steps at which files disagree; `./x crash` takes all.
@Timeout(1800)
class InviteCrashIT {

  private static final boolean ALL = Boolean.getBoolean("peerup.crash.invites");
  private static final Duration SETTLE = Duration.ofSeconds(60);

  /// A round asks the relay three times for a code, and it answers one address ten times a minute.
  private static final int ROUNDS_OF_A_RELAY = 3;

  /// Where a process dies.
  ///
  /// @param victim who
  /// @param file which it writes then
  /// @param nth which of its writes, counted from when the code was made
  /// @param step how far it gets
  private record Death(String victim, String file, int nth, String step) {}

  private final CrashWorld world;

  InviteCrashIT(@TempDir Path folder) throws IOException {
    world = new CrashWorld(folder);
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  /// The inviter writes whom it admits, the trust entry, that the entry is written, and that the
  /// joiner knows. The joiner writes its attempt, its network, the trust entry. The relay writes
  /// whom the inviter vouches for.
  private static List<Death> deaths() {
    if (!ALL) {
      return List.of(
          new Death("inviter", "invites.json", 1, "RENAMED"),
          new Death("joiner", "authorized_keys", 1, "RENAMED"),
          new Death(RELAY, "authorized_keys", 1, "RENAMED"));
    }
    List<Death> all = new ArrayList<>();
    for (String step : CrashPoint.steps()) {
      for (int nth = 1; nth <= 3; nth++) {
        all.add(new Death("inviter", "invites.json", nth, step));
      }
      all.add(new Death("inviter", "authorized_keys", 1, step));
      all.add(new Death("joiner", "invites.json", 1, step));
      all.add(new Death("joiner", "invites.json", 2, step));
      all.add(new Death("joiner", "authorized_keys", 1, step));
      all.add(new Death(RELAY, "authorized_keys", 1, step));
    }
    return all;
  }

  @Test
  void killedAtAnyStepOneRetryPairsBothAndTheCodeWorksForNobodyElse() throws Exception {
    world.start(RELAY);
    world.start("inviter");
    world.start("other");
    world.join("inviter", world.codes(1).getFirst());
    int round = 0;
    for (Death death : deaths()) {
      if (round % ROUNDS_OF_A_RELAY == 0 && round > 0) {
        world.kill(RELAY);
        world.start(RELAY);
      }
      String joiner = "joiner-" + round++;
      world.start(joiner);
      try {
        killOnce(joiner, death);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(death + " as " + joiner, e);
      }
      world.kill(joiner);
      // A member brings sixteen others at a time.
      world.call(RELAY, "DELETE", "/v1/members/" + world.id(joiner), null);
    }
  }

  private void killOnce(String joiner, Death death) throws Exception {
    String victim = death.victim().equals("joiner") ? joiner : death.victim();
    awaitPlace();
    String code = world.invite("inviter");
    world.orderDeath(victim, death.file(), death.step(), death.nth());
    boolean told = joinUntilDeath(joiner, code, victim);
    world.assertWhole(victim, false);
    if (told) {
      // Only what comes after the joiner has all may have been lost.
      assertThat(world.authorised(joiner)).containsExactly(world.id("inviter"));
      assertThat(world.authorised("inviter")).contains(world.id(joiner));
    }
    if (world.authorised(joiner).contains(world.id("inviter"))) {
      assertThat(world.authorised("inviter"))
          .as("the joiner is the second to believe it")
          .contains(world.id(joiner));
    }
    world.start(victim);
    world.assertWhole(victim, true);
    awaitPlace();
    retry(joiner, code, victim);
    assertThat(world.authorised(joiner)).containsExactly(world.id("inviter"));
    assertThat(world.authorised("inviter")).contains(world.id(joiner));
    await()
        .atMost(SETTLE)
        .untilAsserted(
            () -> assertThat(world.invitesOnDisk("inviter").getAsJsonArray("pending")).isEmpty());

    Set<PeerId> before = world.authorised("inviter");
    assertThat(world.tryJoin("other", code)).as("a used code for somebody else").isFalse();
    assertThat(world.authorised("inviter")).isEqualTo(before).doesNotContain(world.id("other"));
    assertThat(world.authorised("other")).isEmpty();
  }

  /// Whether the joiner was told that it is paired.
  private boolean joinUntilDeath(String joiner, String code, String victim)
      throws InterruptedException {
    Optional<Failure> refused = Optional.empty();
    try {
      world.join(joiner, code);
    } catch (Failure e) {
      refused = Optional.of(e);
    }
    try {
      world.awaitDeath(victim);
    } catch (AssertionError e) {
      refused.ifPresent(e::addSuppressed);
      throw e;
    }
    return refused.isEmpty();
  }

  /// A relay that was killed has forgotten who waits, until that one says so again.
  private void retry(String joiner, String code, String victim) {
    if (victim.equals(RELAY)) {
      await()
          .atMost(SETTLE)
          .pollInterval(Duration.ofSeconds(8))
          .pollDelay(Duration.ZERO)
          .until(() -> world.tryJoin(joiner, code));
    } else {
      world.join(joiner, code);
    }
  }

  private void awaitPlace() {
    await().atMost(SETTLE).until(() -> world.isReserved("inviter"));
  }
}
