package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.Optional;

/// An invite as lists show it: nothing of it is secret.
///
/// @param id short public name
/// @param kind 1 spoken, 2 typed, 5 full
/// @param label what its maker calls it, or empty
/// @param state what can become of it
/// @param created when it was made
/// @param expires when it ends
/// @param failures wrong codes so far, 0…3
/// @param consumedBy the peer that joined with it
public record InviteSummary(
    String id,
    int kind,
    String label,
    State state,
    Instant created,
    Instant expires,
    int failures,
    Optional<PeerId> consumedBy) {

  /// What can become of an invite.
  public enum State {
    /// Somebody may join.
    OPEN,
    /// Somebody is trying right now; open again if it goes away.
    RESERVED,
    /// Somebody joined. The same peer may ask again until it expires, nobody else.
    CONSUMED,
    /// Too many wrong codes, or too many runs that were broken off.
    BURNED,
    /// Its time is over.
    EXPIRED
  }
}
