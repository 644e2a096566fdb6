package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.node.Ids;
import io.peerup.node.TestStream;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/// The asking side alone: local programs on one side, a peer that accepts everything on the other.
class ServiceProxyIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] YES = ServiceMessages.encode(new ServiceReply(Status.OK, ""));

  private final Queue<TestStream> streams = new ConcurrentLinkedQueue<>();

  private TestStream open() {
    TestStream stream = new TestStream(Ids.peer(2), false, YES);
    streams.add(stream);
    return stream;
  }

  @Test
  void fiveHundredAndTwelveLocalConnectionsAreCarriedAndTheNextWaitsForItsPlace()
      throws IOException {
    List<Socket> local = new ArrayList<>();
    try (ServiceProxy proxy =
        ServiceProxy.open(
            this::open,
            "home",
            "web",
            0,
            new ServiceProxy.Events() {
              @Override
              public void finished(long bytesOut, long bytesIn) {
                // Nobody counts.
              }

              @Override
              public void failed(String message, String hint) {
                // A connection whose stream was reset, below.
              }
            })) {
      for (int i = 0; i < Limits.PROXIED_CONNECTIONS_MAX + 1; i++) {
        local.add(new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort()));
      }
      // The first stream only asked whether the service is there.
      int full = Limits.PROXIED_CONNECTIONS_MAX + 1;
      await().atMost(PATIENCE).until(() -> streams.size() == full);
      await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> streams.size() == full);
      streams.forEach(TestStream::reset);
      await().atMost(PATIENCE).until(() -> streams.size() == full + 1);
    } finally {
      streams.forEach(TestStream::reset);
      for (Socket each : local) {
        each.close();
      }
    }
    assertThat(streams).isNotEmpty();
  }
}
