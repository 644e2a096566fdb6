package io.peerup.relay.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupSpec;
import io.peerup.pairing.GroupSummary;
import io.peerup.pairing.mailbox.MailboxTable;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.group.AuditLog;
import io.peerup.relay.group.GroupStore;
import io.peerup.relay.mailbox.Mailboxes;
import io.peerup.relay.rendezvous.Rendezvous;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the relay's owner can ask of it, as JSON in and out. Runs on the virtual thread of the
/// request; throws [Failure] with what to do about it. Field names: `docs/json.md`.
final class RelayAdmin {

  private final Host host;
  private final CircuitRelay relay;
  private final GroupStore groups;
  private final Rendezvous rendezvous;
  private final Mailboxes mailboxes;
  private final AuthorizedMembers members;
  private final Visitors visitors;
  private final AuditLog audit;
  private final RelayPolicy policy;
  private final InstantSource clock;
  private final Instant started;

  RelayAdmin(
      Host host,
      CircuitRelay relay,
      GroupStore groups,
      Rendezvous rendezvous,
      Mailboxes mailboxes,
      AuthorizedMembers members,
      Visitors visitors,
      AuditLog audit,
      RelayPolicy policy,
      InstantSource clock) {
    this.host = host;
    this.relay = relay;
    this.groups = groups;
    this.rendezvous = rendezvous;
    this.mailboxes = mailboxes;
    this.members = members;
    this.visitors = visitors;
    this.audit = audit;
    this.policy = policy;
    this.clock = clock;
    this.started = clock.instant();
  }

  /// Opens a group from hashes that the admin's command made: the codes never come here.
  JsonObject createGroup(JsonObject body) {
    GroupSummary made;
    try {
      GroupSpec spec =
          GroupSpec.ofHex(Jsons.string(body, "selector"), Jsons.strings(body, "tokenHashes"));
      long ttl = Jsons.integer(body, "ttlSeconds", 1, Limits.EXPIRES_SECONDS_MAX);
      long expires = Jsons.integer(body, "expiresSeconds", 0, Limits.EXPIRES_SECONDS_MAX, 0);
      made =
          groups.create(
              spec,
              Duration.ofSeconds(ttl),
              expires == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(expires)),
              Jsons.optionalString(body, "namespace").orElse(""));
    } catch (MalformedInput e) {
      throw failure("bad-request", e);
    } catch (LimitReached e) {
      throw failure("limit-reached", e);
    }
    audit.record("group", Optional.empty(), Optional.of(made.group()), "created");
    return toJson(made);
  }

  /// Fresh codes for a group, from their hashes: in place of those that are unused or burned.
  JsonObject reissueCodes(String group, JsonObject body) {
    GroupSummary made;
    try {
      List<byte[]> hashes =
          Jsons.strings(body, "tokenHashes").stream().map(GroupSpec::hashOfHex).toList();
      long ttl = Jsons.integer(body, "ttlSeconds", 1, Limits.EXPIRES_SECONDS_MAX);
      made =
          groups
              .reissue(group, hashes, Duration.ofSeconds(ttl))
              .orElseThrow(() -> noSuchGroup(group));
    } catch (MalformedInput e) {
      throw failure("bad-request", e);
    } catch (LimitReached e) {
      throw failure("limit-reached", e);
    }
    audit.record("group", Optional.empty(), Optional.of(made.group()), "reissued");
    return toJson(made);
  }

  private static Failure noSuchGroup(String group) {
    return new Failure(
        "no-such-group",
        "this relay has no group " + quoted(group),
        "`peerup relay pair --list` shows them all");
  }

  JsonObject listGroups() {
    JsonArray all = new JsonArray();
    groups.groups().forEach(group -> all.add(toJson(group)));
    JsonObject out = new JsonObject();
    out.add("groups", all);
    return out;
  }

  JsonObject revokeGroup(String group) {
    if (!groups.revoke(group)) {
      throw noSuchGroup(group);
    }
    audit.record("revoke", Optional.empty(), Optional.of(group), "done");
    JsonObject out = new JsonObject();
    out.addProperty("group", group);
    out.addProperty("state", "revoked");
    return out;
  }

  private static JsonObject toJson(GroupSummary group) {
    JsonObject out = new JsonObject();
    out.addProperty("group", group.group());
    out.addProperty("state", group.state().name().toLowerCase(Locale.ROOT));
    out.addProperty("burned", group.state() == GroupSummary.State.BURNED);
    out.addProperty("codes", group.codes());
    out.addProperty("used", group.used());
    out.addProperty("failures", group.failures());
    out.addProperty("createdAt", group.created().toString());
    out.addProperty("expiresAt", group.expires().toString());
    addOptional(out, "authExpiresAt", group.authExpires().map(Instant::toString));
    addOptional(out, "network", group.namespace());
    JsonArray peers = new JsonArray();
    group.members().forEach(peer -> peers.add(peer.toString()));
    out.add("members", peers);
    return out;
  }

  JsonObject info() {
    JsonObject out = new JsonObject();
    out.addProperty("peerId", host.id().toString());
    JsonArray addresses = new JsonArray();
    for (Multiaddr address : host.listenAddresses()) {
      addresses.add(address.withPeer(host.id()).toString());
    }
    out.add("addrs", addresses);
    out.addProperty("startedAt", started.toString());
    out.addProperty("uptimeSeconds", Duration.between(started, clock.instant()).toSeconds());
    out.addProperty("connections", host.connections().size());
    out.addProperty("visitors", visitors.size());
    out.addProperty("members", members.current().peers().size());
    out.addProperty("reservations", relay.reservations().size());
    out.addProperty(
        "openGroups",
        groups.groups().stream().filter(g -> g.state() == GroupSummary.State.OPEN).count());
    out.addProperty(
        "openInvites", rendezvous.open().values().stream().mapToInt(Integer::intValue).sum());
    List<MailboxTable.Held> held = mailboxes.held();
    out.addProperty("mailboxes", held.size());
    out.addProperty("messages", held.stream().mapToInt(MailboxTable.Held::messages).sum());
    JsonArray circuits = new JsonArray();
    for (CircuitRelay.CircuitView circuit : relay.circuits()) {
      JsonObject one = new JsonObject();
      one.addProperty("from", circuit.source().toString());
      one.addProperty("to", circuit.target().toString());
      one.addProperty("since", circuit.since().toString());
      one.addProperty("bytesForward", circuit.bytesForward());
      one.addProperty("bytesBackward", circuit.bytesBackward());
      circuits.add(one);
    }
    out.add("circuits", circuits);
    out.add("limits", limits());
    return out;
  }

  private JsonObject limits() {
    JsonObject out = new JsonObject();
    out.addProperty("reservations", policy.reservationsMax());
    out.addProperty("reservationTtlSeconds", policy.reservationTtl().toSeconds());
    out.addProperty("circuitsPerPeer", policy.circuitsPerPeerMax());
    out.addProperty("circuitBytes", policy.circuit().bytesEachWay());
    out.addProperty("circuitSeconds", policy.circuit().duration().toSeconds());
    return out;
  }

  JsonObject listMembers() {
    AuthorizedKeys keys = members.current();
    Map<PeerId, Instant> reservations = new HashMap<>();
    relay.reservations().forEach(held -> reservations.put(held.peer(), held.expires()));
    Map<PeerId, Integer> invites = rendezvous.open();
    Map<PeerId, MailboxTable.Held> mail = new HashMap<>();
    mailboxes.held().forEach(held -> mail.put(held.owner(), held));
    JsonArray all = new JsonArray();
    for (AuthorizedPeer member : keys.peers()) {
      JsonObject one = toJson(member);
      List<Connection> connections = host.connections(member.peer());
      one.addProperty("connected", !connections.isEmpty());
      addOptional(
          one, "addr", connections.stream().findFirst().map(c -> c.remoteAddress().toString()));
      one.addProperty("reserved", reservations.containsKey(member.peer()));
      addOptional(one, "vouchedBy", Optional.ofNullable(member.other().get(Vouchers.BY)));
      one.addProperty("openInvites", invites.getOrDefault(member.peer(), 0));
      Optional<MailboxTable.Held> held = Optional.ofNullable(mail.get(member.peer()));
      one.addProperty("capabilities", held.map(MailboxTable.Held::capabilities).orElse(0));
      one.addProperty("messages", held.map(MailboxTable.Held::messages).orElse(0));
      one.addProperty("messageBytes", held.map(MailboxTable.Held::bytes).orElse(0));
      all.add(one);
    }
    JsonArray disabled = new JsonArray();
    for (AuthorizedKeys.DisabledLine line : keys.disabled()) {
      JsonObject one = new JsonObject();
      one.addProperty("line", line.number());
      one.addProperty("reason", line.reason());
      disabled.add(one);
    }
    JsonObject out = new JsonObject();
    out.add("members", all);
    out.add("disabledLines", disabled);
    return out;
  }

  private JsonObject toJson(AuthorizedPeer member) {
    JsonObject out = new JsonObject();
    out.addProperty("peerId", member.peer().toString());
    out.addProperty("name", member.name());
    addOptional(out, "group", member.group());
    addOptional(out, "expiresAt", member.expires().map(Instant::toString));
    out.addProperty("expired", member.isExpired(clock.instant()));
    return out;
  }

  JsonObject authorize(JsonObject body) {
    PeerId peer = peer(Jsons.string(body, "peerId"));
    long expires = Jsons.integer(body, "expiresSeconds", 0, Limits.EXPIRES_SECONDS_MAX, 0);
    AuthorizedPeer member =
        members.authorize(
            peer,
            Jsons.optionalString(body, "name"),
            expires == 0 ? Optional.empty() : Optional.of(clock.instant().plusSeconds(expires)));
    audit.record("authorize", Optional.of(peer), Optional.empty(), "done");
    return toJson(member);
  }

  /// Takes the peer out of the file and of its groups: its connections, reservation and circuits
  /// end within a second, and its code does not bring it back.
  JsonObject deauthorize(String text) {
    PeerId peer = peer(text);
    // The groups first: after a crash in between the peer is still a member, and removing it again
    // works. The other way round its old code would bring it back.
    boolean grouped = groups.removeMember(peer);
    boolean named = members.remove(peer);
    if (!named && !grouped) {
      throw new Failure(
          "no-such-peer",
          peer + " is not authorised at this relay",
          "`peerup relay peers` shows who is");
    }
    audit.record("deauthorize", Optional.of(peer), Optional.empty(), "done");
    JsonObject out = new JsonObject();
    out.addProperty("peerId", peer.toString());
    out.addProperty("removed", true);
    return out;
  }

  private static PeerId peer(String text) {
    try {
      return PeerId.parse(text);
    } catch (MalformedInput e) {
      throw failure("bad-request", e);
    }
  }

  private static Failure failure(String code, OverlayException e) {
    return new Failure(code, String.valueOf(e.getMessage()), e.hint(), e);
  }

  private static String quoted(String text) {
    return '"' + io.peerup.control.Printable.of(text) + '"';
  }

  private static void addOptional(JsonObject out, String key, Optional<String> value) {
    if (value.isPresent()) {
      out.addProperty(key, value.get());
    } else {
      out.add(key, JsonNull.INSTANCE);
    }
  }
}
