package io.peerup.libp2p.host;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/// Real hosts on loopback, closed together.
final class TestHosts implements AutoCloseable {

  static final Duration SOON = Duration.ofSeconds(20);
  static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  static final Multiaddr QUIC = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");

  private final Multiaddr listen;
  private final List<Host> hosts = new ArrayList<>();

  /// Hosts that listen on TCP.
  TestHosts() {
    this(LOOPBACK);
  }

  TestHosts(Multiaddr listen) {
    this.listen = listen;
  }

  Host listening() {
    return listening(builder -> builder);
  }

  Host listening(UnaryOperator<HostBuilder> change) {
    return make(builder -> change.apply(builder.listen(List.of(listen))));
  }

  Host dialing() {
    return make(builder -> builder);
  }

  Host make(UnaryOperator<HostBuilder> change) {
    Host host =
        change
            .apply(HostBuilder.create().identity(PrivateKey.generate(KeyRandom.secure())))
            .build();
    hosts.add(host);
    return host;
  }

  static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst().withPeer(host.id());
  }

  static Connection connect(Host from, Host to) {
    return from.connect(addressOf(to), PeerExpectation.exactly(to.id()), SOON);
  }

  /// The same connection as the other end has it.
  static Connection farEnd(Host server, Connection connection) {
    byte[] binding = connection.channelBinding();
    return Awaitility.await()
        .atMost(SOON)
        .until(
            () ->
                server.connections().stream()
                    .filter(theirs -> Arrays.equals(theirs.channelBinding(), binding))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Override
  public void close() {
    hosts.forEach(Host::close);
  }
}
