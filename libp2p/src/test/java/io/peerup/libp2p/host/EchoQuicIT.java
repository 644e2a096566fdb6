package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;

/// [EchoIT] over QUIC.
class EchoQuicIT extends EchoIT {

  @Override
  Multiaddr listen() {
    return TestHosts.QUIC;
  }
}
