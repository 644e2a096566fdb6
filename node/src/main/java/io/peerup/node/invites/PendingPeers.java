package io.peerup.node.invites;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.node.peers.PairingGuests;
import java.util.Set;

/// Peers that paired with this device and have not said that they know of it. Kept on disk, and
/// only shown: they are trusted all the same. Thread-safe.
public final class PendingPeers implements HostListener {

  private final InviteStore store;
  private final PairingGuests guests;

  /// @param guests who is here with a code, and so does not show yet that it trusts us
  public PendingPeers(InviteStore store, PairingGuests guests) {
    this.store = store;
    this.guests = guests;
  }

  /// All of them.
  public Set<PeerId> all() {
    synchronized (store) {
      return store.pending();
    }
  }

  /// Shown as not having acknowledged until it talks to us. On disk when it returns.
  void add(PeerId peer) {
    synchronized (store) {
      store.pend(peer);
      store.save();
    }
  }

  /// A pending peer that comes back with its identity knows that it is paired: it could not have
  /// dialled us otherwise.
  @Override
  public void connected(Connection connection) {
    if (connection.direction() == Direction.INBOUND) {
      heardOf(connection.remotePeer());
    }
  }

  /// It answers us, so it trusts us.
  @Override
  public void identified(Connection connection, PeerInfo info) {
    heardOf(connection.remotePeer());
  }

  /// The disk is not for the thread that tells of connections.
  private void heardOf(PeerId peer) {
    if (all().contains(peer)) {
      Thread.ofVirtual().name("pairing acknowledged").start(() -> met(peer));
    }
  }

  private void met(PeerId peer) {
    synchronized (store) {
      boolean guest = guests.contains(peer);
      if (!guest && store.acknowledged(peer)) {
        store.trySave();
      }
    }
  }
}
