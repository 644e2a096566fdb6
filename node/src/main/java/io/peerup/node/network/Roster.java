package io.peerup.node.network;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.GroupMembership;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Tier;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Keeps `authorized_keys` and the groups in step: a member that a group vouches for is authorised
/// and named; a peer that the user removed is forgotten by its groups, too.
///
/// Authorisations are written first and memberships second. After a crash in between, a peer is
/// authorised that the group has yet to hear of again, which mends itself; the other order would
/// look like a removal by the user. Thread-safe; blocks on the disk.
public final class Roster {

  private final PeerId self;
  private final AuthorizedKeysFile keys;
  private final Memberships memberships;

  public Roster(PeerId self, AuthorizedKeysFile keys, Memberships memberships) {
    this.self = self;
    this.keys = keys;
    this.memberships = memberships;
  }

  /// Forgets members that are no longer authorised because somebody edited the file meanwhile.
  public synchronized void forgetWhatWasRemoved() {
    AuthorizedKeys current = keys.current();
    for (GroupMembership group : memberships.all()) {
      for (PeerId member : group.members()) {
        if (current.find(member).isEmpty()) {
          memberships.remove(member);
        }
      }
    }
  }

  /// Takes in a group just joined: every member it vouches for is authorised.
  public synchronized void joined(GroupJoin.Result.Joined joined) {
    authorize(joined.membership(), joined.members());
    memberships.add(joined.membership());
  }

  /// Takes a notice from a relay. A new member is authorised before the group remembers it.
  public synchronized IntroResult introduce(PeerId relay, PeerNotice notice) {
    return memberships.accept(relay, notice, this::authorize);
  }

  /// Removes a peer for good: from the file, and from every group, so that no relay brings it back.
  public synchronized Optional<AuthorizedPeer> remove(PeerId peer) {
    Optional<AuthorizedPeer> entry = keys.current().find(peer);
    memberships.remove(peer);
    keys.update(all -> all.without(peer));
    return entry;
  }

  /// What this node calls itself: the name that its first group gave it, or empty before the first.
  public Optional<String> ownName() {
    return memberships.all().stream()
        .findFirst()
        .map(group -> group.names().getOrDefault(self, group.announcedName()));
  }

  private void authorize(GroupMembership group, Collection<PeerId> fresh) {
    Map<PeerId, String> names = group.names();
    Set<PeerId> members = group.members();
    keys.update(current -> {
      AuthorizedKeys next = current;
      for (PeerId peer : fresh) {
        if (next.find(peer).isEmpty()) {
          next =
              next.with(
                  AuthorizedPeer.of(peer, next.freeName(nameOf(names, peer), peer))
                      .withGroup(group.groupId())
                      .withTier(Tier.GROUP)
                      .withExpires(group.authExpires()));
        }
      }
      return renamed(next, group, names, members);
    });
  }

  /// Gives members the names that the group resolved, except those that the user named: an arrival
  /// may turn `laptop` into `laptop-2`, because all devices number equal names in one order.
  private static AuthorizedKeys renamed(
      AuthorizedKeys current,
      GroupMembership group,
      Map<PeerId, String> names,
      Set<PeerId> members) {
    List<AuthorizedPeer> changing =
        members.stream()
            .sorted()
            .flatMap(peer -> current.find(peer).stream())
            .filter(entry -> entry.group().equals(Optional.of(group.groupId())))
            .filter(entry -> !entry.name().equals(nameOf(names, entry.peer())))
            .filter(entry -> isNumberingOf(entry.name(), nameOf(names, entry.peer())))
            .toList();
    // Two names may trade places: free them all before giving the first.
    AuthorizedKeys next = current;
    for (AuthorizedPeer entry : changing) {
      next = next.with(entry.withName(entry.peer().toString()));
    }
    for (AuthorizedPeer entry : changing) {
      next = next.with(entry.withName(next.freeName(nameOf(names, entry.peer()), entry.peer())));
    }
    return next;
  }

  private static String nameOf(Map<PeerId, String> names, PeerId peer) {
    return names.getOrDefault(peer, "peer");
  }

  /// Whether one name is the other but for a `-2`, `-3`, … at the end.
  private static boolean isNumberingOf(String one, String other) {
    Pattern number = Pattern.compile("-[0-9]{1,3}$");
    return number.matcher(one).replaceFirst("").equals(number.matcher(other).replaceFirst(""));
  }
}
