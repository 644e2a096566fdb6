package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.transport.BufferBudget;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What all connections of a host hold together, over real sockets.
class BufferBudgetIT {

  private static final String HOLD = "/test/hold/1";
  private static final String ECHO = "/test/echo/1";

  private final TestHosts hosts = new TestHosts();
  private final TestHosts overQuic = new TestHosts(TestHosts.QUIC);
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    end.countDown();
    hosts.close();
    overQuic.close();
    tasks.close();
  }

  private static BufferBudget budget(Host host) {
    return ((PeerHost) host).budget();
  }

  @Test
  void peersThatFillEveryWindowHoldNoMoreThanTheBudgetAndAnotherIsServed() {
    fillEveryWindow(hosts, 6, HostLimits.BUFFERED_BYTES_MIN);
  }

  /// A connection's first window is a megabyte, and it grows only for those who are read: a peer's
  /// share is more, so that only all together are too many. What the library below holds is
  /// estimated, so a connection ends as a whole.
  @Test
  void overQuicTheyHoldNoMoreEither() {
    fillEveryWindow(overQuic, 12, 4 * HostLimits.BUFFERED_BYTES_MIN);
  }

  private void fillEveryWindow(TestHosts hosts, int peers, long most) {
    Host server =
        hosts.listening(
            builder -> builder.limits(HostLimits.DEFAULTS.change().bufferedBytes(most).build()));
    server.handle(HOLD, stream -> end.await());
    server.handle(ECHO, stream -> stream.write(stream.readExactly(4)));
    for (int peer = 0; peer < peers; peer++) {
      Connection connection = connect(hosts.dialing(), server);
      for (int i = 0; i < 8; i++) {
        var _ = tasks.submit(() -> fill(connection));
      }
    }
    await().atMost(SOON).until(() -> budget(server).held() > most / 2);
    long bound = most + most / BufferBudget.SLACK_SHARE + (1 << 20);
    await()
        .during(Duration.ofSeconds(2))
        .atMost(SOON)
        .untilAsserted(() -> assertThat(budget(server).held()).isLessThanOrEqualTo(bound));
    try (Stream honest = connect(hosts.dialing(), server).openStream(List.of(ECHO), SOON)) {
      honest.deadline(SOON);
      honest.write(new byte[] {1, 2, 3, 4});
      assertThat(honest.readExactly(4)).containsExactly(1, 2, 3, 4);
    }
  }

  private void fill(Connection connection) {
    while (end.getCount() > 0) {
      try (Stream stream = connection.openStream(List.of(HOLD), SOON)) {
        stream.deadline(SOON);
        stream.write(new byte[512 * 1024]);
        end.await();
      } catch (OverlayException refused) {
        if (!connection.isOpen()) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void finishedStreamsGiveEverythingBackWhileTheConnectionLives() {
    Host server = hosts.listening();
    server.handle(
        ECHO,
        stream -> {
          byte[] all = stream.readExactly(300_000);
          stream.write(all);
        });
    Host client = hosts.dialing();
    Connection connection = connect(client, server);
    for (int i = 0; i < 50; i++) {
      try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
        stream.deadline(SOON);
        stream.write(new byte[300_000]);
        stream.closeWrite();
        if (i % 3 == 0) {
          stream.reset();
        } else if (i % 3 == 1) {
          assertThat(stream.readExactly(300_000)).hasSize(300_000);
        }
      }
    }
    await().atMost(SOON.multipliedBy(3)).until(() -> budget(server).held() == 0);
    await().atMost(SOON.multipliedBy(3)).until(() -> budget(client).held() == 0);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void streamsOfOnePeerAreBoundedOverAllItsConnections() {
    Host server =
        hosts.listening(
            builder -> builder.limits(HostLimits.DEFAULTS.change().inboundStreams(7, 5).build()));
    server.handle(HOLD, stream -> end.await());
    Host greedy = hosts.dialing();
    Host other = hosts.dialing();
    assertThat(held(greedy, server, 2, 4)).isEqualTo(5);
    assertThat(held(other, server, 1, 4)).isEqualTo(2);
  }

  /// How many of the streams that the host opens are served.
  private static int held(Host from, Host server, int connections, int streamsEach) {
    List<Connection> made =
        java.util.stream.Stream.generate(() -> connect(from, server)).limit(connections).toList();
    made.forEach(each -> await().atMost(SOON).until(() -> from.info(server.id()).isPresent()));
    int served = 0;
    for (Connection connection : made) {
      for (int i = 0; i < streamsEach; i++) {
        HostConnection own = (HostConnection) connection;
        try {
          Stream stream = own.newStream(SOON);
          stream.deadline(SOON);
          String agreed = StreamNegotiation.initiate(stream, List.of(HOLD));
          served += agreed.equals(HOLD) ? 1 : 0;
        } catch (OverlayException refused) {
          // over the limit
        }
      }
    }
    return served;
  }
}
