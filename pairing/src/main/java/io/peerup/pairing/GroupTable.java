package io.peerup.pairing;

import com.google.gson.JsonObject;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages.Admitted;
import io.peerup.pairing.PairMessages.PairRequest;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.pairing.PairOutcome.Cause;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The relay's side of group pairing: which groups there are, who may join, who is in. A machine:
/// the relay calls it under one lock, writes [#snapshot] to disk when a result says `changed`, and
/// only then sends the answer.
///
/// It never sees a code, a group key or a name, only hashes of tokens and sealed introductions.
public final class GroupTable {

  private static final byte[] NO_SELECTOR = new byte[GroupSecrets.SELECTOR_BYTES];

  private final PairWork work;
  private final List<Group> groups;
  // Stands in for a group that does not exist, so that a wrong selector costs what a right one
  // does.
  private final Group dummy =
      new Group(NO_SELECTOR, "", Instant.EPOCH, Instant.EPOCH, Instant.EPOCH);

  public GroupTable() {
    this(PairWork.uncounted());
  }

  public GroupTable(PairWork work) {
    this(work, List.of());
  }

  private GroupTable(PairWork work, List<Group> groups) {
    this.work = work;
    this.groups = new ArrayList<>(groups);
  }

  /// Opens a group: its codes work from `now` for `ttl` (1 s…30 days), its members' authorisation
  /// ends after `authorisation` (never if empty). `namespace` is the network's name, empty for the
  /// default one. Throws [LimitReached] when too many groups are open or remembered,
  /// [MalformedInput] for a bad argument or a selector that exists already.
  public GroupSummary create(
      GroupSpec spec,
      Duration ttl,
      Optional<Duration> authorisation,
      String namespace,
      Instant now) {
    checkTtl(ttl);
    checkAuthorisation(authorisation);
    if (!namespace.isEmpty()) {
      Names.checkNamespace(namespace);
    }
    prune(now);
    checkOpenGroups(now);
    if (groups.size() >= Limits.GROUPS_MAX) {
      throw new LimitReached(
          "the relay remembers %d groups already".formatted(Limits.GROUPS_MAX),
          "remove members that are no longer needed");
    }
    if (groups.stream().anyMatch(g -> g.id().equals(spec.groupId()))) {
      throw new MalformedInput("a group with this name exists already", "make new codes");
    }
    Group group =
        new Group(
            spec.selector(),
            namespace,
            now,
            now.plus(ttl),
            authorisation.map(now::plus).orElse(null));
    spec.tokenHashes().forEach(hash -> group.slots.add(Group.Slot.unused(hash)));
    groups.add(group);
    return group.summary(now);
  }

  /// Replaces the unused codes of a group, whether burned, revoked, expired or open, by those with
  /// these hashes, which work from `now` for `ttl`. Failures and locks are forgotten; members and
  /// their used codes stay. Empty if there is no such group. Throws [MalformedInput] for a bad
  /// argument, [LimitReached] if it would have too many codes or too many groups would be open.
  public Optional<GroupSummary> reissue(
      String groupId, List<byte[]> tokenHashes, Duration ttl, Instant now) {
    checkTtl(ttl);
    prune(now);
    Optional<Group> found = groups.stream().filter(g -> g.id().equals(groupId)).findFirst();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Group group = found.get();
    List<byte[]> all = new ArrayList<>(tokenHashes);
    group.slots.stream().filter(s -> s.usedBy() != null).forEach(s -> all.add(s.hash()));
    if (all.size() > Limits.MEMBERS_MAX) {
      throw new LimitReached(
          "%d codes of this group are used; with %d more it would have more than %d"
              .formatted(all.size() - tokenHashes.size(), tokenHashes.size(), Limits.MEMBERS_MAX),
          "ask for fewer codes, or make another group");
    }
    if (!group.isLive(now)) {
      checkOpenGroups(now);
    }
    // Checks the hashes, and that none was there before.
    GroupSpec checked = new GroupSpec(group.selector, all);
    group.reissue(checked.tokenHashes().subList(0, tokenHashes.size()), now.plus(ttl));
    return Optional.of(group.summary(now));
  }

  /// Decides on the request in a frame body that `peer`, proven by the secure channel, sent from
  /// `source`. Every outcome takes the same steps: one hash, the same number of comparisons, one
  /// introduction checked.
  public PairOutcome join(byte[] frame, PeerId peer, SourcePrefix source, Instant now) {
    PairRequest request;
    try {
      request = PairMessages.decodeRequest(frame);
    } catch (MalformedInput e) {
      return refuse(Cause.BAD_REQUEST, dummy, false);
    }
    return join(request, peer, source, now);
  }

  /// As the other `join`, with the request decoded.
  public PairOutcome join(PairRequest request, PeerId peer, SourcePrefix source, Instant now) {
    Group group = find(request.selector(), now);
    byte[] hash = GroupSecrets.tokenHash(request.selector(), request.token());
    work.hashed();
    int slot = group.match(hash, work);
    Optional<Intro> intro = checkIntro(request, peer);
    return decide(group, slot, peer, source, intro, now);
  }

  /// Ends a group's unused codes. Members stay. False if there is no such group.
  public boolean revoke(String groupId) {
    Optional<Group> group = groups.stream().filter(g -> g.id().equals(groupId)).findFirst();
    group.ifPresent(g -> g.revoked = true);
    return group.isPresent();
  }

  /// Takes a peer out of all groups, for good: its codes do not bring it back, and its introduction
  /// is handed out no more. False if it was in none.
  public boolean removeMember(PeerId peer) {
    boolean removed = false;
    for (Group group : groups) {
      removed |= group.remove(peer);
    }
    return removed;
  }

  /// What this member should know: every other member of its groups. To be sent whenever it
  /// connects; receivers ignore what they have.
  public List<PeerNotice> noticesFor(PeerId member, Instant now) {
    return groups.stream()
        .filter(g -> g.intros.containsKey(member) && !g.isOver(now))
        .flatMap(g ->
            g.others(member).stream()
                .map(o -> new PeerNotice(g.selector.clone(), introOf(g, o).clone())))
        .toList();
  }

  /// True while strangers have a reason to be here.
  public boolean hasLiveGroup(Instant now) {
    return groups.stream().anyMatch(g -> g.isLive(now));
  }

  /// Everyone who is in a group whose authorisation has not ended.
  public Set<PeerId> members(Instant now) {
    Set<PeerId> members = new TreeSet<>();
    groups.stream().filter(g -> !g.isOver(now)).forEach(g -> members.addAll(g.intros.keySet()));
    return members;
  }

  /// All groups, oldest first.
  public List<GroupSummary> groups(Instant now) {
    return groups.stream().map(g -> g.summary(now)).toList();
  }

  /// Forgets groups that are over, and those without members whose codes have expired. True if
  /// there were any.
  public boolean prune(Instant now) {
    return groups.removeIf(g -> g.isOver(now) || (g.intros.isEmpty() && !now.isBefore(g.expires)));
  }

  /// Everything, for the state file.
  public JsonObject snapshot() {
    return GroupTableJson.write(groups);
  }

  /// The table of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static GroupTable restore(JsonObject snapshot, PairWork work) {
    return new GroupTable(work, GroupTableJson.read(snapshot));
  }

  private Group find(byte[] selector, Instant now) {
    List<Group> live = groups.stream().filter(g -> g.isLive(now)).toList();
    Group found = dummy;
    for (int i = 0; i < Math.max(Limits.OPEN_GROUPS_MAX, live.size()); i++) {
      boolean real = i < live.size();
      boolean equal = MessageDigest.isEqual(selector, real ? live.get(i).selector : NO_SELECTOR);
      work.compared();
      if (equal && real) {
        found = live.get(i);
      }
    }
    return found;
  }

  private Optional<Intro> checkIntro(PairRequest request, PeerId peer) {
    work.checkedIntro();
    try {
      Intro intro = Intro.decode(request.intro());
      boolean fits =
          intro.peer().equals(peer) && Arrays.equals(intro.selector(), request.selector());
      return fits ? Optional.of(intro) : Optional.empty();
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }

  /// The order of these lines is the rule: what proves a right comes first, what counts as a guess
  /// (right selector, wrong secret) comes after everything that must not count.
  private PairOutcome decide(
      Group group,
      int index,
      PeerId peer,
      SourcePrefix source,
      Optional<Intro> intro,
      Instant now) {
    if (group == dummy || group.isOver(now)) {
      return refuse(Cause.UNKNOWN_GROUP, dummy, false);
    }
    Group.Slot slot = index < 0 ? null : group.slots.get(index);
    if (slot != null && slot.belongsTo(peer)) {
      return slot.removed()
          ? refuse(Cause.REMOVED_MEMBER, group, false)
          : admit(group, peer, intro, true);
    }
    if (group.intros.containsKey(peer)) {
      return refuse(Cause.ALREADY_MEMBER, group, false);
    }
    if (group.isBurned()) {
      return refuse(Cause.BURNED, group, false);
    }
    if (group.isLocked(source)) {
      return refuse(Cause.LOCKED_SOURCE, group, false);
    }
    if (slot == null || slot.usedBy() != null) {
      group.countFailure(source);
      return refuse(slot == null ? Cause.WRONG_TOKEN : Cause.USED_TOKEN, group, true);
    }
    if (intro.isPresent()) {
      group.slots.set(index, slot.takenBy(peer, now));
    }
    return admit(group, peer, intro, false);
  }

  private static PairOutcome admit(
      Group group, PeerId peer, Optional<Intro> intro, boolean resumed) {
    if (intro.isEmpty()) {
      return refuse(Cause.BAD_INTRO, group, false);
    }
    byte[] encoded = intro.get().encoded();
    byte[] before = group.intros.put(peer, encoded);
    List<PeerId> others = group.others(peer);
    Optional<Instant> authExpires = Optional.ofNullable(group.authExpires);
    return new PairOutcome.Admitted(
        group.id(),
        peer,
        authExpires,
        group.network(),
        new PeerNotice(group.selector.clone(), encoded.clone()),
        others,
        PairMessages.encode(
            new Admitted(authExpires, others.stream().map(o -> introOf(group, o)).toList())),
        resumed,
        !Arrays.equals(before, encoded));
  }

  private static PairOutcome refuse(Cause cause, Group group, boolean counted) {
    boolean known = cause != Cause.UNKNOWN_GROUP && cause != Cause.BAD_REQUEST;
    return new PairOutcome.Refused(
        cause,
        known ? Optional.of(group.id()) : Optional.empty(),
        counted,
        counted && group.isBurned());
  }

  private static byte[] introOf(Group group, PeerId member) {
    byte[] intro = group.intros.get(member);
    if (intro == null) {
      throw new IllegalStateException("internal error: a member without introduction");
    }
    return intro;
  }

  private void checkOpenGroups(Instant now) {
    if (groups.stream().filter(g -> g.isLive(now)).count() >= Limits.OPEN_GROUPS_MAX) {
      throw new LimitReached(
          "there are %d open groups already".formatted(Limits.OPEN_GROUPS_MAX),
          "revoke one, or wait until one expires");
    }
  }

  private static void checkTtl(Duration ttl) {
    if (ttl.compareTo(Duration.ofSeconds(1)) < 0 || ttl.compareTo(Limits.TTL_MAX) > 0) {
      throw new MalformedInput(
          "codes work for 1 second to %d days".formatted(Limits.TTL_MAX.toDays()),
          "choose another time to live, e.g. 1h");
    }
  }

  private static void checkAuthorisation(Optional<Duration> authorisation) {
    if (authorisation.isPresent()
        && (authorisation.get().compareTo(Duration.ofSeconds(1)) < 0
            || authorisation.get().compareTo(Limits.AUTHORISATION_MAX) > 0)) {
      throw new MalformedInput(
          "an authorisation lasts from 1 second to %d days"
              .formatted(Limits.AUTHORISATION_MAX.toDays()),
          "leave the expiry out for an authorisation without end");
    }
  }
}
