package io.peerup.node.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.control.server.Route;
import io.peerup.libp2p.PeerId;
import io.peerup.node.invites.Acceptances;
import io.peerup.node.invites.Links;
import io.peerup.node.invites.PendingPeers;
import io.peerup.node.network.Roster;
import io.peerup.pairing.InviteUrl;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/// Invite links: making them, accepting them, and what lists and `status` show of them.
public final class LinkRoutes {

  private static final long TTL_SECONDS_MIN = 60;
  private static final long TTL_SECONDS_MAX = Duration.ofDays(30).toSeconds();
  private static final long USES_MAX = 16;

  /// A command waits no longer for somebody who may be offline for days.
  private static final long WAIT_SECONDS_MAX = Duration.ofHours(1).toSeconds();

  private static final long WAIT_SECONDS = 30;

  private final Links links;
  private final Acceptances acceptances;
  private final PendingPeers pending;
  private final AuthorizedKeysFile keys;
  private final Roster roster;

  public LinkRoutes(
      Links links,
      Acceptances acceptances,
      PendingPeers pending,
      AuthorizedKeysFile keys,
      Roster roster) {
    this.links = links;
    this.acceptances = acceptances;
    this.pending = pending;
    this.keys = keys;
    this.roster = roster;
  }

  public Route route() {
    return Route.post("/v1/links", this::mint);
  }

  private Reply mint(Request request) {
    long ttl = Jsons.integer(request.body(), "ttlSeconds", TTL_SECONDS_MIN, TTL_SECONDS_MAX);
    int uses = (int) Jsons.integer(request.body(), "uses", 1, USES_MAX);
    String name =
        Jsons.optionalString(request.body(), "name")
            .or(roster::ownName)
            .orElseGet(() -> Jsons.string(request.body(), "defaultName"));
    Links.Minted made = links.mint(Duration.ofSeconds(ttl), uses, name);
    JsonObject out = new JsonObject();
    out.addProperty("url", made.url());
    out.addProperty("id", made.id());
    out.addProperty("expiresAt", made.expires().toString());
    return Reply.json(out);
  }

  /// Accepts a link, as the body of a join asks: `name`, `network`, and how long to wait.
  JsonObject accept(InviteUrl url, Request request) throws InterruptedException {
    String name = Jsons.string(request.body(), "name");
    long wait = Jsons.integer(request.body(), "waitSeconds", 0, WAIT_SECONDS_MAX, WAIT_SECONDS);
    Acceptances.View now =
        acceptances.accept(
            url, name, Jsons.optionalString(request.body(), "network"), Duration.ofSeconds(wait));
    boolean paired = now.state() == Acceptances.State.PAIRED;
    JsonObject out = new JsonObject();
    out.addProperty("peerId", now.inviter().toString());
    out.addProperty("name", paired ? name(now.inviter()) : now.name());
    out.addProperty("status", paired ? "paired" : "drop_sent");
    out.addProperty("peerAcked", paired);
    out.addProperty("expiresAt", now.expires().toString());
    out.add("warnings", NodeApi.array(now.warnings()));
    return out;
  }

  /// Accepted links that did not end in a pairing, for `status`.
  public JsonArray waiting() {
    JsonArray out = new JsonArray();
    for (Acceptances.View each : acceptances.list()) {
      if (each.state() != Acceptances.State.PAIRED) {
        JsonObject line = new JsonObject();
        line.addProperty("peerId", each.inviter().toString());
        line.addProperty("name", each.name());
        line.addProperty("status", each.state().name().toLowerCase(Locale.ROOT));
        line.addProperty("expiresAt", each.expires().toString());
        out.add(line);
      }
    }
    return out;
  }

  /// Adds every link to a list of invites.
  void addTo(JsonArray all) {
    Set<PeerId> unaware = pending.all();
    for (Links.View link : links.list()) {
      JsonObject out = new JsonObject();
      out.addProperty("id", link.id());
      out.addProperty("form", "link");
      out.addProperty("state", state(link));
      out.addProperty("createdAt", link.created().toString());
      out.addProperty("expiresAt", link.expires().toString());
      out.addProperty("uses", link.uses());
      JsonArray users = new JsonArray();
      for (PeerId peer : link.usedBy()) {
        JsonObject user = new JsonObject();
        user.addProperty("peerId", peer.toString());
        user.addProperty("name", name(peer));
        user.addProperty("peerAcked", !unaware.contains(peer));
        users.add(user);
      }
      out.add("usedBy", users);
      all.add(out);
    }
  }

  private static String state(Links.View link) {
    if (link.usedBy().size() >= link.uses()) {
      return "consumed";
    }
    return link.over() ? "expired" : "open";
  }

  /// Drops that admitted nobody, and links that ended unused.
  JsonArray refusals() {
    JsonArray out = new JsonArray();
    for (Links.Refused each : links.refusals()) {
      JsonObject line = new JsonObject();
      line.addProperty("at", each.at().toString());
      line.addProperty("id", each.id());
      line.addProperty("reason", each.reason());
      out.add(line);
    }
    return out;
  }

  /// False if no link has this id.
  boolean revoke(String id) {
    return links.revoke(id);
  }

  private String name(PeerId peer) {
    return keys.current().find(peer).map(AuthorizedPeer::name).orElse("");
  }
}
