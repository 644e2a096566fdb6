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
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What we remember of peers: where they said they listen, where we reached them, what they told
/// through identify. Bounded; forgets the peers that were not asked about for the longest time, and
/// those that only came to us before any that we reached: identities cost nothing, and whoever
/// makes them by the thousand pushes out nobody whom we dial. Thread-safe.
final class PeerBook {

  /// Peers remembered that we have reached: everyone in a large private network.
  static final int PEERS_MAX = 2048;

  /// Peers remembered that only came to us: as many as a host has connections.
  static final int VISITORS_MAX = 1024;

  /// Addresses kept of a connected peer (what go-libp2p takes from one identify message).
  static final int ADDRESSES_CONNECTED_MAX = 500;

  /// Addresses kept once it is gone: the useful ones are at the front.
  static final int ADDRESSES_MAX = 20;

  private static final class Known {
    private final LinkedHashSet<Multiaddr> reached = new LinkedHashSet<>();
    private Set<Multiaddr> told = new LinkedHashSet<>();
    private @Nullable PeerInfo info;
    private OptionalLong sequence = OptionalLong.empty();
  }

  /// In the order in which they were asked about.
  private static final class Recent extends LinkedHashMap<PeerId, Known> {
    private static final long serialVersionUID = 1L;

    private final int max;

    Recent(int max) {
      super(16, 0.75f, true);
      this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<PeerId, Known> eldest) {
      return size() > max;
    }
  }

  private final Map<PeerId, Known> peers = new Recent(PEERS_MAX);
  private final Map<PeerId, Known> visitors = new Recent(VISITORS_MAX);

  /// Addresses to try, those that worked before first. Without `/p2p/<peer>`.
  synchronized List<Multiaddr> addresses(PeerId peer) {
    Known known = find(peer);
    if (known == null) {
      return List.of();
    }
    LinkedHashSet<Multiaddr> all = new LinkedHashSet<>(known.reached);
    all.addAll(known.told);
    return List.copyOf(all);
  }

  /// We reached the peer at this address.
  synchronized void reached(PeerId peer, Multiaddr address) {
    Known visitor = visitors.remove(peer);
    Known known = peers.computeIfAbsent(peer, _ -> visitor == null ? new Known() : visitor);
    known.reached.remove(address);
    List<Multiaddr> others = new ArrayList<>(known.reached);
    known.reached.clear();
    known.reached.add(address);
    others.stream().limit(ADDRESSES_MAX - 1L).forEach(known.reached::add);
  }

  /// The peer told about itself; its addresses replace those it told before, unless they are of a
  /// signed record with a lower number than one we had. Returns what counts now.
  ///
  /// @param sequence the number of the record that the addresses are from, empty if it was none
  synchronized PeerInfo told(PeerInfo info, OptionalLong sequence) {
    Known found = find(info.peer());
    Known known = found == null ? visitors.computeIfAbsent(info.peer(), _ -> new Known()) : found;
    PeerInfo before = known.info;
    if (before != null && isOlder(sequence, known.sequence)) {
      known.info = with(info, info.protocols(), before.listenAddresses());
      return known.info;
    }
    known.sequence = sequence.isPresent() ? sequence : known.sequence;
    known.info = info;
    known.told = first(info.listenAddresses(), ADDRESSES_CONNECTED_MAX);
    return info;
  }

  private static boolean isOlder(OptionalLong sequence, OptionalLong known) {
    return sequence.isPresent()
        && known.isPresent()
        && Long.compareUnsigned(sequence.getAsLong(), known.getAsLong()) < 0;
  }

  /// The last connection to the peer ended: of what it told only the useful stays.
  synchronized void disconnected(PeerId peer) {
    Known known = find(peer);
    if (known != null) {
      known.told = first(known.told, ADDRESSES_MAX);
      PeerInfo info = known.info;
      known.info = info == null ? null : with(info, List.of(), List.copyOf(known.told));
    }
  }

  synchronized Optional<PeerInfo> info(PeerId peer) {
    return Optional.ofNullable(find(peer)).map(known -> known.info);
  }

  private @Nullable Known find(PeerId peer) {
    Known known = peers.get(peer);
    return known == null ? visitors.get(peer) : known;
  }

  private static PeerInfo with(
      PeerInfo info, List<String> protocols, List<Multiaddr> listenAddresses) {
    return new PeerInfo(
        info.peer(),
        info.agentVersion(),
        info.protocolVersion(),
        protocols,
        listenAddresses,
        info.observedAddress(),
        info.signedRecord());
  }

  private static Set<Multiaddr> first(Collection<Multiaddr> addresses, int max) {
    LinkedHashSet<Multiaddr> out = new LinkedHashSet<>();
    addresses.stream().limit(max).forEach(out::add);
    return out;
  }
}
