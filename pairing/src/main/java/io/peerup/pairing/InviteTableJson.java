package io.peerup.pairing;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.util.HexFormat;
import java.util.List;

/// The state file of an [InviteTable]. Reading checks everything again: a file may be damaged.
final class InviteTableJson {

  private static final int VERSION = 1;
  private static final int KIND_MAX = 5;
  private static final HexFormat HEX = HexFormat.of();

  private InviteTableJson() {}

  static JsonObject write(List<Invite> invites) {
    JsonArray list = new JsonArray();
    invites.forEach(i -> list.add(write(i)));
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.add("invites", list);
    return out;
  }

  static List<Invite> read(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the invites were written by another version of this program");
    }
    List<Invite> invites = in.objects("invites", Limits.INVITES_MAX, InviteTableJson::readInvite);
    if (invites.stream().map(Invite::id).distinct().count() != invites.size()) {
      throw new MalformedInput("an invite is listed twice");
    }
    return invites;
  }

  private static JsonObject write(Invite invite) {
    JsonObject out = new JsonObject();
    out.addProperty("kind", invite.kind);
    out.addProperty("selector", HEX.formatHex(invite.selector));
    out.addProperty("prs", HEX.formatHex(invite.prs));
    out.addProperty("created", invite.created.toString());
    out.addProperty("expires", invite.expires.toString());
    out.addProperty("label", invite.label);
    if (invite.requiresSas) {
      out.addProperty("requiresSas", true);
    }
    out.addProperty("failures", invite.failures);
    out.addProperty("lost", invite.lost);
    Invite.Consumed consumed = invite.consumed;
    if (consumed != null) {
      JsonObject by = new JsonObject();
      by.addProperty("peer", consumed.peer().toString());
      by.addProperty("name", consumed.name());
      by.addProperty("entered", consumed.entered());
      out.add("consumed", by);
    }
    return out;
  }

  private static Invite readInvite(JsonFields in) {
    int kind = in.integer("kind", KIND_MAX);
    byte[] selector = in.hex("selector");
    byte[] prs = in.hex("prs");
    if (selector.length == 0
        || selector.length > Limits.SELECTOR_BYTES_MAX
        || prs.length != PairingSecret.prsBytes(kind)) {
      throw new MalformedInput("an invite has a part of the wrong size");
    }
    Invite invite =
        new Invite(
            new PairingSecret(kind, selector, prs),
            in.instant("created"),
            in.instant("expires"),
            in.text("label"));
    invite.requiresSas = in.has("requiresSas") && in.bool("requiresSas");
    invite.failures = in.integer("failures", Limits.FAILURES_MAX);
    invite.lost = in.integer("lost", Limits.LOST_RUNS_MAX);
    in.optionalObject("consumed")
        .ifPresent(by ->
            invite.consumed =
                new Invite.Consumed(
                    PeerId.parse(by.text("peer")),
                    Names.check(by.text("name")),
                    by.bool("entered")));
    return invite;
  }
}
