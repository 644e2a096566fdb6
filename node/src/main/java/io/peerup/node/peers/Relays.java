package io.peerup.node.peers;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.util.List;

/// The relays of this node as its links need them. Thread-safe.
public interface Relays {

  /// True if this peer is a relay that we chose or were given by a group code.
  boolean isRelay(PeerId peer);

  /// Addresses `<relay>/p2p/<id>/p2p-circuit` of the relays that we are connected to, best first.
  List<Multiaddr> readyCircuits();

  /// True if one of them is reached over loopback: then other peers may be on this machine, too.
  boolean onThisMachine();
}
