package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/// A connection that knows its peer, what secures it, and whether it was closed, and nothing else.
final class TestConnection {

  private final CompletableFuture<Long> closed = new CompletableFuture<>();
  private final Connection connection;

  TestConnection(PeerId peer) {
    this(peer, "/noise");
  }

  TestConnection(PeerId peer, String security) {
    this.connection =
        (Connection)
            Proxy.newProxyInstance(
                TestConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, arguments) ->
                    switch (method.getName()) {
                      case "remotePeer" -> peer;
                      case "id" -> 1L;
                      case "security" -> security;
                      case "remoteAddress" -> Multiaddr.parse("/ip4/203.0.113.9/tcp/4001");
                      case "isOpen" -> !closed.isDone();
                      case "close" -> {
                        closed.complete(arguments == null ? 0L : (Long) arguments[0]);
                        yield null;
                      }
                      default -> throw new UnsupportedOperationException(method.getName());
                    });
  }

  Connection connection() {
    return connection;
  }

  /// The code it was closed with.
  CompletableFuture<Long> closed() {
    return closed;
  }
}
