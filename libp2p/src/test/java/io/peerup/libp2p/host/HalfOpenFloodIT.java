package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Connections that are opened and never say a word, from every address of one /24.
class HalfOpenFloodIT {

  private static final int HELD_MAX = 1000;

  private final TestHosts hosts = new TestHosts();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger opened = new AtomicInteger();

  @AfterEach
  void stop() {
    over.set(true);
    hosts.close();
  }

  @Test
  void aThousandSilentConnectionsFromOneNetworkShutOutNobodyElse() throws Exception {
    Needs.that(canBind("127.44.55.1"), "127.0.0.1 is the only loopback address here");
    Host server =
        hosts.listening(builder ->
            builder.limits(
                HostLimits.DEFAULTS.change().inboundUpgrade(Duration.ofMinutes(5)).build()));
    int port = Integer.parseInt(server.listenAddresses().getFirst().value("tcp").orElseThrow());
    Thread flood = Thread.ofPlatform().name("flood").start(() -> flood(port));
    try {
      await().atMost(SOON).until(() -> opened.get() >= HELD_MAX);
      for (int i = 0; i < 10; i++) {
        Connection connection = connect(hosts.dialing(), server);
        assertThat(connection.isOpen()).isTrue();
        connection.close();
      }
      assertThat(flood.isAlive()).as("the flood went on meanwhile").isTrue();
    } finally {
      over.set(true);
      flood.join();
    }
  }

  /// Holds the last thousand and opens more all the time. On Linux all of 127/8 is loopback.
  private void flood(int port) {
    Deque<Socket> held = new ArrayDeque<>();
    try {
      for (int i = 0; !over.get(); i++) {
        try {
          InetAddress from = InetAddress.ofLiteral("127.44.55." + (1 + i % 250));
          held.add(new Socket(InetAddress.getLoopbackAddress(), port, from, 0));
          opened.incrementAndGet();
        } catch (IOException e) {
          Thread.onSpinWait(); // the host is busy closing them: try again
        }
        if (held.size() > HELD_MAX) {
          close(held.remove());
        }
      }
    } finally {
      held.forEach(HalfOpenFloodIT::close);
    }
  }

  private static boolean canBind(String address) {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
      return free.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // gone already
    }
  }
}
