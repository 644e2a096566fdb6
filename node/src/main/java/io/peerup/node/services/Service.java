package io.peerup.node.services;

import io.peerup.libp2p.PeerId;
import java.util.Set;

/// One service that this node offers.
///
/// @param name its name towards peers
/// @param target where connections go
/// @param protocol what it speaks
/// @param enabled whether it is offered now
/// @param allowed the only peers that may use it; empty means every authorised peer
public record Service(
    String name, Target target, Protocol protocol, boolean enabled, Set<PeerId> allowed) {

  public Service {
    ServiceName.check(name);
    allowed = Set.copyOf(allowed);
  }

  /// Whether this peer, already authorised, may use the service now.
  boolean offeredTo(PeerId peer) {
    return enabled && (allowed.isEmpty() || allowed.contains(peer));
  }

  Service withEnabled(boolean value) {
    return new Service(name, target, protocol, value, allowed);
  }
}
