package io.peerup.trust;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.Set;
import java.util.function.Supplier;

/// The one place that decides whether a peer may speak to us. Asked for every connection and every
/// stream, in both directions; answers from memory. Thread-safe.
///
/// Whoever adds another reason to refuse (a block list) or to allow less (scopes) adds it to
/// [#decide], and nowhere else.
public final class Authorizer {

  private final Supplier<AuthorizedKeys> keys;

  /// Decides from what `keys` returns at the time, e.g. `AuthorizedKeysFile::current`.
  public Authorizer(Supplier<AuthorizedKeys> keys) {
    this.keys = keys;
  }

  /// An answer.
  ///
  /// @param allowed whether the peer may speak to us
  /// @param tiers why it is trusted; empty if it is not
  /// @param reason for logs and status, without a full stop
  public record Decision(boolean allowed, Set<Tier> tiers, String reason) {
    public Decision {
      tiers = Set.copyOf(tiers);
    }
  }

  /// May this peer speak to us at this time?
  public Decision decide(PeerId peer, Instant now) {
    return keys.get()
        .find(peer)
        .map(p -> decide(p, now))
        .orElseGet(() -> new Decision(false, Set.of(), "not in authorized_keys"));
  }

  private static Decision decide(AuthorizedPeer peer, Instant now) {
    if (peer.isExpired(now)) {
      return new Decision(
          false,
          Set.of(),
          "authorisation ended at " + peer.expires().map(Instant::toString).orElse(""));
    }
    return new Decision(true, Set.of(peer.tier()), "authorised as " + peer.name());
  }
}
