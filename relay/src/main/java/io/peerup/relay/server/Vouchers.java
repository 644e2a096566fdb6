package io.peerup.relay.server;

import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.rendezvous.Vouching;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Authorizer;
import io.peerup.trust.Tier;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Writes whom members bring into `authorized_keys`: tier `invite`, without a name, with the member
/// on whose account it goes. Thread-safe; blocks on the disk.
final class Vouchers implements Vouching {

  /// The attribute that names the member on whose account a peer was brought.
  static final String BY = "by";

  private final AuthorizedKeysFile file;
  private final Authorizer authorizer;
  private final boolean membersInvite;
  private final InstantSource clock;

  /// @param membersInvite whether members may bring others at all
  Vouchers(
      AuthorizedKeysFile file, Authorizer authorizer, boolean membersInvite, InstantSource clock) {
    this.file = file;
    this.authorizer = authorizer;
    this.membersInvite = membersInvite;
    this.clock = clock;
  }

  @Override
  public Outcome vouch(PeerId by, PeerId peer) {
    if (isMember(peer)) {
      return Outcome.WAS_MEMBER;
    }
    if (!membersInvite || !isMember(by) || authorizer.isBlocked(peer)) {
      return Outcome.REFUSED;
    }
    try {
      file.update(keys -> vouched(keys, by, peer));
    } catch (MalformedInput e) {
      // The file is full.
      throw new Failure("limit-reached", String.valueOf(e.getMessage()), e.hint(), e);
    }
    return isMember(peer) ? Outcome.ADMITTED : Outcome.REFUSED;
  }

  /// A line that ended or is disabled is somebody's decision, which a member's word does not undo.
  private AuthorizedKeys vouched(AuthorizedKeys keys, PeerId by, PeerId peer) {
    Optional<PeerId> account = keys.find(by).flatMap(member -> accountOf(keys, member));
    if (account.isEmpty() || keys.mentions(peer) || isFull(keys, account.get())) {
      return keys;
    }
    AuthorizedPeer unnamed = AuthorizedPeer.of(peer);
    return keys.with(
        new AuthorizedPeer(
                peer,
                unnamed.givenName(),
                unnamed.expires(),
                unnamed.tierExpires(),
                unnamed.verified(),
                unnamed.group(),
                unnamed.givenTiers(),
                Map.of(BY, account.get().toString()),
                unnamed.comment())
            .withTier(Tier.INVITE));
  }

  private boolean isFull(AuthorizedKeys keys, PeerId account) {
    return keys.peers().stream()
            .filter(each -> !each.isExpired(clock.instant()))
            .filter(each -> payer(each).equals(Optional.of(account.toString())))
            .count()
        >= Limits.VOUCHED_PER_MEMBER_MAX;
  }

  /// On whose account this member vouches: its own or, if it was brought itself, that of the member
  /// on whose account it was. So those who bring each other share one account, and it closes when
  /// its owner is a member no more.
  private Optional<PeerId> accountOf(AuthorizedKeys keys, AuthorizedPeer member) {
    Optional<String> payer = payer(member);
    if (payer.isEmpty()) {
      return Optional.of(member.peer());
    }
    return keys.peers().stream()
        .map(AuthorizedPeer::peer)
        .filter(each -> each.toString().equals(payer.get()))
        .filter(this::isMember)
        .findFirst();
  }

  /// Nobody pays for whom the relay's owner allowed by hand.
  private Optional<String> payer(AuthorizedPeer peer) {
    return peer.tiers(clock.instant()).contains(Tier.LOCAL)
        ? Optional.empty()
        : Optional.ofNullable(peer.other().get(BY));
  }

  private boolean isMember(PeerId peer) {
    return authorizer.decide(peer, clock.instant()).allowed();
  }
}
