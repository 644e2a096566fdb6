package io.peerup.relay.server;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.group.Membership;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Authorizer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Members are who `authorized_keys` says they are; pairing adds lines to it. Thread-safe; writing
/// blocks, [#isMember] does not.
final class AuthorizedMembers implements Membership {

  private final AuthorizedKeysFile file;
  private final Authorizer authorizer;
  private final Visitors visitors;
  private final InstantSource clock;

  AuthorizedMembers(
      AuthorizedKeysFile file, Authorizer authorizer, Visitors visitors, InstantSource clock) {
    this.file = file;
    this.authorizer = authorizer;
    this.visitors = visitors;
    this.clock = clock;
  }

  @Override
  public boolean isMember(PeerId peer) {
    return authorizer.decide(peer, clock.instant()).allowed();
  }

  /// True if the peer gets nothing here, not even a chance to pair.
  boolean isBlocked(PeerId peer) {
    return authorizer.isBlocked(peer);
  }

  @Override
  public void spoke(Connection connection) {
    visitors.spoke(connection);
  }

  @Override
  public void admit(PeerId peer, String group, Optional<Instant> expires) {
    if (isBlocked(peer)) {
      throw new Failure(
          "peer-blocked",
          peer + " was blocked while it paired",
          "peerup peer unblock --id " + peer);
    }
    update(keys -> keys.with(admitted(keys.find(peer), peer, group, expires)));
  }

  @Override
  public void leftProbation(Connection connection) {
    visitors.leave(Visitors.Visitor.of(connection));
  }

  /// What a code gives never takes away: an authorisation that lasts longer keeps its end.
  private AuthorizedPeer admitted(
      Optional<AuthorizedPeer> known, PeerId peer, String group, Optional<Instant> expires) {
    Instant now = clock.instant();
    if (known.isPresent() && !known.get().isExpired(now) && outlasts(known.get(), expires)) {
      return known.get();
    }
    return known.orElseGet(() -> AuthorizedPeer.of(peer)).withGroup(group).withExpires(expires);
  }

  private static boolean outlasts(AuthorizedPeer known, Optional<Instant> expires) {
    return known.expires().isEmpty()
        || (expires.isPresent() && !known.expires().get().isBefore(expires.get()));
  }

  /// Authorises by hand: a name and an end are changed only if given.
  AuthorizedPeer authorize(PeerId peer, Optional<String> name, Optional<Instant> expires) {
    AuthorizedKeys changed =
        update(keys -> {
          AuthorizedPeer entry = keys.find(peer).orElseGet(() -> AuthorizedPeer.of(peer));
          if (name.isPresent()) {
            entry = entry.withName(keys.freeName(name.get(), peer));
          }
          if (expires.isPresent() || entry.isExpired(clock.instant())) {
            entry = entry.withExpires(expires);
          }
          return keys.with(entry);
        });
    return changed.find(peer).orElseThrow();
  }

  /// Removes by hand. False if the file did not name the peer.
  boolean remove(PeerId peer) {
    boolean known = isNamed(peer);
    if (known) {
      update(keys -> keys.without(peer));
    }
    return known;
  }

  /// True if any line, also one that is disabled, is about this peer: then it is not gone, only
  /// without effect for now.
  boolean isNamed(PeerId peer) {
    return file.current().mentions(peer);
  }

  AuthorizedKeys current() {
    return file.current();
  }

  private AuthorizedKeys update(UnaryOperator<AuthorizedKeys> change) {
    try {
      return file.update(change);
    } catch (MalformedInput e) {
      throw new Failure("bad-request", String.valueOf(e.getMessage()), e.hint(), e);
    }
  }
}
