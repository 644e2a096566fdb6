package io.peerup.libp2p.host;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.PeerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The live connections of a host. Thread-safe; whoever adds one after the end is told so.
final class Connections {

  /// Direct before relayed, then the older one: both ends then prefer the same.
  private static final Comparator<HostConnection> BEST_FIRST =
      Comparator.comparing((HostConnection connection) -> connection.relay().isPresent())
          .thenComparingLong(Connection::id);

  private final Map<PeerId, List<HostConnection>> byPeer = new HashMap<>();
  private boolean closed;

  /// False if the host is closing and the connection must go.
  synchronized boolean add(HostConnection connection) {
    if (closed) {
      return false;
    }
    byPeer.computeIfAbsent(connection.remotePeer(), ignored -> new ArrayList<>()).add(connection);
    return true;
  }

  /// True if it was the last one with its peer.
  synchronized boolean remove(HostConnection connection) {
    List<HostConnection> rest = byPeer.get(connection.remotePeer());
    if (rest == null) {
      return false;
    }
    rest.remove(connection);
    if (rest.isEmpty()) {
      byPeer.remove(connection.remotePeer());
      return true;
    }
    return false;
  }

  synchronized List<HostConnection> all() {
    return byPeer.values().stream().flatMap(List::stream).filter(Connection::isOpen).toList();
  }

  /// Best first.
  synchronized List<HostConnection> of(PeerId peer) {
    return byPeer.getOrDefault(peer, List.of()).stream()
        .filter(Connection::isOpen)
        .sorted(BEST_FIRST)
        .toList();
  }

  Optional<HostConnection> best(PeerId peer) {
    return of(peer).stream().findFirst();
  }

  /// Refuses new ones from now on; returns those that are left.
  synchronized List<HostConnection> close() {
    closed = true;
    return byPeer.values().stream().flatMap(List::stream).toList();
  }
}
