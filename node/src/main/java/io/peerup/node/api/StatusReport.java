package io.peerup.node.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.nat.Grade;
import io.peerup.nat.InterfaceScan;
import io.peerup.nat.Reachability;
import io.peerup.nat.ReachabilityGrader;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.PeerLinks;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.services.Service;
import io.peerup.node.services.ServiceStore;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeersFile;
import io.peerup.trust.TrustJson;
import io.peerup.trust.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// Puts the status document together from the parts that know. The field names are a contract
/// (`docs/json.md`).
final class StatusReport {

  private final Host host;
  private final AuthorizedKeysFile keys;
  private final BlockedPeersFile blocked;
  private final Authorizer authorizer;
  private final Roster roster;
  private final RelayLinks relays;
  private final PeerLinks links;
  private final ServiceStore services;
  private final Supplier<String> network;
  private final Supplier<List<String>> news;
  private final Supplier<JsonArray> waiting;
  private final InstantSource clock;
  private final Instant started;
  private final String version;

  StatusReport(
      Host host,
      AuthorizedKeysFile keys,
      BlockedPeersFile blocked,
      Roster roster,
      RelayLinks relays,
      PeerLinks links,
      ServiceStore services,
      Supplier<String> network,
      Supplier<List<String>> news,
      Supplier<JsonArray> waiting,
      InstantSource clock,
      String version) {
    this.host = host;
    this.keys = keys;
    this.blocked = blocked;
    this.authorizer = new Authorizer(keys::current, blocked::current);
    this.roster = roster;
    this.relays = relays;
    this.links = links;
    this.services = services;
    this.network = network;
    this.news = news;
    this.waiting = waiting;
    this.clock = clock;
    this.started = clock.instant();
    this.version = version;
  }

  JsonObject whole() {
    JsonObject out = new JsonObject();
    out.addProperty("peerId", host.id().toString());
    out.addProperty("name", ownName());
    out.addProperty("network", network.get());
    out.addProperty("version", version);
    out.addProperty("uptimeSeconds", Duration.between(started, clock.instant()).toSeconds());
    JsonArray listening = new JsonArray();
    host.listenAddresses().forEach(address -> listening.add(address.toString()));
    out.add("listenAddrs", listening);
    JsonArray relayed = new JsonArray();
    relays.relayedAddresses().stream().map(Multiaddr::toString).forEach(relayed::add);
    out.add("relayedAddrs", relayed);
    out.add("relays", relays());
    out.add("reachability", reachability());
    out.add("peers", peers());
    out.add("waitingFor", waiting.get());
    out.add("services", services());
    out.add("warnings", warnings());
    return out;
  }

  String ownName() {
    return roster.ownName().orElse("");
  }

  JsonArray peers() {
    JsonArray out = new JsonArray();
    keys.current().peers().stream()
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .forEach(entry -> out.add(peer(entry)));
    return out;
  }

  /// One authorised peer and its path.
  JsonObject peer(AuthorizedPeer entry) {
    PeerId peer = entry.peer();
    Optional<Connection> connection = links.best(peer);
    JsonObject out =
        TrustJson.peer(entry, authorizer.decide(peer, clock.instant()), Optional.of(host.id()));
    out.addProperty("connected", connection.isPresent());
    path(out, connection);
    links
        .rtt(peer)
        .ifPresentOrElse(
            rtt -> out.addProperty("rttMs", millis(rtt)),
            () -> out.add("rttMs", JsonNull.INSTANCE));
    if (connection.isEmpty() && !out.has("problem")) {
      links.problem(peer).ifPresent(problem -> out.addProperty("problem", problem));
    }
    return out;
  }

  /// Adds `path`, `relay`, `addr` and `security`.
  static void path(JsonObject out, Optional<Connection> connection) {
    Optional<PeerId> relay = connection.flatMap(Connection::relay);
    out.addProperty(
        "path", connection.isEmpty() ? "none" : relay.isPresent() ? "relayed" : "direct");
    relay.ifPresentOrElse(
        id -> out.addProperty("relay", id.toString()), () -> out.add("relay", JsonNull.INSTANCE));
    connection.ifPresent(each -> {
      out.addProperty("addr", each.remoteAddress().toString());
      out.addProperty("security", each.security());
    });
  }

  /// Milliseconds with three decimals.
  static double millis(Duration time) {
    return Math.round(time.toNanos() / 1000.0) / 1000.0;
  }

  JsonArray services() {
    JsonArray out = new JsonArray();
    services.list().forEach(service -> out.add(service(service)));
    return out;
  }

  static JsonObject service(Service service) {
    JsonObject out = new JsonObject();
    out.addProperty("name", service.name());
    out.addProperty("target", service.target().toString());
    out.addProperty("protocol", service.protocol().toString());
    out.addProperty("enabled", service.enabled());
    JsonArray allowed = new JsonArray();
    service.allowed().stream().sorted().forEach(peer -> allowed.add(peer.toString()));
    out.add("allowed", allowed);
    return out;
  }

  JsonArray disabledLines() {
    return TrustJson.disabledLines(keys.current());
  }

  private JsonArray relays() {
    JsonArray out = new JsonArray();
    for (RelayLinks.RelayView view : relays.views()) {
      JsonObject each = new JsonObject();
      each.addProperty("peerId", view.peer().toString());
      each.addProperty("addr", view.address().toString());
      each.addProperty("reserved", view.reserved());
      view.trouble().ifPresent(trouble -> each.addProperty("trouble", trouble));
      out.add(each);
    }
    return out;
  }

  private JsonObject reachability() {
    Reachability found = ReachabilityGrader.grade(InterfaceScan.now(), relays.observations());
    JsonObject out = new JsonObject();
    out.addProperty("grade", found.grade() == Grade.UNKNOWN ? "unknown" : found.grade().name());
    out.addProperty("label", found.label());
    out.addProperty("confidence", found.confidence().name().toLowerCase(Locale.ROOT));
    JsonArray evidence = new JsonArray();
    found.evidence().forEach(evidence::add);
    out.add("evidence", evidence);
    return out;
  }

  private JsonArray warnings() {
    JsonArray out = new JsonArray();
    keys.problem().ifPresent(problem -> out.add(problem.message()));
    blocked.problem().ifPresent(problem -> out.add(problem.message()));
    for (AuthorizedKeys.DisabledLine line : keys.current().disabled()) {
      out.add("authorized_keys line " + line.number() + " has no effect: " + line.reason());
    }
    for (AuthorizedPeer entry : keys.current().peers()) {
      if (Verified.isStale(entry, host.id())) {
        out.add(
            "the verification of `"
                + entry.name()
                + "` does not fit its identity and yours; it counts as unverified");
      }
    }
    news.get().forEach(out::add);
    return out;
  }
}
