package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSuite;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.testkit.EditingProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An editing proxy between two sockets.
class DowngradeIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final List<String> BOTH = List.of(Upgrade.HYBRID_NOISE, Upgrade.NOISE);

  private final TcpTransport transport = new TcpTransport(1);

  @AfterEach
  void stop() {
    transport.close();
  }

  @Test
  void anEditingProxyIsRefusedWhereItWeakensTwoThatDoNotCompare() throws Exception {
    try (EditingProxy proxy = proxy(List.of())) {
      assertThat(dial(proxy, List.of())).as("untouched").isEqualTo(Upgrade.HYBRID_NOISE);
      proxy.hiding(Upgrade.HYBRID_NOISE);
      assertThat(dial(proxy, List.of())).as("undefended").isEqualTo(Upgrade.NOISE);
    }
    try (EditingProxy proxy = proxy(BOTH)) {
      assertThat(dial(proxy, BOTH)).as("untouched").isEqualTo(Upgrade.HYBRID_NOISE);
      proxy.hiding(Upgrade.HYBRID_NOISE);
      assertThatThrownBy(() -> dial(proxy, BOTH))
          .hasRootCauseInstanceOf(Refused.class)
          .hasMessageContaining("somebody on the way has changed the negotiation");
      assertThat(proxy.edits()).isEqualTo(1);
    }
  }

  private EditingProxy proxy(List<String> said) throws IOException {
    Upgrade.Config config = config(said);
    TcpTransport.Listener listener =
        transport.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new TcpTransport.Acceptor() {
              @Override
              public boolean admits(InetSocketAddress local, InetSocketAddress remote) {
                return true;
              }

              @Override
              public void accepted(TcpTransport.Socket socket) {
                upgrade(socket, Direction.INBOUND, config, new CompletableFuture<>());
              }
            });
    return new EditingProxy(listener.address().getPort());
  }

  private String dial(EditingProxy proxy, List<String> said)
      throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
    CompletableFuture<String> agreed = new CompletableFuture<>();
    Upgrade.Config config = config(said);
    TcpTransport.Socket socket =
        transport
            .dial(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()), SOON)
            .get(20, TimeUnit.SECONDS);
    socket.duplex().loop().execute(() -> upgrade(socket, Direction.OUTBOUND, config, agreed));
    return agreed.get(20, TimeUnit.SECONDS);
  }

  private static void upgrade(
      TcpTransport.Socket socket,
      Direction direction,
      Upgrade.Config config,
      CompletableFuture<String> agreed) {
    var _ =
        Upgrade.start(
            socket.duplex(),
            direction,
            config,
            PeerExpectation.any(),
            SOON,
            new Upgrade.Outcome() {
              @Override
              public void upgraded(MuxedConnection connection) {
                agreed.complete(connection.secured().security());
                connection.close(0);
              }

              @Override
              public void failed(OverlayException cause) {
                agreed.completeExceptionally(cause);
              }
            });
  }

  private static Upgrade.Config config(List<String> said) {
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    KeyRandom random = KeyRandom.secure();
    return new Upgrade.Config(
        List.of(
            new NoiseSecurity(NoiseSuite.HYBRID, said, NoiseKeys.of(key, random), random),
            new NoiseSecurity(NoiseSuite.CLASSIC, said, NoiseKeys.of(key, random), random)),
        YamuxLimits.DEFAULT,
        new BufferBudget(BufferBudget.BYTES_MAX));
  }
}
