package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;

/// [CircuitIT] between hosts that speak QUIC: its streams spliced, and a connection above them.
class CircuitQuicIT extends CircuitIT {

  @Override
  Multiaddr listen() {
    return TestHosts.QUIC;
  }
}
