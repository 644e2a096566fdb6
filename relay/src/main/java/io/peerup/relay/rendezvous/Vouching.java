package io.peerup.relay.rendezvous;

import io.peerup.libp2p.PeerId;

/// What a relay does about a member's word for somebody.
public interface Vouching {

  /// What became of it.
  enum Outcome {
    /// The peer is a member from now on.
    ADMITTED,
    /// It was one before; nothing changed.
    WAS_MEMBER,
    REFUSED
  }

  /// A member says that it paired with this peer. Durable when it returns. Throws
  /// [io.peerup.control.Failure] if that cannot be written. May block.
  Outcome vouch(PeerId by, PeerId peer);
}
