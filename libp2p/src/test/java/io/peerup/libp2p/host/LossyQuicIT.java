package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.transport.StreamEcho;
import io.peerup.testkit.BadLine;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.UdpForwarder;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Hosts that speak QUIC over lines which lose, repeat and delay packets: what streams promise
/// holds, and nothing stands still. A failure names its line; `-Dlossy.rounds=N` takes as many
/// lines of each kind.
class LossyQuicIT {

  private static final String ECHO = "/test/echo/1";
  private static final String LOOP_ECHO = "/test/loop-echo/1";

  private static final int ROUNDS = Integer.getInteger("lossy.rounds", 1);

  /// Nothing that goes on waits for so long, on a busy machine either.
  private static final Duration STALLED = Duration.ofSeconds(60);

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger loopEchoes = new AtomicInteger();
  private final List<UdpForwarder> lines = new ArrayList<>();
  private final Host server = hosts.listening();

  static Stream<BadLine> lines() {
    SeededRandom random = SeededRandom.of(LossyQuicIT.class);
    return IntStream.range(0, ROUNDS)
        .boxed()
        .flatMap(_ ->
            Stream.of(
                new BadLine(random.nextInt(), 5, 5, 20), new BadLine(random.nextInt(), 20, 5, 5)));
  }

  @AfterEach
  void stop() {
    hosts.close();
    lines.forEach(UdpForwarder::close);
    tasks.close();
  }

  private Connection connect(BadLine line) throws Exception {
    server.handle(ECHO, Patterns.ECHOES);
    server.handle(
        LOOP_ECHO, stream -> StreamEcho.start(stream, 1, STALLED, loopEchoes::incrementAndGet));
    InetSocketAddress at = server.listenAddresses().getFirst().socketAddress().orElseThrow();
    UdpForwarder forwarder = new UdpForwarder(at, line);
    lines.add(forwarder);
    Multiaddr there = Multiaddr.parse("/ip4/127.0.0.1/udp/" + forwarder.port() + "/quic-v1");
    return hosts.dialing().connect(there, PeerExpectation.exactly(server.id()), STALLED);
  }

  private static io.peerup.libp2p.Stream open(Connection connection, String protocol) {
    io.peerup.libp2p.Stream stream = connection.openStream(List.of(protocol), STALLED);
    stream.deadline(STALLED);
    return stream;
  }

  private static void assertNothingIsLeft(Connection connection) {
    await().atMost(SOON).until(() -> connection.streamCount() == 0);
  }

  private void assertNothingIsLeftAtEitherEnd(Connection connection) {
    assertNothingIsLeft(connection);
    assertNothingIsLeft(farEnd(server, connection));
  }

  private static void assertEnd(List<Future<?>> tasks) throws Exception {
    for (Future<?> task : tasks) {
      task.get(STALLED.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /// Sends so many bytes there and expects them back, with the end behind them.
  private void assertEchoes(Connection connection, String protocol, long seed, int bytes)
      throws Exception {
    try (io.peerup.libp2p.Stream stream = open(connection, protocol)) {
      Future<?> writing = tasks.submit(() -> Patterns.write(stream, seed, bytes));
      Patterns.expect(stream, seed, bytes);
      writing.get(STALLED.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @MethodSource("lines")
  void everyByteComesBackInOrderAndTheEndToo(BadLine line) throws Exception {
    Connection connection = connect(line);
    int bytes = line.lost() > 10 ? 100_000 : 1 << 20;
    assertEchoes(connection, ECHO, line.seed(), bytes);
    assertEchoes(connection, LOOP_ECHO, line.seed(), bytes);
    await().atMost(SOON).until(() -> loopEchoes.get() == 1);
    assertNothingIsLeftAtEitherEnd(connection);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void sixteenStreamsAtOnceAreWhole(BadLine line) throws Exception {
    Connection connection = connect(line);
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String protocol = i % 2 == 0 ? ECHO : LOOP_ECHO;
      long seed = line.seed() + i;
      ends.add(
          tasks.submit(() -> {
            assertEchoes(connection, protocol, seed, line.lost() > 10 ? 5000 : 1 << 16);
            return null;
          }));
    }
    assertEnd(ends);
    assertNothingIsLeftAtEitherEnd(connection);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void shortRequestsAreAnsweredOneByOneAndManyAtATime(BadLine line) throws Exception {
    Connection connection = connect(line);
    List<Future<?>> ends = new ArrayList<>();
    for (int user = 0; user < 20; user++) {
      long seed = line.seed() + user;
      ends.add(
          tasks.submit(() -> {
            Random sizes = new Random(seed);
            for (int i = 0; i < 100 / line.lost() && i < 10; i++) {
              assertEchoes(connection, i % 2 == 0 ? ECHO : LOOP_ECHO, seed, sizes.nextInt(2000));
            }
            return null;
          }));
    }
    assertEnd(ends);
    assertNothingIsLeftAtEitherEnd(connection);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void oneDirectionMayEndLongBeforeTheOther(BadLine line) throws Exception {
    int bytes = line.lost() > 10 ? 20_000 : 200_000;
    String first = "/test/first/1";
    String last = "/test/last/1";
    server.handle(
        first,
        stream -> {
          Patterns.write(stream, line.seed(), bytes);
          Patterns.expect(stream, line.seed() + 1, bytes);
        });
    server.handle(
        last,
        stream -> {
          Patterns.expect(stream, line.seed(), bytes);
          Patterns.write(stream, line.seed() + 1, bytes);
        });
    Connection connection = connect(line);
    try (io.peerup.libp2p.Stream stream = open(connection, first)) {
      Patterns.expect(stream, line.seed(), bytes);
      Patterns.write(stream, line.seed() + 1, bytes);
    }
    try (io.peerup.libp2p.Stream stream = open(connection, last)) {
      Patterns.write(stream, line.seed(), bytes);
      Patterns.expect(stream, line.seed() + 1, bytes);
    }
    assertNothingIsLeftAtEitherEnd(connection);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void resetsArriveWithTheirCodes(BadLine line) throws Exception {
    String reset = "/test/reset/1";
    int streams = 12;
    BlockingQueue<StreamReset> seen = new ArrayBlockingQueue<>(streams);
    server.handle(
        reset,
        stream -> {
          boolean ours = stream.readExactly(1)[0] == 1;
          try {
            stream.write(new byte[40_000 * stream.readExactly(1)[0]]);
            if (ours) {
              stream.reset(0x1003);
            }
            stream.readExactly(1);
          } catch (StreamReset e) {
            seen.add(e);
          }
        });
    Connection connection = connect(line);
    for (int i = 0; i < streams; i++) {
      byte ours = (byte) (i % 2);
      byte much = (byte) (i / 2 % 3);
      io.peerup.libp2p.Stream stream = open(connection, reset);
      stream.write(new byte[] {ours, much});
      if (ours == 1) {
        assertThatThrownBy(() -> stream.readExactly(1 << 20))
            .isInstanceOf(StreamReset.class)
            .hasMessageContaining("0x1003");
      } else {
        stream.reset(0x1005);
      }
    }
    for (int i = 0; i < streams / 2; i++) {
      assertThat(seen.poll(STALLED.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    }
    assertNothingIsLeftAtEitherEnd(connection);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void whoeverGoesOnLearnsThatTheConnectionIsClosed(BadLine line) throws Exception {
    Connection connection = connect(line);
    Connection theirs = farEnd(server, connection);
    io.peerup.libp2p.Stream stream = open(connection, ECHO);
    stream.write(new byte[1]);
    assertThat(stream.readExactly(1)).hasSize(1);
    theirs.close(0x1007);
    assertThatThrownBy(
            () -> {
              while (true) {
                stream.write(new byte[1]);
                Thread.sleep(10);
              }
            })
        .hasMessageContaining("0x1007");
    assertThat(connection.isOpen()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void datagramsAreLostButComeOnceAndWhole(BadLine line) throws Exception {
    String beside = "/test/beside/1";
    Queue<byte[]> atServer = new ConcurrentLinkedQueue<>();
    server.handle(
        beside,
        stream -> {
          stream.datagrams().orElseThrow().receive(atServer::add);
          stream.writeFrame(new byte[0]);
          assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
        });
    Connection connection = connect(line);
    io.peerup.libp2p.Stream stream = open(connection, beside);
    assertThat(stream.readFrame(0)).isEmpty();
    Datagrams mine = stream.datagrams().orElseThrow();
    int sent = 0;
    while (sent < 500 || atServer.size() < 100) {
      if (mine.send(datagram(sent))) {
        sent++;
      }
      Thread.sleep(1);
    }
    assertEchoes(connection, ECHO, line.seed(), 10_000);
    Set<Integer> numbers = new HashSet<>();
    for (byte[] each : List.copyOf(atServer)) {
      int number = ByteBuffer.wrap(each).getInt();
      assertThat(each).isEqualTo(datagram(number));
      assertThat(numbers.add(number)).as("once").isTrue();
    }
    assertThat(numbers).allMatch(number -> number >= 0);
    stream.closeWrite();
    assertNothingIsLeft(connection);
  }

  private static byte[] datagram(int number) {
    byte[] datagram = new byte[4 + number * 7 % 1000];
    new Random(number).nextBytes(datagram);
    ByteBuffer.wrap(datagram).putInt(number);
    return Arrays.copyOf(datagram, datagram.length);
  }
}
