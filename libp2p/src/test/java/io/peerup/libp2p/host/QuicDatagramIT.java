package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Datagrams beside streams, between hosts that speak QUIC.
class QuicDatagramIT {

  private static final String BESIDE = "/test/beside/1";

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);

  /// The far ends of the streams, once they take datagrams.
  private final BlockingQueue<Stream> served = new LinkedBlockingQueue<>();

  private final Queue<byte[]> atServer = new ConcurrentLinkedQueue<>();

  private final CountDownLatch over = new CountDownLatch(1);

  @AfterEach
  void stop() {
    over.countDown();
    hosts.close();
  }

  private Host serving() {
    Host server = hosts.listening();
    server.handle(
        BESIDE,
        stream -> {
          stream.datagrams().ifPresent(beside -> beside.receive(atServer::add));
          stream.writeFrame(new byte[0]);
          served.add(stream);
          awaitEnd();
        });
    return server;
  }

  /// A handler that returns ends its stream.
  private void awaitEnd() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Stream open(Connection connection) {
    Stream stream = connection.openStream(List.of(BESIDE), SOON);
    assertThat(stream.readFrame(0)).isEmpty();
    return stream;
  }

  private static Datagrams beside(Stream stream) {
    return stream.datagrams().orElseThrow();
  }

  @Test
  void datagramsOfEverySizePassBothWaysBesideTheirStream() throws Exception {
    Host server = serving();
    Connection connection = connect(hosts.dialing(), server);
    Stream stream = open(connection);
    Datagrams mine = beside(stream);
    Datagrams theirs = beside(served.poll(20, TimeUnit.SECONDS));
    BlockingQueue<byte[]> atClient = new LinkedBlockingQueue<>();
    mine.receive(atClient::add);
    theirs.receive(theirs::send);
    // Both have probed the path: loopback takes the longest that there are.
    await().atMost(SOON).until(() -> Math.min(mine.bytesMax(), theirs.bytesMax()) > 8800);
    int sent = 0;
    for (int size : new int[] {0, 1, 1000, mine.bytesMax()}) {
      byte[] datagram = new byte[size];
      Arrays.fill(datagram, (byte) size);
      byte[] answer = null;
      // The first ones may come before the far end echoes.
      for (int i = 0; i < 50 && answer == null; i++) {
        assertThat(mine.send(datagram)).isTrue();
        sent++;
        answer = atClient.poll(1, TimeUnit.SECONDS);
      }
      assertThat(answer).as("of %s bytes", size).isEqualTo(datagram);
    }
    assertThat(mine.send(new byte[mine.bytesMax() + 1])).as("longer than the path takes").isFalse();
    DatagramCounts counts = connection.datagramCounts();
    assertThat(counts.sent()).isEqualTo(sent);
    assertThat(counts.received()).isGreaterThanOrEqualTo(4);
    assertThat(counts.dropped()).isEqualTo(1);
    assertThat(counts.unclaimed()).isZero();
    assertThat(farEnd(server, connection).datagramCounts().received())
        .isGreaterThanOrEqualTo(counts.received());
  }

  @Test
  void aStreamThatNobodyReadsStopsNoDatagram() {
    Host server = serving();
    Connection connection = connect(hosts.dialing(), server);
    Stream stalled = open(connection);
    Thread writing =
        Thread.ofVirtual()
            .start(() -> {
              byte[] much = new byte[1 << 20];
              try {
                while (true) {
                  stalled.write(much);
                }
              } catch (StreamReset e) {
                // The test is over.
              }
            });
    await().atMost(SOON).until(() -> writing.getState() == Thread.State.WAITING);
    for (int i = 0; i < 20; i++) {
      int before = atServer.size();
      await()
          .atMost(SOON)
          .until(() -> beside(stalled).send(new byte[1000]) && atServer.size() > before);
    }
    assertThat(writing.getState()).isEqualTo(Thread.State.WAITING);
    stalled.reset();
  }

  private Thread flood(Datagrams beside) {
    return Thread.ofVirtual()
        .start(() -> {
          while (!Thread.interrupted()) {
            if (!beside.send(new byte[1000])) {
              LockSupport.parkNanos(100_000);
            }
          }
        });
  }

  @Test
  void nothingIsDeliveredOnceTheStreamHasEndedOnEitherSide() throws Exception {
    Host server = serving();
    Connection connection = connect(hosts.dialing(), server);
    Connection theirs = farEnd(server, connection);
    for (boolean farSide : new boolean[] {true, false}) {
      Stream stream = open(connection);
      Stream far = served.poll(20, TimeUnit.SECONDS);
      Datagrams mine = beside(stream);
      int before = atServer.size();
      Thread flood = flood(mine);
      try {
        await().atMost(SOON).until(() -> atServer.size() > before + 1000);
        (farSide ? far : stream).reset();
        await().atMost(SOON).until(() -> theirs.streamCount() == 0);
        int then = atServer.size();
        await().atMost(SOON).until(() -> !mine.send(new byte[1]));
        assertThat(atServer).hasSize(then);
      } finally {
        flood.interrupt();
        flood.join();
      }
    }
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void aConnectionThatIsClosedDeliversNothingMore() throws Exception {
    Host server = serving();
    Connection connection = connect(hosts.dialing(), server);
    Connection theirs = farEnd(server, connection);
    Thread flood = flood(beside(open(connection)));
    try {
      await().atMost(SOON).until(() -> atServer.size() > 1000);
      theirs.close(0x1007);
      long then = theirs.datagramCounts().received();
      await().atMost(SOON).until(() -> !connection.isOpen());
      assertThat(theirs.datagramCounts().received())
          .as("one may have been on its way through the loop")
          .isLessThanOrEqualTo(then + 1);
    } finally {
      flood.interrupt();
      flood.join();
    }
  }

  @Test
  void aFloodBesideAStreamThatTakesItEndsNothing() throws Exception {
    Host server = serving();
    Connection connection = connect(hosts.dialing(), server);
    Connection theirs = farEnd(server, connection);
    Thread flood = flood(beside(open(connection)));
    try {
      // Many times the bytes that a peer may send which bring nothing.
      await().atMost(Duration.ofSeconds(60)).until(() -> atServer.size() > 5000);
    } finally {
      flood.interrupt();
      flood.join();
    }
    assertThat(connection.isOpen()).isTrue();
    assertThat(theirs.isOpen()).isTrue();
    assertThat(theirs.datagramCounts().unclaimed()).isZero();
  }

  @Test
  void overTcpThereAreNone() {
    TestHosts plain = new TestHosts();
    try (plain) {
      Host server = plain.listening();
      server.handle(BESIDE, stream -> stream.writeFrame(new byte[0]));
      Connection connection = connect(plain.dialing(), server);
      assertThat(open(connection).datagrams()).isEmpty();
      assertThat(connection.datagramCounts()).isEqualTo(DatagramCounts.NONE);
    }
  }
}
