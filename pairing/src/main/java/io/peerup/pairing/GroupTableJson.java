package io.peerup.pairing;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The state file of a [GroupTable]. Reading checks everything again: a file may be damaged.
final class GroupTableJson {

  private static final int VERSION = 1;
  private static final HexFormat HEX = HexFormat.of();

  private GroupTableJson() {}

  static JsonObject write(List<Group> groups) {
    JsonArray list = new JsonArray();
    groups.forEach(g -> list.add(write(g)));
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.add("groups", list);
    return out;
  }

  static List<Group> read(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the groups were written by another version of this program");
    }
    List<Group> groups = in.objects("groups", Limits.GROUPS_MAX, GroupTableJson::readGroup);
    if (groups.stream().map(Group::id).distinct().count() != groups.size()) {
      throw new MalformedInput("a group is listed twice");
    }
    return groups;
  }

  private static JsonObject write(Group group) {
    JsonObject out = new JsonObject();
    out.addProperty("selector", HEX.formatHex(group.selector));
    out.addProperty("namespace", group.namespace);
    out.addProperty("created", group.created.toString());
    out.addProperty("expires", group.expires.toString());
    add(out, "authExpires", group.authExpires);
    out.addProperty("failures", group.failures);
    out.addProperty("revoked", group.revoked);
    JsonArray slots = new JsonArray();
    for (Group.Slot slot : group.slots) {
      JsonObject s = new JsonObject();
      s.addProperty("hash", HEX.formatHex(slot.hash()));
      add(s, "usedBy", slot.usedBy());
      add(s, "usedAt", slot.usedAt());
      s.addProperty("removed", slot.removed());
      slots.add(s);
    }
    out.add("slots", slots);
    JsonArray intros = new JsonArray();
    group.intros.values().forEach(i -> intros.add(HEX.formatHex(i)));
    out.add("intros", intros);
    JsonArray sources = new JsonArray();
    group.failuresBySource.forEach((source, count) -> {
      JsonObject s = new JsonObject();
      s.addProperty("source", source.text());
      s.addProperty("failures", count);
      sources.add(s);
    });
    out.add("failuresBySource", sources);
    return out;
  }

  private static Group readGroup(JsonFields in) {
    String namespace = in.text("namespace");
    Group group =
        new Group(
            in.hex("selector"),
            namespace.isEmpty() ? namespace : Names.checkNamespace(namespace),
            in.instant("created"),
            in.instant("expires"),
            in.optionalInstant("authExpires").orElse(null));
    group.failures = in.integer("failures", Limits.FAILURES_MAX);
    group.revoked = in.bool("revoked");
    group.slots.addAll(in.objects("slots", Limits.MEMBERS_MAX, GroupTableJson::readSlot));
    // Also checks the sizes of selector and hashes, and that no hash is there twice.
    GroupSpec unused =
        new GroupSpec(group.selector, group.slots.stream().map(Group.Slot::hash).toList());
    for (byte[] encoded :
        in.texts("intros", Limits.MEMBERS_MAX, t -> JsonFields.hexOf(t, "intros"))) {
      Intro intro = Intro.decode(encoded);
      if (!Arrays.equals(intro.selector(), unused.selector())) {
        throw new MalformedInput("an introduction lies in the wrong group");
      }
      group.intros.put(intro.peer(), encoded);
    }
    in.objects("failuresBySource", Limits.FAILURES_MAX, s -> s)
        .forEach(s ->
            group.failuresBySource.put(
                new SourcePrefix(s.text("source")), s.integer("failures", Limits.FAILURES_MAX)));
    return group;
  }

  private static Group.Slot readSlot(JsonFields in) {
    return new Group.Slot(
        in.hex("hash"),
        in.optionalPeer("usedBy").orElse(null),
        in.optionalInstant("usedAt").orElse(null),
        in.bool("removed"));
  }

  private static void add(JsonObject out, String key, @Nullable Object value) {
    if (value == null) {
      out.add(key, JsonNull.INSTANCE);
    } else if (value instanceof PeerId || value instanceof Instant) {
      out.addProperty(key, value.toString());
    } else {
      throw new IllegalArgumentException("internal error: not a snapshot value");
    }
  }
}
