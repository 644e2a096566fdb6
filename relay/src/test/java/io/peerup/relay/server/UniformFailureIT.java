package io.peerup.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.Connection;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.Limits;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.RelayHost;
import io.peerup.relay.group.Joiner;
import io.peerup.testkit.Alone;
import io.peerup.testkit.Samples;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is wrong with a request, the answer has the same bytes and comes at the same time:
/// statistics over several connections at once.
///
/// Each connection goes through all causes in turn, each starting with another one, and asks all of
/// them at one distance from the tick, another one in each round. So whatever slows this machine
/// down for a while slows every cause down alike, no cause has a luckier phase than another, and
/// what remains between two causes is the relay's doing. `./x uniform` takes 2000 samples a cause.
@Alone
class UniformFailureIT {

  private enum Cause {
    UNKNOWN_GROUP,
    USED_CODE,
    EXPIRED_GROUP,
    BURNED_GROUP,
    WRONG_TOKEN,
    BROKEN_INTRODUCTION,
    ALREADY_A_MEMBER,
    NOT_A_REQUEST,
    STORAGE_FAILS
  }

  private static final int SAMPLES = Integer.getInteger("peerup.uniform.samples", 60);
  private static final int CONNECTIONS = 10;

  /// Of the group that is to have expired: time for one to join it, on a busy machine too.
  private static final Duration LIFE = Duration.ofSeconds(5);

  /// What an observer may learn: the difference of medians, and the distance of the distributions.
  private static final double MEDIANS_MILLIS_MAX = 2;

  private static final double DISTANCE_MAX = 0.1;

  private static final long TICK_NANOS = Limits.ANSWER_TICK.toNanos();
  private static final byte[] REFUSED = PairMessages.encode(new PairMessages.Failed());

  @TempDir Path directory;

  private final Map<Cause, Samples> latency = samples();
  private final Map<Cause, Samples> lateness = samples();

  /// How long after its moment a question was asked.
  private final Map<Cause, Samples> overslept = samples();

  private static Map<Cause, Samples> samples() {
    Map<Cause, Samples> all = new EnumMap<>(Cause.class);
    for (Cause cause : Cause.values()) {
      all.put(cause, new Samples());
    }
    return all;
  }

  @Test
  void allCausesHaveTheSameBytesAndTheSameDistributionOfTimes() throws Exception {
    try (TestRelay relay = new TestRelay(directory.resolve("relay"));
        TestRelay broken = new TestRelay(directory.resolve("broken"));
        TestMember owner = new TestMember(1)) {
      List<GroupCode> burned = relay.pair(1);
      List<GroupCode> home = relay.pair(CONNECTIONS + 1);
      List<GroupCode> expired = relay.pair(2, LIFE.toSeconds(), 0);
      Instant end = InstantSource.system().instant().plus(LIFE);
      assertThat(owner.join(expired.get(0), "home")).isTrue();
      for (int i = 0; i < 3; i++) {
        TestMember.ask(owner.connect(relay), Joiner.wrongToken(burned.getFirst(), 1));
      }
      GroupCode good = broken.pair(1).getFirst();

      try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Asker> askers = new ArrayList<>();
        for (int number = 0; number < CONNECTIONS; number++) {
          askers.add(
              new Asker(
                  number, relay, broken, owner, home, expired.get(1), burned.getFirst(), good));
        }
        breakStorage(broken);
        await()
            .atMost(LIFE.plusSeconds(5))
            .until(() -> InstantSource.system().instant().isAfter(end));
        all(tasks, askers);
        askers.forEach(Asker::close);
      }
    }
    // How late this machine is at whatever it does: medians that are nearer tell nothing.
    double answering = Samples.medianNoise(lateness.values());
    double asking = Samples.medianNoise(overslept.values());
    // Moments are spread over a tick: a few of them lie between medians by chance.
    double chance = 4.0 * TICK_NANOS / 1e6 / SAMPLES;
    check("from request to answer", latency, chance + asking + answering);
    check("behind the tick", lateness, answering);
  }

  private static void all(ExecutorService tasks, List<Asker> askers)
      throws InterruptedException, ExecutionException {
    for (Future<Void> each : tasks.invokeAll(askers)) {
      each.get();
    }
  }

  /// From now on nothing this relay decides can be written: a folder lies where its file belongs.
  private static void breakStorage(TestRelay broken) throws IOException {
    Path file = broken.home().state("groups.json");
    Files.delete(file);
    Files.createDirectories(file.resolve("in the way"));
  }

  private static void check(String what, Map<Cause, Samples> samples, double noiseMillis) {
    // With few samples chance alone is larger than what is asked of the relay.
    double bound = Math.max(DISTANCE_MAX, Samples.noise(SAMPLES));
    double millis = Math.max(MEDIANS_MILLIS_MAX, noiseMillis);
    StringBuilder table = new StringBuilder();
    double distance = 0;
    double least = Double.MAX_VALUE;
    double most = 0;
    for (Map.Entry<Cause, Samples> one : samples.entrySet()) {
      Samples own = one.getValue();
      double farthest = 0;
      for (Samples other : samples.values()) {
        farthest = Math.max(farthest, own.distance(other));
      }
      distance = Math.max(distance, farthest);
      least = Math.min(least, own.median());
      most = Math.max(most, own.median());
      table.append(
          "%n  %-20s n=%d median %.2f ms, distance %.3f, told apart %.1f %%"
              .formatted(one.getKey(), own.size(), own.median(), farthest, 50 * (1 + farthest)));
    }
    System.out.println("time of refusals, " + what + ":" + table);
    assertThat(distance).as("distance of two causes, %s:%s", what, table).isLessThan(bound);
    assertThat(most - least).as("difference of medians, %s:%s", what, table).isLessThan(millis);
  }

  /// One connection to each relay, which asks its questions one after the other.
  private final class Asker implements Callable<Void> {
    private final int number;
    private final TestRelay relay;
    private final TestMember member;
    private final Map<Cause, byte[]> requests = new EnumMap<>(Cause.class);
    private final Connection toRelay;
    private final Connection toBroken;
    private final List<GroupCode> own;
    private final SplittableRandom chance;

    Asker(
        int number,
        TestRelay relay,
        TestRelay broken,
        TestMember owner,
        List<GroupCode> home,
        GroupCode expired,
        GroupCode burned,
        GroupCode good) {
      this.number = number;
      this.relay = relay;
      this.chance = new SplittableRandom(number);
      int key = 10 + number;
      member = new TestMember(key);
      assertThat(member.join(home.get(number), "device")).isTrue();
      broken.authorize(member.id());
      own = relay.pair(3);
      assertThat(owner.join(own.getFirst(), "home")).isTrue();
      owner.disconnect();
      toRelay = member.connect(relay);
      toBroken = member.connect(broken);
      requests.put(Cause.UNKNOWN_GROUP, Joiner.wrongSelector(own.get(1), key));
      requests.put(Cause.USED_CODE, Joiner.request(own.get(0), key));
      requests.put(Cause.EXPIRED_GROUP, Joiner.request(expired, key));
      requests.put(Cause.BURNED_GROUP, Joiner.request(burned, key));
      requests.put(Cause.WRONG_TOKEN, Joiner.wrongToken(own.get(1), key));
      requests.put(Cause.ALREADY_A_MEMBER, Joiner.request(home.get(CONNECTIONS), key));
      requests.put(Cause.NOT_A_REQUEST, new byte[] {7});
      requests.put(Cause.STORAGE_FAILS, Joiner.request(good, key));
    }

    @Override
    public Void call() {
      Cause[] causes = Cause.values();
      for (int round = 0; round * CONNECTIONS < SAMPLES; round++) {
        forgetFailures();
        long phase = chance.nextLong(TICK_NANOS);
        for (int i = 0; i < causes.length; i++) {
          Cause cause = causes[(i + number + round) % causes.length];
          awaitPhase(phase);
          double late = Math.floorMod(sinceTick() - phase, TICK_NANOS) / 1e6;
          Objects.requireNonNull(overslept.get(cause)).add(late);
          sample(cause);
        }
      }
      return null;
    }

    /// Waits until it is this long after a tick.
    private static void awaitPhase(long phase) {
      LockSupport.parkNanos(Math.floorMod(phase - sinceTick(), TICK_NANOS));
    }

    private static long sinceTick() {
      Instant now = InstantSource.system().instant();
      return Math.floorMod(now.getEpochSecond() * 1_000_000_000 + now.getNano(), TICK_NANOS);
    }

    /// Two of the causes count; fresh codes for the group keep it from burning.
    private void forgetFailures() {
      GroupCode.NewGroup fresh =
          own.getFirst()
              .reissue(
                  2,
                  new RelayHost.Ip(InetAddress.getLoopbackAddress(), relay.port()),
                  Joiner.random(chance.nextLong()));
      JsonObject body = new JsonObject();
      JsonArray hashes = new JsonArray();
      fresh.spec().tokenHashesHex().forEach(hashes::add);
      body.add("tokenHashes", hashes);
      body.addProperty("ttlSeconds", 3600);
      relay.call("POST", "/v1/groups/" + own.getFirst().groupId() + "/codes", body);
      byte[] broken = Joiner.request(fresh.codes().getFirst(), 10 + number);
      broken[broken.length - 40] ^= 1;
      requests.put(Cause.BROKEN_INTRODUCTION, broken);
    }

    private void sample(Cause cause) {
      Connection connection = cause == Cause.STORAGE_FAILS ? toBroken : toRelay;
      long start = System.nanoTime();
      byte[] answer = TestMember.ask(connection, Objects.requireNonNull(requests.get(cause)));
      long took = System.nanoTime() - start;
      double late = sinceTick() / 1e6;
      assertThat(answer).as("the answer to %s", cause).isEqualTo(REFUSED);
      Objects.requireNonNull(latency.get(cause)).add(took / 1e6);
      Objects.requireNonNull(lateness.get(cause)).add(late);
    }

    void close() {
      member.close();
    }
  }
}
