package io.peerup.relay.server;

import static io.peerup.relay.circuit.TestHosts.SOON;
import static io.peerup.relay.circuit.TestHosts.addressOf;
import static io.peerup.relay.circuit.TestHosts.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.OpenSsl;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.TestHosts;
import io.peerup.relay.circuit.TestPeers;
import io.peerup.relay.group.Joiner;
import io.peerup.testkit.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Many cycles, and nothing is left of them: heap, memory outside it (that of TLS engines too),
/// threads of both kinds and open files are afterwards what they were after the first few. `./x
/// soak --cycles N` runs longer.
class SoakIT {

  private static final int CYCLES = Integer.getInteger("soak.cycles", 500);

  /// Caches and tables have their size, and the compiler has compiled, after so many.
  private static final int WARM_UP = Math.clamp(CYCLES / 10, 200, 1000);

  // A cycle that lost anything that matters, an array or a connection, would be far above these
  // after ten thousand cycles, and above them after five hundred if it lost a connection.
  private static final long HEAP_GROWTH_MAX = 2 << 20;
  private static final long DIRECT_GROWTH_MAX = 8 << 20; // two chunks of the pool
  // The compiler's code and the C library's free memory are in it, and as much as a few hundred
  // engines of TLS.
  private static final long NATIVE_GROWTH_MAX = 48 << 20;
  private static final int THREADS_GROWTH_MAX = 3; // carriers come and go
  private static final int FILES_GROWTH_MAX = 3;

  /// What ends a little later than its cycle, such as a stream that lingers, has so long.
  private static final Duration SETTLING = Duration.ofSeconds(90);

  private static final String ECHO = "/test/echo/1";

  private final TestHosts hosts = new TestHosts();

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/0, /noise-mlkem768-hfs/0.2.0, /yamux/1.0.0",
    "/ip4/127.0.0.1/tcp/0, /tls/1.0.0, /yamux/1.0.0",
    "/ip4/127.0.0.1/udp/0/quic-v1, /tls/1.0.0, /quic-v1"
  })
  void connectionsLeaveNothingBehind(String listen, String security, String muxer) {
    assertThat(OpenSsl.isAvailable()).as("TLS by the native library").isTrue();
    try (hosts) {
      HostBuilder common = HostBuilder.create().security(List.of(security));
      Host server =
          hosts.own(
              common.identity(TestPeers.key(1)).listen(List.of(Multiaddr.parse(listen))).build());
      server.handle(ECHO, SoakIT::echo);
      Host dialer = hosts.own(common.identity(TestPeers.key(2)).listen(List.of()).build());
      soak(
          "connect and disconnect over " + security + " and " + muxer,
          CYCLES,
          cycle -> {
            Connection connection =
                dialer.connect(addressOf(server), PeerExpectation.exactly(server.id()), SOON);
            assertThat(connection.security()).isEqualTo(security);
            assertThat(connection.muxer()).isEqualTo(muxer);
            use(connection, cycle);
            if (cycle % 2 == 0) {
              connection.close();
            } else {
              server.connections(dialer.id()).forEach(Connection::close);
              await()
                  .atMost(SOON)
                  .pollInterval(Duration.ofMillis(1))
                  .until(() -> !connection.isOpen());
            }
          });
      assertThat(server.connections()).isEmpty();
    }
  }

  @Test
  void circuitsLeaveNothingBehind() {
    try (hosts) {
      Host relay = hosts.host(1);
      CircuitRelay service =
          hosts.own(
              new CircuitRelay(
                  relay, TestPeers.key(1), RelayPolicy.members(), InstantSource.system()));
      Host target = hosts.host(2);
      Host dialer = hosts.dialer(3);
      target.handle(ECHO, SoakIT::echo);
      var _ = CircuitClient.install(dialer, CircuitClient.Offers.FROM_OUR_RELAYS, clock());
      CircuitClient targets =
          CircuitClient.install(target, CircuitClient.Offers.FROM_OUR_RELAYS, clock());
      Connection toRelay =
          target.connect(addressOf(relay), PeerExpectation.exactly(relay.id()), SOON);
      assertThat(targets.reserve(toRelay, SOON).expires()).isAfter(clock().instant());
      soak(
          "circuits",
          CYCLES,
          cycle -> {
            Connection circuit =
                dialer.connect(through(relay, target), PeerExpectation.exactly(target.id()), SOON);
            use(circuit, cycle);
            if (cycle % 3 == 0) {
              dialer.connections(relay.id()).forEach(Connection::close);
              await()
                  .atMost(SOON)
                  .pollInterval(Duration.ofMillis(1))
                  .until(() -> !circuit.isOpen());
            } else {
              circuit.close();
            }
          });
      await().atMost(SOON).until(() -> service.circuits().isEmpty());
      assertThat(service.reservations()).hasSize(1);
    }
  }

  @Test
  void pairingsLeaveNothingBehind(@TempDir Path home) {
    try (TestRelay relay = new TestRelay(home.resolve("relay"))) {
      GroupCode expired = relay.pair(1, 1, 0).getFirst();
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      int rounds = Math.max(1, CYCLES / PairingRound.ATTEMPTS);
      soak(
          "pair and fail, " + PairingRound.ATTEMPTS + " attempts a round",
          rounds,
          round -> {
            new PairingRound(relay, expired, round).run();
          });
      assertThat(relay.members()).isEmpty();
    }
  }

  private static InstantSource clock() {
    return InstantSource.system();
  }

  private static void echo(Stream stream) throws java.io.IOException {
    stream.write(stream.inputStream().readAllBytes());
    stream.closeWrite();
  }

  /// One stream that is echoed; every third cycle also one that is dropped in the middle.
  private static void use(Connection connection, int cycle) {
    byte[] sent = new byte[1000 + cycle % 1000];
    Arrays.fill(sent, (byte) cycle);
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      stream.write(sent);
      stream.closeWrite();
      assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
    }
    if (cycle % 3 == 0) {
      Stream dropped = connection.openStream(List.of(ECHO), SOON);
      dropped.write(sent);
      dropped.reset();
    }
  }

  private static void soak(String what, int cycles, IntConsumer cycle) {
    int warmUp = Math.min(WARM_UP, Math.max(1, cycles / 4));
    for (int i = 0; i < warmUp; i++) {
      cycle.accept(i);
    }
    Usage before = settled();
    for (int i = 0; i < cycles; i++) {
      cycle.accept(warmUp + i);
    }
    Usage[] after = {before};
    try {
      await()
          .atMost(SETTLING)
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(() -> {
            after[0] = Usage.now();
            assertFlat(before, after[0]);
          });
    } finally {
      System.out.printf(
          "soak: %s, %d cycles%n  before %s%n  after  %s%n", what, cycles, before, after[0]);
    }
  }

  private static void assertFlat(Usage before, Usage after) {
    assertThat(after.heapBytes() - before.heapBytes())
        .as("growth of the heap, bytes")
        .isLessThanOrEqualTo(HEAP_GROWTH_MAX);
    assertThat(after.directBytes() - before.directBytes())
        .as("growth of memory outside the heap, bytes")
        .isLessThanOrEqualTo(DIRECT_GROWTH_MAX);
    assertThat(after.nativeBytes() - before.nativeBytes())
        .as("growth of resident memory outside the heap, bytes")
        .isLessThanOrEqualTo(NATIVE_GROWTH_MAX);
    assertThat(after.platformThreads() - before.platformThreads())
        .as("more platform threads")
        .isLessThanOrEqualTo(THREADS_GROWTH_MAX);
    assertThat(after.virtualThreads() - before.virtualThreads())
        .as("more virtual threads")
        .isLessThanOrEqualTo(THREADS_GROWTH_MAX);
    assertThat(after.files() - before.files())
        .as("more open files")
        .isLessThanOrEqualTo(FILES_GROWTH_MAX);
  }

  /// A second after the last cycle of the warm-up; if something of it lingers longer, the bounds
  /// are only a little wider.
  private static Usage settled() {
    await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
    return Usage.now();
  }

  /// Five devices at a time that succeed, are refused, and are cut off, each with two identities.
  private record PairingRound(TestRelay relay, GroupCode expired, int round) {

    private static final int DEVICES = 5;
    private static final int ATTEMPTS = 6 * DEVICES;

    /// Long enough for a round on a slow machine, short enough that the groups of many rounds stay
    /// below what a relay remembers.
    private static final int TTL_SECONDS = 30;

    void run() {
      List<GroupCode> codes = relay.pair(2 * DEVICES, TTL_SECONDS, 0);
      try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
          int device = i;
          all.add(
              tasks.submit(() -> device(device, codes.get(2 * device), codes.get(2 * device + 1))));
        }
        for (Future<?> one : all) {
          try {
            one.get();
          } catch (Exception e) {
            throw new AssertionError("round " + round, e);
          }
        }
      }
    }

    private void device(int index, GroupCode first, GroupCode second) {
      try (TestMember one = new TestMember(10 + index);
          TestMember other = new TestMember(20 + index)) {
        refuse(one, Joiner.request(expired, one.key(), "late"));
        // Two wrong tokens a group, or the third would burn it; a wrong selector is no guess.
        refuse(
            one,
            index < 2
                ? Joiner.wrongToken(first, 10 + index)
                : Joiner.wrongSelector(first, 10 + index));
        hangUp(one, first, false);
        assertThat(one.join(first, "one-" + index)).isTrue();
        hangUp(other, second, true);
        assertThat(other.join(second, "other-" + index)).isTrue();
        relay.deauthorize(one.id());
        relay.deauthorize(other.id());
      }
    }

    private void refuse(TestMember device, byte[] request) {
      Connection connection = device.connect(relay);
      assertThat(PairMessages.decodeAnswer(TestMember.ask(connection, request)))
          .isInstanceOf(PairMessages.Failed.class);
      connection.close();
    }

    /// Says all of a request or half of it, and is gone.
    private void hangUp(TestMember device, GroupCode code, boolean afterAll) {
      byte[] request = Joiner.request(code, device.key(), "gone");
      Connection connection = device.connect(code);
      Stream stream = connection.openStream(List.of(PairMessages.PAIR_PROTOCOL), SOON);
      if (afterAll) {
        stream.writeFrame(request);
      } else {
        stream.write(Arrays.copyOf(request, request.length / 2));
      }
      connection.close();
    }
  }
}
