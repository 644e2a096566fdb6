package io.peerup.libp2p;

/// Told of what happens on a host, one call at a time and in order, on a virtual thread of the
/// host. Slow listeners delay only other listeners.
public interface HostListener {

  /// A connection is up: secured, muxed, admitted by the gater.
  default void connected(Connection connection) {}

  /// A connection ended. `reason` is one plain sentence part ("closed by peer", "idle", …).
  default void disconnected(Connection connection, String reason) {}

  /// Identify (or a push) told us about a connected peer.
  default void identified(Connection connection, PeerInfo info) {}

  /// Our own listening or advertised addresses changed.
  default void addressesChanged() {}
}
