package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// One [PeerLink] for each authorised peer. Thread-safe.
public final class PeerLinks implements HostListener, AutoCloseable {

  private final Host host;
  private final Relays relays;
  private final boolean directAllowed;
  private final InstantSource clock;
  private final Map<PeerId, PeerLink> links = new ConcurrentHashMap<>();
  private boolean closed;

  public PeerLinks(Host host, Relays relays, boolean directAllowed, InstantSource clock) {
    this.host = host;
    this.relays = relays;
    this.directAllowed = directAllowed;
    this.clock = clock;
  }

  /// Makes links for exactly these peers; links of others stop.
  public synchronized void keep(Collection<PeerId> peers) {
    if (closed) {
      return;
    }
    Set<PeerId> wanted = new HashSet<>(peers);
    wanted.remove(host.id());
    links
        .entrySet()
        .removeIf(entry -> {
          if (wanted.contains(entry.getKey())) {
            return false;
          }
          entry.getValue().stop();
          return true;
        });
    for (PeerId peer : wanted) {
      links.computeIfAbsent(
          peer,
          id -> {
            PeerLink link = new PeerLink(id, host, relays, directAllowed, clock);
            link.start();
            return link;
          });
    }
  }

  /// A relay became ready or the network changed: every peer is worth another try.
  public void changed() {
    links.values().forEach(PeerLink::changed);
  }

  /// All peers that are kept connected.
  public Collection<PeerId> peers() {
    return Set.copyOf(links.keySet());
  }

  /// Those of them without a connection now.
  public Collection<PeerId> missing() {
    return links.keySet().stream().filter(peer -> best(peer).isEmpty()).toList();
  }

  /// A peer proved that it says so: it can be dialled at these addresses, until it tells others.
  public void learn(PeerId peer, Collection<Multiaddr> addresses) {
    PeerLink link = links.get(peer);
    if (link != null) {
      link.learn(addresses);
    }
  }

  /// A live connection to the peer, made now if there is none. Blocks; throws
  /// [io.peerup.libp2p.OverlayException].
  public Connection connect(PeerId peer, Duration timeout) {
    PeerLink link = links.get(peer);
    return link == null ? host.connect(peer, Set.of(), timeout) : link.connectNow(timeout);
  }

  /// The connection in use, direct before relayed.
  public Optional<Connection> best(PeerId peer) {
    return host.connections(peer).stream().filter(Connection::isOpen).findFirst();
  }

  /// Round trip last measured.
  public Optional<Duration> rtt(PeerId peer) {
    return Optional.ofNullable(links.get(peer)).flatMap(PeerLink::rtt);
  }

  /// Why the peer could not be reached, while it is not connected.
  public Optional<String> problem(PeerId peer) {
    return Optional.ofNullable(links.get(peer)).flatMap(PeerLink::problem);
  }

  @Override
  public void connected(Connection connection) {
    touch(connection.remotePeer());
  }

  @Override
  public void disconnected(Connection connection, String reason) {
    touch(connection.remotePeer());
  }

  @Override
  public void identified(Connection connection, PeerInfo info) {
    PeerLink link = links.get(connection.remotePeer());
    if (link != null) {
      link.changed();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    links.values().forEach(PeerLink::stop);
    links.clear();
  }

  private void touch(PeerId peer) {
    PeerLink link = links.get(peer);
    if (link != null) {
      link.connectionsChanged();
    }
  }
}
