package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Needs;
import io.peerup.testkit.UdpForwarder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A machine that goes from one network into another, as it and those who stay see it.
@Timeout(120)
class NetworkMoveIT {

  private static final Multiaddr LOOPBACK6 = Multiaddr.parse("/ip6/::1/tcp/0");

  private final TestHosts hosts = new TestHosts();

  @AfterEach
  void close() {
    hosts.close();
  }

  /// Passes bytes both ways until it swallows them, without a word to either side.
  private static final class Path implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
    private final InetSocketAddress to;
    private volatile boolean dead;

    Path(InetSocketAddress to) throws IOException {
      this.to = to;
      Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      try {
        Socket near = listener.accept();
        Socket far = new Socket(to.getAddress(), to.getPort());
        Thread.ofVirtual().start(() -> copy(near, far));
        copy(far, near);
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void copy(Socket from, Socket to) {
      try (from;
          to) {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] some = new byte[1 << 14];
        for (int count = in.read(some); count >= 0; count = in.read(some)) {
          if (!dead) {
            out.write(some, 0, count);
          }
        }
      } catch (IOException closed) {
        // The other direction ended.
      }
    }

    Multiaddr address(PeerId peer) {
      return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + listener.getLocalPort() + "/p2p/" + peer);
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }

  @Test
  void whoStaysNoticesThatAPeerLeftItsOldAddressWhenItComesFromAnother() throws Exception {
    Needs.that(hasIpv6(), "there is no IPv6 on loopback");
    Host stays = hosts.listening();
    Multiaddr address6 = stays.listen(LOOPBACK6).withPeer(stays.id());
    Host moves = hosts.dialing();
    Host steady = hosts.dialing();
    Connection one = connect(steady, stays);
    Connection two = steady.connect(address6, PeerExpectation.exactly(stays.id()), SOON);
    InetSocketAddress to = stays.listenAddresses().getFirst().socketAddress().orElseThrow();
    try (Path path = new Path(to)) {
      Connection first =
          moves.connect(path.address(stays.id()), PeerExpectation.exactly(stays.id()), SOON);
      Connection seen = farEnd(stays, first);
      path.dead = true;
      moves.connect(address6, PeerExpectation.exactly(stays.id()), SOON);
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(stays.connections(moves.id()))
                  .hasSize(1)
                  .allSatisfy(
                      left -> assertThat(left.localAddress().toString()).startsWith("/ip6/::1")));
      assertThat(seen.isOpen()).isFalse();
      assertThat(stays.ping(stays.connections(moves.id()).getFirst(), SOON)).isLessThan(SOON);
    }
    assertThat(List.of(one, two)).as("connections that answer").allMatch(Connection::isOpen);
    assertThat(stays.connections(steady.id())).hasSize(2);
  }

  @Test
  void whereQuicMovedWithThePeerItsConnectionOverTcpIsGivenUp() throws Exception {
    Host stays = hosts.make(b -> b.listen(List.of(TestHosts.LOOPBACK, TestHosts.QUIC)));
    Host moves = hosts.dialing();
    PeerExpectation expected = PeerExpectation.exactly(stays.id());
    try (Path path = new Path(address(stays, "tcp"));
        UdpForwarder nat = new UdpForwarder(address(stays, "udp"))) {
      Connection first = moves.connect(path.address(stays.id()), expected, SOON);
      Multiaddr through = Multiaddr.parse("/ip4/127.0.0.1/udp/" + nat.port() + "/quic-v1");
      Connection second = moves.connect(through, expected, SOON);
      Connection seen = farEnd(stays, first);
      path.dead = true;
      nat.rebind();
      assertThat(moves.ping(second, SOON)).isPositive();
      await().atMost(SOON).until(() -> !seen.isOpen());
      assertThat(stays.connections(moves.id())).hasSize(1).allMatch(Connection::isOpen);
    }
  }

  private static InetSocketAddress address(Host host, String transport) {
    return host.listenAddresses().stream()
        .filter(each -> each.has(transport))
        .findFirst()
        .flatMap(Multiaddr::socketAddress)
        .orElseThrow();
  }

  @Test
  void aDialUnderWayStartsAgainWhenTheNetworkChanges() throws Exception {
    Host moves = hosts.dialing();
    try (ServerSocket silent = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      silent.setSoTimeout((int) SOON.toMillis());
      Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + silent.getLocalPort());
      CompletableFuture<Boolean> failed = new CompletableFuture<>();
      Thread dial =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  moves.connect(address, PeerExpectation.any(), SOON);
                  failed.complete(false);
                } catch (OverlayException e) {
                  failed.complete(true);
                }
              });
      try (Socket first = silent.accept()) {
        moves.networkChanged();
        try (Socket second = silent.accept()) {
          assertThat(second.getPort()).isNotEqualTo(first.getPort());
          assertThat(failed).isNotDone();
        }
      } finally {
        dial.interrupt();
      }
      assertThat(failed.get()).isTrue();
    }
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
