package io.peerup.libp2p;

/// Asked before every dial, after every accept, after every handshake, and before every stream in
/// both directions. Implementations decide from memory: they run on event loops and must not block.
///
/// A connection or stream that is not allowed is closed or reset with code `GATED` (error codes
/// 0x1007 and 0x1008) and costs the peer nothing else.
public interface ConnectionGater {

  /// May we dial this peer at this address? (The peer is known, or the dial is by address only and
  /// [#allowSecured] decides.)
  default boolean allowDial(PeerId peer, Multiaddr address) {
    return true;
  }

  /// May a connection from this address start a handshake? Asked before any cryptography.
  default boolean allowAccept(Multiaddr remote) {
    return true;
  }

  /// May this authenticated peer stay connected? `remote` is its address as we see it.
  default boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
    return true;
  }

  /// Is this security protocol, by id, enough for this authenticated peer at `remote`? Asked after
  /// [#allowSecured]; for outbound connections before our own identity is revealed. Throws
  /// [Refused] that says why not, and what to do.
  default void checkSecurity(PeerId peer, Multiaddr remote, String security) {}

  /// May this stream exist? Asked when the protocol is known: for inbound streams before the
  /// handler runs, for outbound ones before anything is sent.
  default boolean allowStream(Direction direction, Connection connection, String protocol) {
    return true;
  }

  /// Allows everything.
  static ConnectionGater open() {
    return new ConnectionGater() {};
  }
}
