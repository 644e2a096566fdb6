package io.peerup.node.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupMembership;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.pairing.PairMessages.PeerNotice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/// The groups of this node, kept in `state/groups.json` (0600: it holds the group keys). A change
/// is on disk before it counts. Thread-safe; changes block on the disk.
public final class Memberships {

  private static final int VERSION = 1;

  private final Path file;
  private final List<GroupMembership> groups;

  /// Reads what is stored. @throws Failure `state-damaged` naming the file, which stays as it is
  public Memberships(Home home, PeerId self) {
    this.file = home.state("groups.json");
    this.groups =
        PrivateFiles.readIfExists(file)
            .map(bytes -> decode(file, self, bytes))
            .orElseGet(ArrayList::new);
  }

  /// What groups ask of this node, copied under the lock.
  public synchronized List<GroupMembership> all() {
    return List.copyOf(groups);
  }

  /// The group with this id, if this node is in it.
  public synchronized Optional<GroupMembership> find(String groupId) {
    return groups.stream().filter(each -> each.groupId().equals(groupId)).findFirst();
  }

  /// Whether this group could be added. @throws Failure `too-many-groups`
  public synchronized void checkRoom(String groupId) {
    if (find(groupId).isEmpty() && groups.size() >= Limits.GROUPS_MAX) {
      throw new Failure(
          "too-many-groups",
          "this device is in " + Limits.GROUPS_MAX + " groups already, the most it can be in",
          "use one `relay pair` group for several devices instead of a group for each");
    }
  }

  /// Adds a group, or replaces what is stored of the same one. @throws Failure `too-many-groups`
  public synchronized void add(GroupMembership joined) {
    checkRoom(joined.groupId());
    changing(() -> {
      groups.removeIf(each -> each.groupId().equals(joined.groupId()));
      groups.add(joined);
      store();
    });
  }

  /// Lets a member in, before the group remembers it.
  public interface Admission {

    /// @param group with the change made
    /// @param fresh who is new in it
    /// @param namesBefore how the group's members were called before
    void admit(GroupMembership group, Set<PeerId> fresh, Map<PeerId, String> namesBefore);
  }

  /// Hands a notice of this relay to its group. Relays that do not belong to the group are not
  /// heard. When admitting or storing fails nothing has changed, and the same notice may come
  /// again.
  ///
  /// @param unwelcome who is dropped although the group vouches for it, as if nobody had said so
  /// @param admission called with the group and its new or renamed member before the change is
  ///   stored
  public synchronized IntroResult accept(
      PeerId relay, PeerNotice notice, Predicate<PeerId> unwelcome, Admission admission) {
    for (GroupMembership group : groups) {
      if (group.isFor(notice) && group.relayId().equals(relay)) {
        return accept(group, notice, unwelcome, admission);
      }
    }
    return new IntroResult.Rejected("this device is in no such group", false);
  }

  private IntroResult accept(
      GroupMembership group, PeerNotice notice, Predicate<PeerId> unwelcome, Admission admission) {
    Map<PeerId, String> namesBefore = group.names();
    AtomicReference<IntroResult> result = new AtomicReference<>();
    changing(() -> {
      IntroResult came = group.accept(notice);
      result.set(came);
      switch (came) {
        case IntroResult.Added added when unwelcome.test(added.peer()) -> {
          group.forget(added.peer());
          result.set(new IntroResult.Rejected(added.peer() + " is blocked here", true));
        }
        case IntroResult.Added added -> {
          admission.admit(group, Set.of(added.peer()), namesBefore);
          store();
        }
        case IntroResult.Renamed _ -> {
          admission.admit(group, Set.of(), namesBefore);
          store();
        }
        case IntroResult.Unchanged _, IntroResult.Rejected _ -> {}
      }
    });
    return result.get();
  }

  /// Forgets a peer in every group, so that no introduction brings it back.
  public synchronized void remove(PeerId peer) {
    changing(() -> {
      boolean changed = false;
      for (GroupMembership group : groups) {
        changed |= group.remove(peer);
      }
      if (changed) {
        store();
      }
    });
  }

  /// Makes a change, or none: what could not be stored must not count, or the next attempt would
  /// find it done.
  private void changing(Runnable change) {
    List<JsonObject> before = groups.stream().map(GroupMembership::snapshot).toList();
    try {
      change.run();
    } catch (RuntimeException e) {
      groups.clear();
      before.forEach(group -> groups.add(GroupMembership.restore(group)));
      throw e;
    }
  }

  private void store() {
    JsonArray array = new JsonArray();
    groups.forEach(group -> array.add(group.snapshot()));
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.add("groups", array);
    PrivateFiles.write(file, root.toString().getBytes(StandardCharsets.UTF_8));
  }

  static List<GroupMembership> decode(Path file, PeerId self, byte[] bytes) {
    try {
      JsonObject root = Jsons.parseObject(new String(bytes, StandardCharsets.UTF_8));
      Jsons.integer(root, "version", VERSION, VERSION);
      if (!(root.get("groups") instanceof JsonArray stored) || stored.size() > Limits.GROUPS_MAX) {
        throw new MalformedInput("there is no list of groups in it");
      }
      Map<String, GroupMembership> out = new LinkedHashMap<>();
      for (JsonElement each : stored) {
        if (!(each instanceof JsonObject group)) {
          throw new MalformedInput("one of its groups is not an object");
        }
        GroupMembership membership = GroupMembership.restore(group);
        if (!membership.self().equals(self)) {
          throw new MalformedInput(
              "it belongs to the identity " + membership.self() + ", and this node is " + self);
        }
        if (out.putIfAbsent(membership.groupId(), membership) != null) {
          throw new MalformedInput("the group " + membership.groupId() + " is in it twice");
        }
      }
      return new ArrayList<>(out.values());
    } catch (Failure | MalformedInput e) {
      throw new Failure(
          "state-damaged",
          file + " cannot be used: " + e.getMessage(),
          "restore it (or identity.key) from a backup, or move it away and join again with a new"
              + " code",
          e);
    }
  }
}
