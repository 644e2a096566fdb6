package io.peerup.node.peers;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The relays that this node chose or was given, with their addresses. Thread-safe, never blocks.
public final class KnownRelays {

  private final Map<PeerId, List<Multiaddr>> addresses = new ConcurrentHashMap<>();

  public boolean isRelay(PeerId peer) {
    return addresses.containsKey(peer);
  }

  /// Adds addresses of a relay; returns all of them, without `/p2p`.
  List<Multiaddr> add(PeerId relay, Collection<Multiaddr> more) {
    return addresses.merge(
        relay,
        more.stream().map(Multiaddr::withoutPeer).distinct().toList(),
        (known, added) -> {
          List<Multiaddr> all = new ArrayList<>(known);
          added.stream().filter(each -> !all.contains(each)).forEach(all::add);
          return List.copyOf(all);
        });
  }

  Set<PeerId> ids() {
    return addresses.keySet();
  }

  List<Multiaddr> addresses(PeerId relay) {
    return addresses.getOrDefault(relay, List.of());
  }
}
