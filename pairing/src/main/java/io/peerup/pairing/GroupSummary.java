package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A group as the relay's owner sees it in a list.
///
/// @param group short name, 8 hex digits
/// @param state whether its codes work
/// @param codes how many were made
/// @param used how many admitted a member, removed ones included
/// @param failures counted wrong tokens, 0…3
/// @param created when it was made
/// @param expires when its codes end
/// @param authExpires when its members' authorisation ends, or empty for never
/// @param namespace its network, or empty for the default one
/// @param members who is in, by peer id
public record GroupSummary(
    String group,
    State state,
    int codes,
    int used,
    int failures,
    Instant created,
    Instant expires,
    Optional<Instant> authExpires,
    Optional<String> namespace,
    List<PeerId> members) {

  /// Whether the codes of a group work. Members stay in every state.
  public enum State {
    /// Unused codes work. Becomes one of the others.
    OPEN,
    /// Three wrong tokens came: unused codes are dead. For good.
    BURNED,
    /// The owner took the codes back. For good.
    REVOKED,
    /// The codes' time is over. For good.
    EXPIRED
  }
}
