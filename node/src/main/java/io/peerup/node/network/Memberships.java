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
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// The groups of this node, kept in `state/groups.json` (0600: it holds the group keys). A change
/// is on disk before it counts. Thread-safe; changes block on the disk.
public final class Memberships {

  private static final int VERSION = 1;

  private final Path file;
  private final List<GroupMembership> groups;

  /// Reads what is stored. @throws Failure `state-damaged` naming the file
  public Memberships(Home home) {
    this.file = home.state("groups.json");
    this.groups = PrivateFiles.readIfExists(file).map(this::decode).orElseGet(ArrayList::new);
  }

  /// What groups ask of this node, copied under the lock.
  public synchronized List<GroupMembership> all() {
    return List.copyOf(groups);
  }

  /// Adds a group, or replaces what is stored of the same one. @throws Failure `too-many-groups`
  public synchronized void add(GroupMembership joined) {
    List<GroupMembership> before = List.copyOf(groups);
    groups.removeIf(each -> each.groupId().equals(joined.groupId()));
    if (groups.size() >= Limits.GROUPS_MAX) {
      groups.clear();
      groups.addAll(before);
      throw new Failure(
          "too-many-groups",
          "this device is in " + Limits.GROUPS_MAX + " groups already, the most it can be in",
          "use one `relay pair` group for several devices instead of a group for each");
    }
    groups.add(joined);
    try {
      store();
    } catch (Failure e) {
      groups.clear();
      groups.addAll(before);
      throw e;
    }
  }

  /// Hands a notice of this relay to its group. Relays that do not belong to the group are not
  /// heard.
  ///
  /// @param admit called with the group and its new or renamed member before the change is stored
  public synchronized IntroResult accept(
      PeerId relay, PeerNotice notice, BiConsumer<GroupMembership, Set<PeerId>> admit) {
    for (GroupMembership group : groups) {
      if (group.isFor(notice) && group.relayId().equals(relay)) {
        IntroResult result = group.accept(notice);
        switch (result) {
          case IntroResult.Added added -> {
            admit.accept(group, Set.of(added.peer()));
            store();
          }
          case IntroResult.Renamed _ -> {
            admit.accept(group, Set.of());
            store();
          }
          case IntroResult.Unchanged _, IntroResult.Rejected _ -> {}
        }
        return result;
      }
    }
    return new IntroResult.Rejected("this device is in no such group", false);
  }

  /// Forgets a peer in every group, so that no introduction brings it back.
  public synchronized void remove(PeerId peer) {
    boolean changed = false;
    for (GroupMembership group : groups) {
      changed |= group.remove(peer);
    }
    if (changed) {
      store();
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

  private List<GroupMembership> decode(byte[] bytes) {
    try {
      JsonObject root = Jsons.parseObject(new String(bytes, StandardCharsets.UTF_8));
      Jsons.integer(root, "version", VERSION, VERSION);
      List<GroupMembership> out = new ArrayList<>();
      for (JsonElement each : root.getAsJsonArray("groups")) {
        out.add(GroupMembership.restore(each.getAsJsonObject()));
      }
      return out;
    } catch (Failure | MalformedInput | IllegalStateException | NullPointerException e) {
      throw new Failure(
          "state-damaged",
          file + " is damaged: " + e.getMessage(),
          "restore it from a backup, or move it away and join again with a new code",
          e);
    }
  }
}
