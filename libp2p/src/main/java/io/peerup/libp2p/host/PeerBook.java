package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What we remember of peers: where they said they listen, where we reached them, what they told
/// through identify. Bounded; forgets the peers that were not asked about for the longest time.
/// Thread-safe.
final class PeerBook {

  /// Peers remembered: everyone in a large private network, and all connections a host may have.
  static final int PEERS_MAX = 2048;

  /// Addresses kept of a connected peer (what go-libp2p takes from one identify message).
  static final int ADDRESSES_CONNECTED_MAX = 500;

  /// Addresses kept once it is gone: the useful ones are at the front.
  static final int ADDRESSES_MAX = 20;

  private static final class Known {
    private final LinkedHashSet<Multiaddr> reached = new LinkedHashSet<>();
    private Set<Multiaddr> told = new LinkedHashSet<>();
    private @Nullable PeerInfo info;
  }

  private final Map<PeerId, Known> peers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Known> eldest) {
          return size() > PEERS_MAX;
        }
      };

  /// Addresses to try, those that worked before first. Without `/p2p/<peer>`.
  synchronized List<Multiaddr> addresses(PeerId peer) {
    Known known = peers.get(peer);
    if (known == null) {
      return List.of();
    }
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(known.reached);
    all.addAll(known.told);
    return List.copyOf(all);
  }

  /// We reached the peer at this address.
  synchronized void reached(PeerId peer, Multiaddr address) {
    Known known = known(peer);
    known.reached.remove(address);
    List<Multiaddr> others = new ArrayList<>(known.reached);
    known.reached.clear();
    known.reached.add(address);
    others.stream().limit(ADDRESSES_MAX - 1L).forEach(known.reached::add);
  }

  /// The peer told about itself; its addresses replace those it told before.
  synchronized void told(PeerInfo info) {
    Known known = known(info.peer());
    known.info = info;
    known.told = first(info.listenAddresses(), ADDRESSES_CONNECTED_MAX);
  }

  /// The last connection to the peer ended.
  synchronized void disconnected(PeerId peer) {
    Known known = peers.get(peer);
    if (known != null) {
      known.told = first(known.told, ADDRESSES_MAX);
    }
  }

  synchronized Optional<PeerInfo> info(PeerId peer) {
    return Optional.ofNullable(peers.get(peer)).map(known -> known.info);
  }

  private Known known(PeerId peer) {
    return peers.computeIfAbsent(peer, ignored -> new Known());
  }

  private static Set<Multiaddr> first(Collection<Multiaddr> addresses, int max) {
    LinkedHashSet<Multiaddr> out = new LinkedHashSet<>();
    addresses.stream().limit(max).forEach(out::add);
    return out;
  }
}
