package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/// A local port that leads to a peer's service, TCP or UDP as the service is. Listens on loopback
/// only, on virtual threads of its own.
public interface ServiceProxy extends AutoCloseable {

  /// Told of what happens on a proxy, from several threads.
  interface Events {
    /// A local connection, or flow of datagrams, was carried to its end.
    void finished(long bytesOut, long bytesIn);

    /// One could not be carried.
    void failed(String message, String hint);
  }

  /// Asks the peer whether it offers the service, then listens.
  ///
  /// @param streams opens a stream of [ServiceMessages#PROTOCOLS] to the peer; blocks; its failures
  ///   are told to the user
  /// @param port local port, 0 for any free one
  /// @throws Failure when the peer does not offer the service, or `port-in-use`
  /// @throws OverlayException when the peer goes away or breaks the protocol meanwhile
  static ServiceProxy open(
      Supplier<Stream> streams, String peerName, String service, int port, Events events) {
    ServiceName.check(service);
    Protocol protocol;
    try (Stream probe = streams.get()) {
      protocol = ServiceClient.check(probe, peerName, service);
    }
    ServiceClient.Asker asker = new ServiceClient.Asker(streams, peerName, service);
    try {
      return switch (protocol) {
        case TCP -> new TcpProxy(asker, port, events);
        case UDP -> new UdpProxy(asker, port, events, Limits.FLOW_IDLE);
      };
    } catch (IOException e) {
      throw new Failure(
          "port-in-use",
          "cannot listen on 127.0.0.1:" + port + " (" + protocol + "): " + e.getMessage(),
          "choose another local port, or 0 for any free one",
          e);
    }
  }

  /// Where it listens.
  InetSocketAddress address();

  /// What it listens for.
  Protocol protocol();

  /// Stops listening and ends what it carries. Idempotent.
  @Override
  void close();
}
