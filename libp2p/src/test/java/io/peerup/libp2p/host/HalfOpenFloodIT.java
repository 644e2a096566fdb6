package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Connections that are opened and never say a word, or stop within their TLS hello, from every
/// address of one /24.
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
    floodShutsOutNobody(new byte[0]);
  }

  @Test
  void aThousandHalfTlsHandshakesFromOneNetworkShutOutNobodyElse() throws Exception {
    ByteWriter opening = new ByteWriter();
    for (String token : List.of("/multistream/1.0.0\n", "/tls/1.0.0\n")) {
      byte[] bytes = token.getBytes(StandardCharsets.US_ASCII);
      opening.u8(bytes.length).bytes(bytes);
    }
    // A record of 256 bytes, of which six come: a client's hello begins.
    opening.bytes(new byte[] {22, 3, 1, 1, 0, 1});
    floodShutsOutNobody(opening.toByteArray());
  }

  private void floodShutsOutNobody(byte[] opening) throws Exception {
    Needs.that(canBind("127.44.55.1"), "127.0.0.1 is the only loopback address here");
    Host server =
        hosts.listening(builder ->
            builder.limits(
                HostLimits.DEFAULTS.change().inboundUpgrade(Duration.ofMinutes(5)).build()));
    int port = Integer.parseInt(server.listenAddresses().getFirst().value("tcp").orElseThrow());
    Thread flood = Thread.ofPlatform().name("flood").start(() -> flood(port, opening));
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
  private void flood(int port, byte[] opening) {
    Deque<Socket> held = new ArrayDeque<>();
    try {
      for (int i = 0; !over.get(); i++) {
        try {
          InetAddress from = InetAddress.ofLiteral("127.44.55." + (1 + i % 250));
          Socket socket = new Socket(InetAddress.getLoopbackAddress(), port, from, 0);
          held.add(socket);
          socket.getOutputStream().write(opening);
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
