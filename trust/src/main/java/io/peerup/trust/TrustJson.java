package io.peerup.trust;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.Authorizer.Decision;
import java.util.Optional;

/// Peers and decisions as control requests and commands show them (`docs/json.md`).
public final class TrustJson {

  private TrustJson() {}

  /// Adds `allowed`, `tiers`, `scopes` and `blocked`.
  static void decision(JsonObject out, Decision decision) {
    out.addProperty("allowed", decision.allowed());
    JsonArray tiers = new JsonArray();
    decision.tiers().forEach(tier -> tiers.add(tier.text()));
    out.add("tiers", tiers);
    JsonArray scopes = new JsonArray();
    decision.scopes().forEach(scope -> scopes.add(scope.text()));
    out.add("scopes", scopes);
    out.addProperty("blocked", decision.blocked());
  }

  /// A line of `authorized_keys`, without what only a running node knows of the peer. `problem` is
  /// there if it is not allowed.
  public static JsonObject peer(AuthorizedPeer entry, Decision decision, Optional<PeerId> self) {
    JsonObject out = new JsonObject();
    out.addProperty("peerId", entry.peer().toString());
    out.addProperty("name", entry.name());
    out.addProperty("verified", self.filter(own -> Verified.holds(entry, own)).isPresent());
    out.addProperty("tier", entry.tier().text());
    decision(out, decision);
    entry.group().ifPresent(group -> out.addProperty("group", group));
    entry.expires().ifPresent(end -> out.addProperty("expiresAt", end.toString()));
    entry.tierExpires().ifPresent(end -> out.addProperty("tierExpiresAt", end.toString()));
    if (decision.blocked()) {
      out.addProperty("problem", "it is blocked");
    } else if (!decision.allowed()) {
      out.addProperty("problem", "its authorisation has ended");
    }
    return out;
  }

  /// The lines of `authorized_keys` that have no effect.
  public static JsonArray disabledLines(AuthorizedKeys keys) {
    JsonArray out = new JsonArray();
    for (AuthorizedKeys.DisabledLine line : keys.disabled()) {
      JsonObject each = new JsonObject();
      each.addProperty("line", line.number());
      each.addProperty("reason", line.reason());
      each.addProperty("text", line.text());
      out.add(each);
    }
    return out;
  }
}
