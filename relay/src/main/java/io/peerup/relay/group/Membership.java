package io.peerup.relay.group;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.Optional;

/// What the relay around group pairing does about people: kept apart so that pairing knows neither
/// authorisation files nor connection gates. Called on virtual threads; may block.
public interface Membership {

  /// The stranger at the other end said its first thing.
  void spoke(Connection connection);

  /// Authorise this peer now and durably. Throws [io.peerup.control.Failure] if that cannot be
  /// written: it then stays a stranger.
  void admit(PeerId peer, String group, Optional<Instant> expires);

  /// The peer at the other end is a member now: its connection may stay.
  void leftProbation(Connection connection);

  /// True if the peer is authorised now.
  boolean isMember(PeerId peer);
}
