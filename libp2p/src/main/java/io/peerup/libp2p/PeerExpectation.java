package io.peerup.libp2p;

/// What a dialer demands of the identity that the security handshake delivers. Asked once, after
/// the remote identity is proven and before our own is revealed (Noise: between messages 2 and 3).
/// Called on an event loop: it must not block.
@FunctionalInterface
public interface PeerExpectation {

  /// True if this is the peer we meant to talk to.
  boolean accepts(PeerId peer);

  /// As [#accepts(PeerId)], when this security protocol, by id, proved it. May throw [Refused]
  /// instead of saying no, to say why.
  default boolean accepts(PeerId peer, String security) {
    return accepts(peer);
  }

  /// Exactly this peer.
  static PeerExpectation exactly(PeerId expected) {
    return expected::equals;
  }

  /// Any identity: for listeners, and for nothing else unless the caller checks afterwards.
  static PeerExpectation any() {
    return peer -> true;
  }
}
