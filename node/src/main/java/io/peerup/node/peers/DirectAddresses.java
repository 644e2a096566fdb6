package io.peerup.node.peers;

import io.peerup.libp2p.Multiaddr;
import java.util.Collection;
import java.util.List;

/// Which of the addresses that a peer claims are worth dialling directly.
final class DirectAddresses {

  private DirectAddresses() {}

  /// No circuits, none that needs a transport we lack, at most [Limits#DIRECT_ADDRESSES_MAX]. A
  /// loopback address is worth trying only if we may be on the same machine as the peer: the
  /// handshake would find out that somebody else listens there, but the attempt would be noise on
  /// our own machine.
  static List<Multiaddr> worthTrying(Collection<Multiaddr> claimed, boolean sameMachinePossible) {
    return claimed.stream()
        .filter(address -> !address.isCircuit() && (address.has("tcp") || address.isQuic()))
        .filter(address -> sameMachinePossible || !address.isLoopback())
        .distinct()
        .limit(Limits.DIRECT_ADDRESSES_MAX)
        .toList();
  }
}
