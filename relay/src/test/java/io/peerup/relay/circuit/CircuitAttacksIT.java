package io.peerup.relay.circuit;

import static io.peerup.relay.circuit.TestHosts.SOON;
import static io.peerup.relay.circuit.TestHosts.addressOf;
import static io.peerup.relay.circuit.TestHosts.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import io.peerup.testkit.BadFrames;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Clients, targets and circuits that behave badly towards a relay that does not.
class CircuitAttacksIT {

  private static final String SINK = "/test/sink/1";
  private static final int CHUNK = 64 << 10;

  /// What a circuit that nobody reads may hold on its whole way: the sender's buffer, the window of
  /// the relay's stream, which grew twice while its queue took bytes, the relay's queue, the window
  /// of the target's stream.
  private static final long STUCK_CIRCUIT_BYTES_MAX = (256 + 1024 + 128 + 256) << 10;

  private final TestHosts hosts = new TestHosts();
  private final Host relay = hosts.host(1);
  private final Host target = hosts.host(2);
  private final Host dialer = hosts.dialer(3);
  private final Host other = hosts.host(4);
  private final List<Thread> threads = new ArrayList<>();

  @AfterEach
  void close() throws InterruptedException {
    hosts.close();
    for (Thread thread : threads) {
      thread.join(SOON);
    }
  }

  private CircuitRelay serve(RelayPolicy policy) {
    return hosts.own(new CircuitRelay(relay, TestPeers.key(1), policy, InstantSource.system()));
  }

  private static RelayPolicy oneCircuit() {
    return new RelayPolicy(16, 16, 16, Duration.ofHours(1), 1, 1, CircuitLimit.NONE);
  }

  private static CircuitClient client(Host host) {
    return CircuitClient.install(
        host, CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
  }

  private Connection toRelay(Host from) {
    return from.connect(relay.id(), List.of(addressOf(relay)), SOON);
  }

  private void reserve(Host host) {
    client(host).reserve(toRelay(host), SOON);
  }

  private Connection dial(Host from, Host to) {
    return from.connect(through(relay, to), PeerExpectation.exactly(to.id()), SOON);
  }

  /// A reservation for a host whose stop handler the test writes itself.
  private void reserveByHand(Host host) {
    try (Stream hop = hop(host)) {
      hop.writeFrame(HopCodec.encode(new HopMessage.Reserve()));
      assertThat(status(hop)).isEqualTo(RelayStatus.OK.code());
    }
  }

  private Stream hop(Host from) {
    Connection carrier =
        from.connections(relay.id()).stream().findFirst().orElseGet(() -> toRelay(from));
    Stream hop = carrier.openStream(List.of(CircuitRelay.HOP), SOON);
    hop.deadline(SOON);
    return hop;
  }

  private static int status(Stream hop) {
    return ((HopMessage.Status) HopCodec.decode(hop.readFrame(Limits.MESSAGE_BYTES_MAX))).code();
  }

  private static byte[] pattern(long seed) {
    byte[] bytes = new byte[1000];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] framed(byte[] message, byte[] behind) {
    return new ByteWriter().lengthPrefixed(message).bytes(behind).toByteArray();
  }

  @Test
  void bytesRightBehindTheRequestAndTheAnswerBelongToTheCircuit() throws Exception {
    serve(RelayPolicy.members());
    byte[] there = pattern(1);
    byte[] back = pattern(2);
    CompletableFuture<byte[]> received = new CompletableFuture<>();
    target.handle(
        CircuitRelay.STOP,
        stream -> {
          stream.readFrame(Limits.MESSAGE_BYTES_MAX);
          stream.write(framed(StopCodec.encode(StopMessage.Status.of(RelayStatus.OK)), back));
          received.complete(stream.readExactly(there.length));
          stream.readExactly(1);
        });
    reserveByHand(target);
    Stream hop = hop(dialer);
    hop.write(framed(HopCodec.encode(new HopMessage.Connect(target.id())), there));
    assertThat(status(hop)).isEqualTo(RelayStatus.OK.code());
    assertThat(hop.readExactly(back.length)).isEqualTo(back);
    assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(there);
    hop.write(new byte[1]);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aTargetThatNeverAnswersIsGivenUpAndItsCircuitIsFree() {
    CircuitRelay server = serve(oneCircuit());
    CountDownLatch end = new CountDownLatch(1);
    target.handle(CircuitRelay.STOP, _ -> end.await());
    reserveByHand(target);
    reserve(other);
    long start = System.nanoTime();
    try (Stream hop = hop(dialer)) {
      hop.deadline(Limits.HOP_DIALOGUE_MAX);
      hop.writeFrame(HopCodec.encode(new HopMessage.Connect(target.id())));
      assertThat(status(hop)).isEqualTo(RelayStatus.CONNECTION_FAILED.code());
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(
            Limits.STOP_DIALOGUE_MAX.minusSeconds(1),
            Limits.STOP_DIALOGUE_MAX.multipliedBy(2).plusSeconds(5));
    assertThat(server.circuits()).isEmpty();
    client(dialer);
    assertThat(dialer.ping(dial(dialer, other), SOON)).as("the only circuit").isPositive();
    end.countDown();
  }

  @Test
  void aTargetThatAnswersWithNonsenseIsAFailedConnection() {
    serve(oneCircuit());
    List<byte[]> answers = new ArrayList<>(BadFrames.of(Limits.MESSAGE_BYTES_MAX).values());
    answers.add(framed(new byte[] {1, 2, 3}, new byte[0]));
    answers.add(
        framed(
            StopCodec.encode(new StopMessage.Connect(other.id(), Optional.empty())), new byte[0]));
    answers.add(
        framed(
            StopCodec.encode(StopMessage.Status.of(RelayStatus.PERMISSION_DENIED)), new byte[0]));
    java.util.Iterator<byte[]> next = answers.iterator();
    target.handle(
        CircuitRelay.STOP,
        stream -> {
          stream.readFrame(Limits.MESSAGE_BYTES_MAX);
          stream.write(next.next());
          stream.closeWrite();
        });
    reserveByHand(target);
    for (byte[] answer : answers) {
      try (Stream hop = hop(dialer)) {
        hop.writeFrame(HopCodec.encode(new HopMessage.Connect(target.id())));
        assertThat(status(hop)).as("%s", answer).isEqualTo(RelayStatus.CONNECTION_FAILED.code());
      }
    }
  }

  @Test
  void aTargetThatTurnsOutToBeSomebodyElseIsNotTalkedTo() {
    serve(RelayPolicy.members());
    target.handle(
        CircuitRelay.STOP,
        stream -> {
          stream.readFrame(Limits.MESSAGE_BYTES_MAX);
          stream.writeFrame(StopCodec.encode(StopMessage.Status.of(RelayStatus.OK)));
          // The accomplice proves its own identity, honestly.
          other.upgrade(
              stream,
              Direction.INBOUND,
              CircuitClient.circuit(stream.connection(), Optional.empty()),
              PeerExpectation.any(),
              SOON);
        });
    reserveByHand(target);
    client(dialer);
    assertThatThrownBy(() -> dial(dialer, target))
        .isInstanceOf(OverlayException.class)
        .hasMessageContaining(other.id().toString());
    assertThat(dialer.connections(target.id())).isEmpty();
    assertThat(dialer.connections(other.id())).isEmpty();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void sixtyFourOffersWithoutAHandshakeAreWaitedForAndTheNextIsDeclinedUntilTheyEnd() {
    CircuitClient.install(target, CircuitClient.Offers.FROM_ANYBODY, InstantSource.system());
    Connection hostile = other.connect(target.id(), List.of(addressOf(target)), SOON);
    List<Stream> silent = new ArrayList<>();
    for (int i = 0; i < Limits.INBOUND_UPGRADES_MAX; i++) {
      Stream stop = offer(hostile);
      assertThat(answer(stop)).isEqualTo(RelayStatus.OK.code());
      silent.add(stop);
    }
    assertThat(answer(offer(hostile))).isEqualTo(RelayStatus.RESOURCE_LIMIT_EXCEEDED.code());
    assertThat(silent).allMatch(Stream::isOpen);
    await()
        .atMost(Limits.INBOUND_UPGRADE_MAX.plus(SOON))
        .until(() -> silent.stream().noneMatch(Stream::isOpen));
    assertThat(answer(offer(hostile))).isEqualTo(RelayStatus.OK.code());
  }

  private Stream offer(Connection from) {
    Stream stop = from.openStream(List.of(CircuitRelay.STOP), SOON);
    stop.deadline(SOON);
    stop.writeFrame(
        StopCodec.encode(new StopMessage.Connect(TestPeers.peer(50), Optional.empty())));
    return stop;
  }

  private static int answer(Stream stop) {
    int code =
        ((StopMessage.Status) StopCodec.decode(stop.readFrame(Limits.MESSAGE_BYTES_MAX))).code();
    stop.clearDeadline();
    return code;
  }

  @Test
  void aRelayThatNeverAnswersIsGivenUp() {
    CountDownLatch end = new CountDownLatch(1);
    relay.handle(CircuitRelay.HOP, _ -> end.await());
    CircuitClient client = client(dialer);
    Connection connection = toRelay(dialer);
    assertThatThrownBy(() -> client.reserve(connection, Duration.ofSeconds(1)))
        .isInstanceOf(DeadlineExceeded.class);
    assertThat(client.reservations()).isEmpty();
    assertThat(connection.isOpen()).isTrue();
    end.countDown();
  }

  @Test
  void sixteenRelaysAreKeptAndNotSeventeen() {
    Reservations kept =
        hosts.own(
            new Reservations(
                dialer, client(dialer), InstantSource.system(), new SplittableRandom(1)));
    for (int number = 1; number <= Limits.RELAYS_MAX; number++) {
      kept.keep(TestPeers.peer(100 + number), List.of());
    }
    assertThatThrownBy(() -> kept.keep(TestPeers.peer(99), List.of()))
        .isInstanceOf(LimitReached.class);
    kept.keep(TestPeers.peer(101), List.of());
    kept.drop(TestPeers.peer(101));
    kept.keep(TestPeers.peer(99), List.of());
    assertThat(kept.states()).hasSize(Limits.RELAYS_MAX);
  }

  @Test
  void brokenFramesEndTheirStreamAndTheRelayGoesOn() {
    serve(RelayPolicy.members());
    reserve(target);
    BadFrames.of(Limits.MESSAGE_BYTES_MAX)
        .forEach((what, bytes) -> {
          try (Stream hop = hop(dialer)) {
            hop.write(bytes);
            hop.closeWrite();
            assertThatThrownBy(() -> hop.readExactly(1))
                .as(what)
                .isInstanceOf(OverlayException.class);
          }
        });
    // The same towards a node that takes circuits.
    Connection toTarget = relay.connections(target.id()).getFirst();
    BadFrames.of(Limits.MESSAGE_BYTES_MAX)
        .forEach((what, bytes) -> {
          try (Stream stop = toTarget.openStream(List.of(CircuitRelay.STOP), SOON)) {
            stop.deadline(SOON);
            stop.write(bytes);
            stop.closeWrite();
            assertThatThrownBy(() -> stop.readExactly(1))
                .as(what)
                .isInstanceOf(OverlayException.class);
          }
        });
    client(dialer);
    assertThat(dialer.ping(dial(dialer, target), SOON)).isPositive();
  }

  @Test
  void circuitsThatComeAndGoLeaveNothingAtTheRelay() {
    CircuitRelay server =
        serve(new RelayPolicy(2, 2, 2, Duration.ofHours(1), 1, 1, CircuitLimit.NONE));
    CircuitClient holder = client(target);
    client(dialer);
    for (int i = 0; i < 60; i++) {
      holder.reserve(toRelay(target), SOON);
      Connection circuit = dial(dialer, target);
      switch (i % 3) {
        case 0 -> circuit.close();
        case 1 -> dialer.connections().forEach(Connection::close);
        default -> target.connections().forEach(Connection::close);
      }
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(SOON)
          .until(() -> server.circuits().isEmpty());
    }
    List.of(dialer, target).forEach(host -> host.connections().forEach(Connection::close));
    await().atMost(SOON).until(() -> server.reservations().isEmpty());
    await().atMost(SOON).until(() -> relay.connections().isEmpty());
  }

  /// Sends as fast as it is allowed to, until the stream ends.
  private AtomicLong pump(Stream stream) {
    AtomicLong written = new AtomicLong();
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              byte[] chunk = new byte[CHUNK];
              try {
                while (true) {
                  stream.write(chunk);
                  written.addAndGet(chunk.length);
                }
              } catch (OverlayException e) {
                // The end of the test, or of the circuit.
              }
            }));
    return written;
  }

  @Test
  void aGreedyCircuitStarvesNeitherOtherCircuitsNorRequestsToTheRelay() {
    serve(RelayPolicy.members());
    AtomicLong read = new AtomicLong();
    target.handle(
        SINK,
        stream -> {
          byte[] buffer = new byte[CHUNK];
          for (int n = stream.read(buffer, 0, CHUNK); n >= 0; n = stream.read(buffer, 0, CHUNK)) {
            read.addAndGet(n);
          }
        });
    reserve(target);
    client(dialer);
    Connection greedy = dial(dialer, target);
    for (int i = 0; i < 4; i++) {
      pump(greedy.openStream(List.of(SINK), SOON));
    }
    await().atMost(SOON).until(() -> read.get() > 16 << 20);

    CircuitClient modest = client(other);
    Connection quiet = dial(other, target);
    long before = read.get();
    long[] times = new long[50];
    for (int i = 0; i < times.length; i++) {
      times[i] = other.ping(quiet, SOON).toMillis();
    }
    Arrays.sort(times);
    assertThat(times[times.length / 2]).as("median of %s", Arrays.toString(times)).isLessThan(500);
    assertThat(modest.reserve(toRelay(other), SOON).relay()).isEqualTo(relay.id());
    assertThat(read.get()).as("the greedy one went on meanwhile").isGreaterThan(before);
  }

  @Test
  void circuitsThatNobodyReadsHoldBackTheirSendersAndNoOtherCircuit() {
    serve(RelayPolicy.members());
    CountDownLatch end = new CountDownLatch(1);
    target.handle(
        CircuitRelay.STOP,
        stream -> {
          stream.readFrame(Limits.MESSAGE_BYTES_MAX);
          stream.writeFrame(StopCodec.encode(StopMessage.Status.of(RelayStatus.OK)));
          stream.clearDeadline();
          end.await();
        });
    reserveByHand(target);
    List<AtomicLong> written = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Stream hop = hop(dialer);
      hop.writeFrame(HopCodec.encode(new HopMessage.Connect(target.id())));
      assertThat(status(hop)).isEqualTo(RelayStatus.OK.code());
      hop.clearDeadline();
      written.add(pump(hop));
    }
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          long sum = written.stream().mapToLong(AtomicLong::get).sum();
          return last.getAndSet(sum) == sum && sum > 0;
        });
    assertThat(last.get() / written.size())
        .as("bytes under way on one circuit, at both ends and at the relay")
        .isLessThan(STUCK_CIRCUIT_BYTES_MAX);
    reserve(other);
    client(dialer);
    assertThat(dialer.ping(dial(dialer, other), SOON)).isLessThan(Duration.ofSeconds(5));
    end.countDown();
  }
}
