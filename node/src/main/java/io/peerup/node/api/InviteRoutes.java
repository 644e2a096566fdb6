package io.peerup.node.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.server.LineSink;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.control.server.Route;
import io.peerup.libp2p.PeerId;
import io.peerup.node.invites.Invites;
import io.peerup.node.invites.PendingPeers;
import io.peerup.node.network.Roster;
import io.peerup.pairing.InviteSummary;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// `/v1/invites`: making codes, waiting for who uses them, taking them back.
public final class InviteRoutes {

  private static final long TTL_SECONDS_MIN = 60;
  private static final long TTL_SECONDS_MAX = 3600;
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);

  /// The last frame of a pairing takes a round trip; after this long the inviter is told that the
  /// other side may not know yet.
  private static final Duration ACKNOWLEDGED_MAX = Duration.ofSeconds(5);

  private final Invites invites;
  private final PendingPeers pending;
  private final AuthorizedKeysFile keys;
  private final Roster roster;
  private final LinkRoutes links;
  private final InstantSource clock;

  public InviteRoutes(
      Invites invites,
      PendingPeers pending,
      LinkRoutes links,
      AuthorizedKeysFile keys,
      Roster roster,
      InstantSource clock) {
    this.links = links;
    this.roster = roster;
    this.invites = invites;
    this.pending = pending;
    this.keys = keys;
    this.clock = clock;
  }

  public List<Route> all() {
    return List.of(
        Route.post("/v1/invites", this::create),
        Route.get("/v1/invites", _ -> Reply.json(list())),
        Route.delete("/v1/invites/{id}", this::revoke));
  }

  private Reply create(Request request) {
    Invites.Form form = form(Jsons.string(request.body(), "form"));
    long ttl = Jsons.integer(request.body(), "ttlSeconds", TTL_SECONDS_MIN, TTL_SECONDS_MAX);
    String name =
        Jsons.optionalString(request.body(), "name")
            .or(roster::ownName)
            .orElseGet(() -> Jsons.string(request.body(), "defaultName"));
    Invites.Made made =
        invites.create(
            form, Duration.ofSeconds(ttl), name, Jsons.bool(request.body(), "requireSas", false));
    return Reply.stream(sink -> {
      JsonObject first = event("invite");
      first.addProperty("code", made.code());
      first.addProperty("expiresAt", made.invite().expires().toString());
      first.addProperty("id", made.invite().id());
      first.addProperty("lanOnly", made.lanOnly());
      sink.send(first);
      follow(sink, made.invite().id());
    });
  }

  private static Invites.Form form(String text) {
    try {
      return Invites.Form.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new Failure("bad-request", "no such form of code: " + text, "typed, spoken or full", e);
    }
  }

  /// Until it is used or cannot be used any more.
  private void follow(LineSink sink, String id) throws InterruptedException {
    while (sink.isOpen()) {
      Optional<InviteSummary> now = find(id);
      if (now.isEmpty()) {
        sink.send(event("revoked"));
        return;
      }
      switch (now.get().state()) {
        case CONSUMED -> {
          sink.send(paired(now.get().consumedBy().orElseThrow()));
          return;
        }
        case BURNED -> {
          sink.send(event("burned"));
          return;
        }
        case EXPIRED -> {
          sink.send(event("expired"));
          return;
        }
        case OPEN, RESERVED -> pause();
      }
    }
  }

  private JsonObject paired(PeerId peer) throws InterruptedException {
    Instant end = clock.instant().plus(ACKNOWLEDGED_MAX);
    while (pending.all().contains(peer) && clock.instant().isBefore(end)) {
      pause();
    }
    JsonObject line = event("paired");
    line.addProperty("peerId", peer.toString());
    line.addProperty("name", name(peer));
    line.addProperty(
        "held", keys.current().find(peer).filter(each -> each.isHeld(clock.instant())).isPresent());
    line.addProperty("peerAcked", !pending.all().contains(peer));
    return line;
  }

  private String name(PeerId peer) {
    return keys.current().find(peer).map(AuthorizedPeer::name).orElse("");
  }

  private static void pause() throws InterruptedException {
    LockSupport.parkNanos(LOOK_EVERY.toNanos());
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private static JsonObject event(String kind) {
    JsonObject line = new JsonObject();
    line.addProperty("event", kind);
    return line;
  }

  private Optional<InviteSummary> find(String id) {
    return invites.list().stream().filter(each -> each.id().equals(id)).findFirst();
  }

  private JsonObject list() {
    JsonArray all = new JsonArray();
    invites.list().forEach(each -> all.add(json(each)));
    links.addTo(all);
    JsonObject out = new JsonObject();
    out.add("invites", all);
    out.add("refused", links.refusals());
    return out;
  }

  private JsonObject json(InviteSummary invite) {
    JsonObject out = new JsonObject();
    out.addProperty("id", invite.id());
    out.addProperty(
        "form",
        switch (invite.kind()) {
          case 1 -> "spoken";
          case 2 -> "typed";
          default -> "full";
        });
    out.addProperty("state", invite.state().name().toLowerCase(Locale.ROOT));
    out.addProperty("createdAt", invite.created().toString());
    out.addProperty("expiresAt", invite.expires().toString());
    out.addProperty("wrongCodes", invite.failures());
    invite
        .consumedBy()
        .ifPresent(peer -> {
          out.addProperty("peerId", peer.toString());
          out.addProperty("name", name(peer));
          out.addProperty("peerAcked", !pending.all().contains(peer));
        });
    return out;
  }

  private Reply revoke(Request request) {
    String id = request.param("id");
    if (!invites.revoke(id) && !links.revoke(id)) {
      throw new Failure(
          "no-such-invite", "there is no invite " + id, "`peerup invite list` shows them");
    }
    JsonObject out = new JsonObject();
    out.addProperty("id", id);
    return Reply.json(out);
  }
}
