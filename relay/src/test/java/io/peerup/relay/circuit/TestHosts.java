package io.peerup.relay.circuit;

import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Real hosts on loopback that end with the test.
public final class TestHosts implements AutoCloseable {

  public static final Duration SOON = Duration.ofSeconds(20);
  private static final Multiaddr ANYWHERE = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  /// Something to close that does not fail.
  private interface Part {
    void close();
  }

  private final Deque<Part> open = new ArrayDeque<>();

  /// A listening host with the key of this number.
  public Host host(int number) {
    return host(number, ConnectionGater.open());
  }

  public Host host(int number, ConnectionGater gater) {
    return own(
        HostBuilder.create()
            .identity(TestPeers.key(number))
            .listen(List.of(ANYWHERE))
            .gater(gater)
            .build());
  }

  /// A host that only dials.
  public Host dialer(int number) {
    return own(HostBuilder.create().identity(TestPeers.key(number)).build());
  }

  public <T extends AutoCloseable> T own(T part) {
    open.push(() -> {
      try {
        part.close();
      } catch (Exception e) {
        throw new AssertionError("cannot close " + part, e);
      }
    });
    return part;
  }

  /// Where this host is, with its id.
  public static Multiaddr addressOf(Host host) {
    return host.listenAddresses().getFirst().withPeer(host.id());
  }

  /// The address of `target` through `relay`.
  public static Multiaddr through(Host relay, Host target) {
    return addressOf(relay).plus(Multiaddr.parse("/p2p-circuit")).withPeer(target.id());
  }

  /// Reads to the end.
  public static byte[] readAll(Stream stream) throws java.io.IOException {
    return stream.inputStream().readAllBytes();
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
