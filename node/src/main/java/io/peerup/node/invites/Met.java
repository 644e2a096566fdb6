package io.peerup.node.invites;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import java.util.Optional;

/// The device that made a code, as far as a joiner knows before the pairing has run: at the other
/// end of this connection.
///
/// @param relay the relay that brought us together, with its peer id; empty on the local network
/// @param end undoes what meeting it took
record Met(Connection connection, Optional<Multiaddr> relay, Runnable end)
    implements AutoCloseable {

  @Override
  public void close() {
    try {
      connection.close();
    } finally {
      end.run();
    }
  }
}
