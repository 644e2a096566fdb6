package io.peerup.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.group.Joiner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is wrong with a request, the answer looks the same and comes at the same time.
class UniformFailureIT {

  private static final int SAMPLES = 15;

  @TempDir Path directory;

  @Test
  void allCausesHaveTheSameBytesAndLeaveOnTheSameGridOfTime() {
    try (TestRelay relay = new TestRelay(directory.resolve("relay"));
        TestMember member = new TestMember(1);
        TestMember stranger = new TestMember(9)) {
      List<GroupCode> good = relay.pair(3);
      List<GroupCode> burned = relay.pair(1);
      assertThat(member.join(good.get(0), "home")).isTrue();
      Connection connection = stranger.connect(relay);
      for (int i = 0; i < 3; i++) {
        TestMember.ask(connection, Joiner.wrongToken(burned.getFirst(), 9));
      }
      byte[] badIntro = Joiner.request(good.get(1), 9);
      badIntro[badIntro.length - 40] ^= 1;

      Map<String, byte[]> requests = new LinkedHashMap<>();
      requests.put("burned", Joiner.request(burned.getFirst(), 9));
      requests.put("unknown group", Joiner.wrongSelector(good.get(1), 9));
      requests.put("introduction of another peer", Joiner.request(good.get(1), 8));
      requests.put("introduction with a changed bit", badIntro);
      requests.put("not a request", new byte[] {7});
      requests.put("nothing", new byte[0]);

      Map<String, Duration> medians = new LinkedHashMap<>();
      for (Map.Entry<String, byte[]> request : requests.entrySet()) {
        medians.put(
            request.getKey(),
            medianLateness(relay, stranger, request.getKey(), request.getValue()));
      }
      // Two causes that use something up can be sampled only a few times.
      Map<String, byte[]> once = new LinkedHashMap<>();
      once.put("wrong token", Joiner.wrongToken(good.get(1), 9));
      once.put("used by somebody else", Joiner.request(good.get(0), 9));
      once.forEach((cause, bytes) -> lateness(stranger.connect(relay), cause, bytes));
      lateness(member.connect(relay), "already a member", Joiner.request(good.get(1), 1));

      assertThat(medians.values())
          .as("median lateness behind the tick by cause: %s", medians)
          .allSatisfy(lateness -> assertThat(lateness).isLessThan(Duration.ofMillis(25)));
    }
  }

  private static Duration medianLateness(
      TestRelay relay, TestMember stranger, String cause, byte[] request) {
    List<Duration> samples = new ArrayList<>();
    // A connection for each cause: strangers stay for 15 s only.
    stranger.disconnect();
    Connection connection = stranger.connect(relay);
    for (int i = 0; i < SAMPLES; i++) {
      samples.add(lateness(connection, cause, request));
    }
    samples.sort(Duration::compareTo);
    return samples.get(SAMPLES / 2);
  }

  /// How long after a multiple of 50 ms the answer arrived. Checks the bytes and the least time.
  private static Duration lateness(Connection connection, String cause, byte[] request) {
    long start = System.nanoTime();
    byte[] answer = TestMember.ask(connection, request);
    long took = System.nanoTime() - start;
    Instant arrived = java.time.InstantSource.system().instant();
    assertThat(answer)
        .as("the answer to: %s", cause)
        .isEqualTo(PairMessages.encode(new PairMessages.Failed()));
    assertThat(Duration.ofNanos(took)).as(cause).isGreaterThan(Duration.ofMillis(99));
    return Duration.ofMillis(arrived.toEpochMilli() % 50);
  }
}
