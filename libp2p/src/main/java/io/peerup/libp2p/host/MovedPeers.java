package io.peerup.libp2p.host;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.OverlayException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A peer that comes from another address may have left the one before without a word: its machine
/// moved, and nobody is left there to say so. Nor does a peer that crashed and is back where it was
/// say so over QUIC, where the system does not answer for it. And where a connection of QUIC moved
/// with its peer, those over TCP did not. Such connections are pinged once and closed without an
/// answer, or new streams would take them until the keep-alive gives up. Thread-safe; each ping on
/// a virtual thread.
final class MovedPeers {

  /// Far more than any path takes, far less than the keep-alive's patience. What is closed by
  /// mistake has a successor already.
  static final Duration ANSWER_MAX = Duration.ofSeconds(5);

  private final PeerHost host;
  private final Set<HostConnection> inDoubt = ConcurrentHashMap.newKeySet();

  MovedPeers(PeerHost host) {
    this.host = host;
  }

  /// A connection was made, by either side.
  void connected(HostConnection fresh) {
    Optional<InetAddress> here = address(fresh);
    if (here.isEmpty()) {
      return;
    }
    for (Connection each : host.connections(fresh.remotePeer())) {
      if (each instanceof HostConnection older
          && older.id() < fresh.id()
          && address(older).filter(there -> mayBeGone(older, there, here.get())).isPresent()) {
        doubt(older);
      }
    }
  }

  /// The peer of this connection took it along to another address.
  void heardElsewhere(HostConnection taken) {
    for (Connection each : host.connections(taken.remotePeer())) {
      if (each instanceof HostConnection other && other != taken && address(other).isPresent()) {
        doubt(other);
      }
    }
  }

  private void doubt(HostConnection connection) {
    if (inDoubt.add(connection)) {
      Thread.ofVirtual().name("still there").start(() -> check(connection));
    }
  }

  private static boolean mayBeGone(HostConnection older, InetAddress there, InetAddress here) {
    return !there.equals(here) || SocketAddresses.isQuic(older.remoteAddress());
  }

  /// Empty for a circuit, which ends with the connection to its relay.
  private static Optional<InetAddress> address(HostConnection connection) {
    return connection.relay().isPresent()
        ? Optional.empty()
        : connection.remoteAddress().socketAddress().map(InetSocketAddress::getAddress);
  }

  private void check(HostConnection connection) {
    try {
      host.ping(connection, ANSWER_MAX);
    } catch (DeadlineExceeded e) {
      PeerHost.LOG.debug(
          "gone from there peer={} conn={}", connection.remotePeer(), connection.id());
      connection.close();
    } catch (OverlayException e) {
      // It answered in its way, or has ended already.
      PeerHost.LOG.debug("no ping conn={} reason={}", connection.id(), e.getMessage());
    } finally {
      inDoubt.remove(connection);
    }
  }
}
