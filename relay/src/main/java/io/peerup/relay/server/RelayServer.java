package io.peerup.relay.server;

import io.peerup.control.Home;
import io.peerup.control.config.Config;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.util.List;

/// A running relay.
public final class RelayServer implements AutoCloseable {

  private RelayServer() {}

  /// Starts a relay in this home: takes the home's lock, makes the identity key if there is none,
  /// listens, and answers on the control socket. Returns when all of that works.
  ///
  /// @throws io.peerup.control.Failure `home-in-use`, `address-in-use` (naming the address),
  ///   `config-invalid`, and what the files of the home may give; then nothing is left open
  public static RelayServer start(Home home, Config config) {
    throw new UnsupportedOperationException(home + " " + config);
  }

  /// Who this relay is.
  public PeerId peerId() {
    throw new UnsupportedOperationException();
  }

  /// Where it listens, each ending in `/p2p/<id>`.
  public List<Multiaddr> addresses() {
    throw new UnsupportedOperationException();
  }

  /// Waits until [#close()] or `POST /v1/shutdown`.
  public void awaitClose() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /// Stops everything. Idempotent.
  @Override
  public void close() {}
}
