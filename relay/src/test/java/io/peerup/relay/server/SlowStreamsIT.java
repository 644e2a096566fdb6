package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.Limits;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A thousand requests at a relay that come byte by byte and never end.
class SlowStreamsIT {

  private static final int CONNECTIONS = 4;
  private static final int STREAMS_EACH = 250;

  /// Heap of one such stream, at both of its ends.
  private static final long STREAM_BYTES_MAX = 32 << 10;

  /// Threads of the operating system that come up meanwhile for other reasons.
  private static final int THREADS_MORE_MAX = 16;

  @TempDir Path directory;

  @Test
  void aThousandDrippingRequestsEndAtTheirDeadlineAndCostLittleUntilThen() throws Exception {
    try (TestRelay relay = new TestRelay(directory.resolve("relay"));
        TestMember honest = new TestMember(1)) {
      List<TestMember> hostile = new ArrayList<>();
      try {
        relay.authorize(honest.id());
        List<Connection> connections = new ArrayList<>();
        for (int number = 0; number < CONNECTIONS; number++) {
          TestMember member = new TestMember(10 + number);
          hostile.add(member);
          relay.authorize(member.id());
          connections.add(member.connect(relay));
        }
        attack(relay, honest, connections);
      } finally {
        hostile.forEach(TestMember::close);
      }
    }
  }

  private static void attack(TestRelay relay, TestMember honest, List<Connection> connections)
      throws InterruptedException {
    Connection own = honest.connect(relay);
    honest.host().ping(own, SOON);
    int threads = threads();
    long heap = heap();
    List<Stream> streams = new ArrayList<>();
    for (Connection connection : connections) {
      streams.add(begin(connection, PairMessages.PAIR_PROTOCOL));
      for (int i = 0; i < STREAMS_EACH; i++) {
        streams.add(begin(connection, CircuitRelay.HOP));
      }
    }
    CountDownLatch end = new CountDownLatch(1);
    Thread dripping = Thread.ofVirtual().start(() -> drip(streams, end));
    try {
      assertThat(threads()).isLessThan(threads + THREADS_MORE_MAX);
      assertThat((heap() - heap) / streams.size()).isLessThan(STREAM_BYTES_MAX);
      CircuitClient client =
          CircuitClient.install(
              honest.host(), CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
      assertThat(client.reserve(own, SOON).relay()).as("served meanwhile").isEqualTo(relay.id());
      assertThat(streams).as("the first ones still wait").anyMatch(Stream::isOpen);
      await()
          .atMost(Limits.HOP_REQUEST_MAX.plus(SOON))
          .until(() -> streams.stream().noneMatch(Stream::isOpen));
      assertThat(connections).as("only the streams ended").allMatch(Connection::isOpen);
    } finally {
      end.countDown();
      dripping.join();
    }
  }

  private static Stream begin(Connection connection, String protocol) {
    Stream stream = connection.openStream(List.of(protocol), SOON);
    // Says that 100 bytes follow.
    stream.write(new byte[] {100});
    return stream;
  }

  private static void drip(List<Stream> streams, CountDownLatch end) {
    try {
      while (!end.await(1, TimeUnit.SECONDS)) {
        for (Stream stream : streams) {
          try {
            stream.deadline(Duration.ofSeconds(1));
            stream.write(new byte[1]);
            stream.clearDeadline();
          } catch (OverlayException e) {
            // Ended by the relay.
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int threads() {
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
