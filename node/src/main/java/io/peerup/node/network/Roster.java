package io.peerup.node.network;

import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps `authorized_keys` and the groups in step: a member that a group vouches for is authorised
/// and named; a peer that the user removed is forgotten by its groups, too.
///
/// Authorisations are written first and memberships second. After a crash in between, a peer is
/// authorised that the group has yet to hear of again, which mends itself; the other order would
/// look like a removal by the user. Thread-safe; blocks on the disk.
public final class Roster {

  private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

  private final PeerId self;
  private final AuthorizedKeysFile keys;
  private final Memberships memberships;
  private volatile Supplier<Optional<String>> chosenName = Optional::empty;
  private final Predicate<PeerId> blocked;

  /// @param blocked whether a peer is on the block list: no group brings it in while it is
  public Roster(
      PeerId self, AuthorizedKeysFile keys, Memberships memberships, Predicate<PeerId> blocked) {
    this.self = self;
    this.keys = keys;
    this.memberships = memberships;
    this.blocked = blocked;
  }

  /// Forgets members that are no longer authorised because somebody edited the file. A line that is
  /// only disabled, by a slip of the pen, removes nobody.
  ///
  /// @throws Failure `authorized-keys-missing` if the whole file is gone although groups have
  ///   members: nobody is let in, and nobody forgotten, until a person says which it should be
  public synchronized void forgetWhatWasRemoved() {
    refuseWithoutFile();
    for (GroupMembership group : memberships.all()) {
      group.members().stream().filter(keys::lacks).forEach(memberships::remove);
    }
  }

  /// Without the file every change would write one that lacks the other members, which looks like a
  /// removal of them all.
  private void refuseWithoutFile() {
    if (keys.isMissing() && memberships.all().stream().anyMatch(g -> !g.members().isEmpty())) {
      throw new Failure(
          "authorized-keys-missing",
          keys.path() + " is missing, but the groups of this device have members",
          "restore the file from a backup; or, to remove all members for good, make an empty one:"
              + " install -m 600 /dev/null "
              + keys.path());
    }
  }

  /// Takes in a group just joined: every member it vouches for is authorised, except those that the
  /// user removed when this device joined the same group before, and those who are blocked. Returns
  /// the latter: the group's relay tells of them again, and once they are unblocked that counts.
  public synchronized List<PeerId> joined(GroupJoin.Result.Joined joined) {
    refuseWithoutFile();
    GroupMembership group = joined.membership();
    Map<PeerId, String> namesBefore = Map.of();
    Optional<GroupMembership> known = memberships.find(group.groupId());
    if (known.isPresent()) {
      namesBefore = known.get().names();
      known.get().removed().forEach(group::remove);
    }
    List<PeerId> refused = group.members().stream().filter(this::refuses).sorted().toList();
    refused.forEach(group::forget);
    authorize(group, group.members(), namesBefore);
    memberships.add(group);
    return refused;
  }

  /// Takes a notice from a relay. A new member is authorised before the group remembers it; one
  /// that is blocked is neither.
  public synchronized IntroResult introduce(PeerId relay, PeerNotice notice) {
    refuseWithoutFile();
    return memberships.accept(relay, notice, this::refuses, this::authorize);
  }

  private boolean refuses(PeerId peer) {
    boolean refused = blocked.test(peer);
    if (refused) {
      LOG.atInfo()
          .addKeyValue("peer", peer)
          .log("a group introduces a peer that is blocked here: not authorised");
    }
    return refused;
  }

  /// Removes a peer for good: from the file, and from every group, so that no relay brings it back.
  public synchronized Optional<AuthorizedPeer> remove(PeerId peer) {
    Optional<AuthorizedPeer> entry = keys.current().find(peer);
    memberships.remove(peer);
    keys.update(all -> all.without(peer));
    return entry;
  }

  /// Takes in a peer that paired with this device by a code: authorised as invited and named as it
  /// calls itself, as far as that is free. One that is authorised already keeps its line. Returns
  /// what it is called.
  public String invited(PeerId peer, String name) {
    return invited(peer, name, Tier.INVITE);
  }

  /// As [#invited(PeerId, String)], or held until two people have compared a live code. An invite
  /// that asks for no comparison ends such a wait.
  public String invited(PeerId peer, String name, Tier tier) {
    return invited(AuthorizedPeer.of(peer).withTier(tier), name);
  }

  /// As [#invited], by a link: the line says so.
  public String invitedByLink(PeerId peer, String name) {
    return invited(AuthorizedPeer.of(peer).withTier(Tier.INVITE).withOther("via", "url"), name);
  }

  private synchronized String invited(AuthorizedPeer line, String name) {
    refuseWithoutFile();
    PeerId peer = line.peer();
    AuthorizedKeys after =
        keys.update(current ->
            current
                .find(peer)
                .map(known -> line.tier() == Tier.INVITE ? current.with(known.released()) : current)
                .orElseGet(() -> current.with(line.withName(current.freeName(name, peer)))));
    return after.find(peer).map(AuthorizedPeer::name).orElse(name);
  }

  /// Whether a line of `authorized_keys` is about this peer.
  public boolean knows(PeerId peer) {
    return keys.current().find(peer).isPresent();
  }

  /// From now on `name` says what this node calls itself if no group does.
  public void alsoCalled(Supplier<Optional<String>> name) {
    chosenName = name;
  }

  /// What this node calls itself: the name that its first group gave it, else the one that it had
  /// when it paired with a code; empty before either.
  public Optional<String> ownName() {
    return memberships.all().stream()
        .findFirst()
        .map(group -> group.names().getOrDefault(self, group.announcedName()))
        .or(chosenName);
  }

  private void authorize(
      GroupMembership group, Collection<PeerId> fresh, Map<PeerId, String> namesBefore) {
    Map<PeerId, String> names = group.names();
    try {
      keys.update(current -> {
        AuthorizedKeys next = current;
        Map<PeerId, String> given = new HashMap<>(namesBefore);
        for (PeerId peer : fresh) {
          if (next.find(peer).isEmpty()) {
            given.put(peer, peer.toString());
          }
          next = next.with(admitted(next, group, peer));
        }
        return renamed(next, group, given, names);
      });
    } catch (MalformedInput e) {
      throw new Failure("too-many-peers", String.valueOf(e.getMessage()), e.hint(), e);
    }
  }

  /// The line of a member. A new one is called like its id until [#renamed] names all. One that is
  /// there already keeps its name, and a group never takes time away: an authorisation that lasts
  /// longer keeps its end.
  private static AuthorizedPeer admitted(
      AuthorizedKeys current, GroupMembership group, PeerId peer) {
    return current
        .find(peer)
        .map(known -> known.vouchedFor(group.groupId(), group.authExpires()))
        .orElseGet(() ->
            AuthorizedPeer.of(peer, peer.toString())
                .withTier(Tier.GROUP)
                .withGroup(group.groupId())
                .withExpires(group.authExpires()));
  }

  /// Gives members the names that the group resolved: an arrival may turn `laptop` into `laptop-2`,
  /// because all devices number equal names in one order, and a member may announce another name.
  /// Whoever is not called as `given` says was named by the user, and keeps that name.
  private static AuthorizedKeys renamed(
      AuthorizedKeys current,
      GroupMembership group,
      Map<PeerId, String> given,
      Map<PeerId, String> names) {
    List<AuthorizedPeer> changing =
        group.members().stream()
            .sorted()
            .flatMap(peer -> current.find(peer).stream())
            .filter(entry -> entry.group().equals(Optional.of(group.groupId())))
            .filter(entry -> entry.name().equals(given.get(entry.peer())))
            .filter(entry -> !entry.name().equals(nameOf(names, entry.peer())))
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
}
