package io.peerup.pairing;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages.PeerNotice;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One group as a member keeps it: the key, and whom the group has vouched for so far. A machine:
/// the node hands it introductions as they come, writes [#snapshot] (which contains the group key:
/// mode 0600) when it says something changed, and authorises and names peers accordingly.
public final class GroupMembership {

  private static final int VERSION = 1;

  private final GroupKey key;
  private final PeerId self;
  private final String announcedName;
  private final PeerId relayId;
  private final Multiaddr relayAddress;
  private final String namespace;
  private final Optional<Instant> authExpires;
  // What each other member announced; never contains ourselves.
  private final Map<PeerId, String> announced = new TreeMap<>();
  private final Set<PeerId> removed = new TreeSet<>();

  GroupMembership(
      GroupKey key,
      PeerId self,
      String announcedName,
      PeerId relayId,
      Multiaddr relayAddress,
      String namespace,
      Optional<Instant> authExpires) {
    this.key = key;
    this.self = self;
    this.announcedName = announcedName;
    this.relayId = relayId;
    this.relayAddress = relayAddress;
    this.namespace = namespace;
    this.authExpires = authExpires;
  }

  /// What came of an introduction.
  public sealed interface IntroResult {

    /// A new member: authorise it, then apply [GroupMembership#names], since others may be renamed
    /// by its arrival.
    record Added(PeerId peer) implements IntroResult {}

    /// A known member with a new name: apply [GroupMembership#names].
    record Renamed(PeerId peer) implements IntroResult {}

    /// Nothing new.
    record Unchanged(PeerId peer) implements IntroResult {}

    /// Dropped. Unless `harmless`, show a warning: the relay is lying or broken.
    ///
    /// @param reason a sentence without a full stop
    /// @param harmless true if an honest relay may send this
    record Rejected(String reason, boolean harmless) implements IntroResult {}
  }

  /// Takes a notice from the relay. Notices for another group are rejected: ask [#isFor] first.
  public IntroResult accept(PeerNotice notice) {
    if (!isFor(notice)) {
      return new IntroResult.Rejected("the notice is for another group", false);
    }
    return accept(notice.intro());
  }

  /// Takes an introduction from the relay, which may be hostile: nothing changes unless the group
  /// vouches for it and the peer signed it.
  public IntroResult accept(byte[] encodedIntro) {
    Intro.Member member;
    try {
      member = Intro.decode(encodedIntro).verify(key);
    } catch (MalformedInput e) {
      return new IntroResult.Rejected(reasonOf(e), false);
    }
    PeerId peer = member.peer();
    if (peer.equals(self)) {
      return new IntroResult.Rejected("the introduction is our own", true);
    }
    if (removed.contains(peer)) {
      return new IntroResult.Rejected("%s was removed here".formatted(peer), true);
    }
    boolean full =
        announced.size() + 1 >= Limits.MEMBERS_MAX || removed.size() >= Limits.REMOVED_MAX;
    if (full && !announced.containsKey(peer)) {
      return new IntroResult.Rejected(
          "the group has %d members already".formatted(Limits.MEMBERS_MAX), false);
    }
    String before = announced.put(peer, member.name());
    if (before == null) {
      return new IntroResult.Added(peer);
    }
    return before.equals(member.name())
        ? new IntroResult.Unchanged(peer)
        : new IntroResult.Renamed(peer);
  }

  /// True if the notice is for this group.
  public boolean isFor(PeerNotice notice) {
    return Arrays.equals(notice.selector(), key.selector());
  }

  /// A unique name for every member, ourselves included; the same at every member that knows the
  /// same members.
  public Map<PeerId, String> names() {
    Map<PeerId, String> all = new TreeMap<>(announced);
    all.put(self, announcedName);
    return MemberNames.resolve(all);
  }

  /// The other members.
  public Set<PeerId> members() {
    return Set.copyOf(announced.keySet());
  }

  /// The user removed this peer: forget it, and let no introduction bring it back, not even the
  /// first one. True if that changed anything.
  public boolean remove(PeerId peer) {
    boolean wasMember = announced.remove(peer) != null;
    boolean remembered = (wasMember || removed.size() < Limits.REMOVED_MAX) && removed.add(peer);
    return wasMember || remembered;
  }

  /// Forget this peer as if it had never been introduced: its next introduction counts.
  public void forget(PeerId peer) {
    announced.remove(peer);
  }

  /// Whom the user removed.
  public Set<PeerId> removed() {
    return Set.copyOf(removed);
  }

  /// The group's short name, as the relay's owner sees it and as `authorized_keys` shows it.
  public String groupId() {
    return key.groupId();
  }

  /// Ourselves.
  public PeerId self() {
    return self;
  }

  /// What we asked to be called; [#names] says what we are called.
  public String announcedName() {
    return announcedName;
  }

  /// The relay that handed out the introductions.
  public PeerId relayId() {
    return relayId;
  }

  /// Where that relay listens, without `/p2p`.
  public Multiaddr relayAddress() {
    return relayAddress;
  }

  /// The private network's name, or empty for the default one.
  public Optional<String> namespace() {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  /// When the members' authorisation ends, or empty for never.
  public Optional<Instant> authExpires() {
    return authExpires;
  }

  /// Everything, the group key included: for a file of mode 0600.
  public JsonObject snapshot() {
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.addProperty("selector", HexFormat.of().formatHex(key.selector()));
    byte[] secret = key.key();
    out.addProperty("groupKey", HexFormat.of().formatHex(secret));
    Arrays.fill(secret, (byte) 0);
    out.addProperty("self", self.toString());
    out.addProperty("name", announcedName);
    out.addProperty("relayId", relayId.toString());
    out.addProperty("relayAddress", relayAddress.toString());
    out.addProperty("namespace", namespace);
    authExpires.ifPresent(t -> out.addProperty("authExpires", t.toString()));
    JsonArray members = new JsonArray();
    announced.forEach((peer, name) -> {
      JsonObject member = new JsonObject();
      member.addProperty("peerId", peer.toString());
      member.addProperty("name", name);
      members.add(member);
    });
    out.add("members", members);
    JsonArray gone = new JsonArray();
    removed.forEach(peer -> gone.add(peer.toString()));
    out.add("removed", gone);
    return out;
  }

  /// The membership of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static GroupMembership restore(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the group was written by another version of this program");
    }
    String namespace = in.text("namespace");
    GroupMembership membership =
        new GroupMembership(
            GroupKey.of(in.hex("selector"), in.hex("groupKey")),
            PeerId.parse(in.text("self")),
            Names.check(in.text("name")),
            PeerId.parse(in.text("relayId")),
            Multiaddr.parse(in.text("relayAddress")),
            namespace.isEmpty() ? namespace : Names.checkNamespace(namespace),
            in.optionalInstant("authExpires"));
    in.objects("members", Limits.MEMBERS_MAX - 1, m -> m)
        .forEach(m ->
            membership.announced.put(PeerId.parse(m.text("peerId")), Names.check(m.text("name"))));
    membership.removed.addAll(in.texts("removed", Limits.REMOVED_MAX, PeerId::parse));
    membership.announced.remove(membership.self);
    return membership;
  }

  private static String reasonOf(MalformedInput e) {
    String message = e.getMessage();
    return message == null ? "the introduction is malformed" : message;
  }

  /// Shows no key.
  @Override
  public String toString() {
    return "GroupMembership[group=%s, members=%d]".formatted(groupId(), announced.size() + 1);
  }
}
