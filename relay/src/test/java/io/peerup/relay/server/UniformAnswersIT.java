package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.pairing.rendezvous.Limits;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages.Find;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.group.UniformProtocol;
import io.peerup.relay.mailbox.MailboxClient;
import io.peerup.relay.rendezvous.RendezvousClient;
import io.peerup.testkit.Alone;
import io.peerup.testkit.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How long a relay takes to say no to a lookup and to a deposit: statistics over several
/// connections at once, each of which goes through all causes in turn, as in [UniformFailureIT].
@Alone
class UniformAnswersIT {

  private static final int SAMPLES = 60;
  private static final int CONNECTIONS = 5;

  private static final long TICK_NANOS = io.peerup.pairing.Limits.ANSWER_TICK.toNanos();
  private static final Duration TTL = Duration.ofHours(1);
  private static final Selector UNKNOWN = Selector.ofText(Selector.TYPED, "AAAAAAA");
  private static final Selector TRIED_TOO_OFTEN = Selector.ofText(Selector.TYPED, "EJWJ7KQ");

  @TempDir Path directory;

  private final MovedClock clock = new MovedClock();
  private final List<TestMember> members = new ArrayList<>();
  private final Map<String, Samples> samples = new LinkedHashMap<>();
  private TestRelay relay;

  @BeforeEach
  void start() {
    relay = new TestRelay(directory.resolve("relay"), clock);
    for (int number = 1; number <= CONNECTIONS + 1; number++) {
      TestMember member = new TestMember(number);
      relay.authorize(member.id());
      members.add(member);
    }
  }

  @AfterEach
  void stop() {
    members.forEach(TestMember::close);
    relay.close();
  }

  /// A request that is refused.
  @SuppressWarnings("ArrayRecordComponent") // never compared by equals
  private record Refusal(String cause, String protocol, byte[] request, byte[] answer) {}

  private static byte[] filled(int value) {
    byte[] bytes = new byte[io.peerup.pairing.mailbox.Limits.CAPABILITY_BYTES];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static Refusal deposit(String cause, int capability) {
    Deposit deposit = new Deposit(filled(capability), new byte[] {1}, Optional.empty());
    return new Refusal(
        cause, MailboxMessages.PROTOCOL, MailboxMessages.encode(deposit), MailboxMessages.failed());
  }

  private static Refusal find(String cause, Selector selector) {
    return new Refusal(
        cause,
        RendezvousMessages.PROTOCOL,
        RendezvousMessages.encode(new Find(selector)),
        RendezvousMessages.failed());
  }

  @Test
  void depositsThatAreRefusedForAnyReasonAreRefusedAtTheSameTime() throws Exception {
    TestMember home = members.getFirst();
    MailboxClient owner = new MailboxClient(home.connect(relay), SOON);
    for (int number = 1; number <= 3; number++) {
      assertThat(owner.grant(CapabilityHash.of(filled(number)), 1, Duration.ofDays(1))).isPresent();
    }
    assertThat(owner.revoke(CapabilityHash.of(filled(2)))).isTrue();
    MailboxClient other = new MailboxClient(members.get(1).connect(relay), SOON);
    assertThat(other.deposit(filled(1), new byte[] {9}, Optional.of(CapabilityHash.of(filled(4)))))
        .isTrue();
    members.get(1).disconnect();
    List<Refusal> refusals =
        List.of(
            deposit("unknown", 9),
            deposit("used up", 1),
            deposit("taken back", 2),
            deposit("for somebody else", 4),
            new Refusal(
                "malformed",
                MailboxMessages.PROTOCOL,
                new byte[] {1, 9},
                MailboxMessages.failed()));
    ask(refusals, SAMPLES / CONNECTIONS);
    check();
  }

  @Test
  void lookupsThatAreRefusedForAnyReasonAreRefusedAtTheSameTime() throws Exception {
    TestMember home = members.getFirst();
    RendezvousClient owner = new RendezvousClient(home.connect(relay), SOON);
    assertThat(owner.open(Optional.of(TRIED_TOO_OFTEN), TTL)).isPresent();
    RendezvousClient other = new RendezvousClient(members.get(1).connect(relay), SOON);
    for (int i = 0; i < Limits.TICKETS_MAX; i++) {
      assertThat(other.find(TRIED_TOO_OFTEN)).contains(home.id());
      clock.advance(Limits.FINDS_WINDOW);
    }
    members.get(1).disconnect();
    // So many lookups from one address in a window and no more.
    for (int round = 0; round < SAMPLES / CONNECTIONS; round++) {
      clock.advance(Limits.FINDS_WINDOW);
      ask(List.of(find("unknown", UNKNOWN), find("tried too often", TRIED_TOO_OFTEN)), 1);
    }
    check();
  }

  /// Every connection asks all of them so often, each beginning with another one, and each round at
  /// another distance from the tick.
  private void ask(List<Refusal> refusals, int rounds) throws Exception {
    refusals.forEach(each -> samples.computeIfAbsent(each.cause(), _ -> new Samples()));
    try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> askers = new ArrayList<>();
      for (int number = 0; number < CONNECTIONS; number++) {
        TestMember member = members.get(number + 1);
        List<Connection> known = member.host().connections(relay.id());
        Connection connection = known.isEmpty() ? member.connect(relay) : known.getFirst();
        SplittableRandom chance = new SplittableRandom(number);
        int first = number;
        askers.add(
            tasks.submit(() -> {
              for (int round = 0; round < rounds; round++) {
                long phase = chance.nextLong(TICK_NANOS);
                for (int i = 0; i < refusals.size(); i++) {
                  awaitPhase(phase);
                  sample(connection, refusals.get((i + first + round) % refusals.size()));
                }
              }
            }));
      }
      for (Future<?> each : askers) {
        each.get();
      }
    }
  }

  private void awaitPhase(long phase) {
    Instant now = clock.instant();
    long sinceTick =
        Math.floorMod(now.getEpochSecond() * 1_000_000_000 + now.getNano(), TICK_NANOS);
    LockSupport.parkNanos(Math.floorMod(phase - sinceTick, TICK_NANOS));
  }

  private void sample(Connection connection, Refusal refusal) {
    long start = System.nanoTime();
    byte[] answer =
        UniformProtocol.ask(connection, refusal.protocol(), refusal.request(), 1 << 12, SOON);
    long took = System.nanoTime() - start;
    assertThat(answer).as("the answer to %s", refusal.cause()).isEqualTo(refusal.answer());
    Objects.requireNonNull(samples.get(refusal.cause())).add(took / 1e6);
  }

  /// As near to each other as samples of one distribution; so few of them show gross differences
  /// only. The grid is that of [UniformFailureIT], of which `./x uniform` takes many.
  private void check() {
    samples.forEach((one, own) ->
        samples.forEach((other, others) -> {
          assertThat(own.size()).isEqualTo(SAMPLES);
          assertThat(own.distance(others))
              .as("distance of `%s` and `%s`", one, other)
              .isLessThan(Samples.noise(SAMPLES));
        }));
  }
}
