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
/// say so over QUIC, where the system does not answer for it. Such older connections are pinged
/// once and closed without an answer, or new streams would take them until the keep-alive gives up.
/// Thread-safe; each ping on a virtual thread.
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
          && address(older).filter(there -> mayBeGone(older, there, here.get())).isPresent()
          && inDoubt.add(older)) {
        Thread.ofVirtual().name("still there").start(() -> check(older));
      }
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

  private void check(HostConnection older) {
    try {
      host.ping(older, ANSWER_MAX);
    } catch (DeadlineExceeded e) {
      PeerHost.LOG.debug("gone from there peer={} conn={}", older.remotePeer(), older.id());
      older.close();
    } catch (OverlayException e) {
      // It answered in its way, or has ended already.
      PeerHost.LOG.debug("no ping conn={} reason={}", older.id(), e.getMessage());
    } finally {
      inDoubt.remove(older);
    }
  }
}
