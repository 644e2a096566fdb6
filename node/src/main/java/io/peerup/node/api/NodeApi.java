package io.peerup.node.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.control.server.Route;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.HybridPeers;
import io.peerup.node.peers.PeerLinks;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.services.Protocol;
import io.peerup.node.services.Service;
import io.peerup.node.services.ServiceServer;
import io.peerup.node.services.ServiceStore;
import io.peerup.node.services.Target;
import io.peerup.pairing.Names;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.BlockedPeersFile;
import io.peerup.trust.PeerDirectory;
import io.peerup.trust.TrustRoutes;
import io.peerup.trust.TrustVerbs;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The routes of a node, but for those of pairing.
public final class NodeApi {

  private static final Logger LOG = LoggerFactory.getLogger(NodeApi.class);

  /// How often a watcher's status is made anew to see whether it changed.
  private static final Duration WATCH_EVERY = Duration.ofSeconds(1);

  private final AuthorizedKeysFile keys;
  private final HybridPeers hybrid;
  private final Roster roster;
  private final ServiceStore services;
  private final ServiceServer served;
  private final PeerDirectory directory;
  private final StatusReport status;
  private final PingRoute ping;
  private final ProxyRoute proxy;
  private final TrustVerbs trust;
  private final Runnable shutdown;

  /// The parts that answer. `network` is the private network's name in force, `news` what the owner
  /// should know, `waiting` what of accepted links `status` shows; `shutdown` asks the process to
  /// stop and returns at once.
  public NodeApi(
      Host host,
      AuthorizedKeysFile keys,
      BlockedPeersFile blocked,
      HybridPeers hybrid,
      Roster roster,
      RelayLinks relays,
      PeerLinks links,
      ServiceStore services,
      ServiceServer served,
      Supplier<String> network,
      Supplier<List<String>> news,
      Supplier<JsonArray> waiting,
      InstantSource clock,
      String version,
      Runnable shutdown) {
    this.keys = keys;
    this.hybrid = hybrid;
    this.roster = roster;
    this.services = services;
    this.served = served;
    this.shutdown = shutdown;
    this.trust =
        new TrustVerbs(
            Optional.of(host.id()),
            keys,
            blocked,
            clock,
            roster::remove,
            (verb, peer) ->
                LOG.atInfo().addKeyValue("peer", peer).addKeyValue("verb", verb).log("trust"));
    this.directory = new PeerDirectory(keys::current);
    this.status =
        new StatusReport(
            host, keys, blocked, roster, relays, links, services, network, news, waiting, clock,
            version);
    this.ping = new PingRoute(host, links, directory, status);
    this.proxy = new ProxyRoute(host.id(), links, directory);
  }

  /// Every route, for the control server.
  public List<Route> routes() {
    List<Route> all = new ArrayList<>(TrustRoutes.of(trust));
    all.addAll(own());
    return all;
  }

  private List<Route> own() {
    return List.of(
        Route.get("/v1/status", _ -> Reply.json(status.whole())),
        Route.get("/v1/status/stream", _ -> watch()),
        Route.get("/v1/peers", _ -> Reply.json(peers())),
        Route.post("/v1/peers/{peer}/rename", this::rename),
        Route.delete("/v1/peers/{peer}", this::remove),
        Route.post("/v1/peers/{peer}/forget-security", this::forgetSecurity),
        Route.post("/v1/ping", ping::handle),
        Route.get("/v1/services", _ -> Reply.json(serviceList())),
        Route.post("/v1/services", this::addService),
        Route.delete("/v1/services/{name}", this::removeService),
        Route.post("/v1/services/{name}/enable", request -> setEnabled(request, true)),
        Route.post("/v1/services/{name}/disable", request -> setEnabled(request, false)),
        Route.post("/v1/proxy", proxy::handle),
        Route.post("/v1/shutdown", _ -> stop()));
  }

  private Reply watch() {
    return Reply.stream(sink -> {
      JsonObject last = new JsonObject();
      while (sink.isOpen()) {
        JsonObject now = status.whole();
        JsonObject comparable = now.deepCopy();
        comparable.remove("uptimeSeconds");
        if (!comparable.equals(last)) {
          sink.send(now);
          last = comparable;
        }
        LockSupport.parkNanos(WATCH_EVERY.toNanos());
        if (Thread.interrupted()) {
          return;
        }
      }
    });
  }

  private JsonObject peers() {
    JsonObject out = new JsonObject();
    out.add("peers", status.peers());
    out.add("disabledLines", status.disabledLines());
    return out;
  }

  private Reply rename(Request request) {
    AuthorizedPeer entry = directory.find(request.param("peer"));
    String name = Jsons.string(request.body(), "name");
    try {
      Names.check(name);
    } catch (MalformedInput e) {
      throw new Failure("bad-name", String.valueOf(e.getMessage()), e.hint(), e);
    }
    keys.update(all -> renamed(all, entry.peer(), name));
    return Reply.json(status.peer(directory.find(entry.peer().toString())));
  }

  private static AuthorizedKeys renamed(AuthorizedKeys all, PeerId peer, String name) {
    if (all.find(name).filter(each -> !each.peer().equals(peer)).isPresent()) {
      throw new Failure(
          "name-in-use", "another peer is called `" + name + "`", "choose another name");
    }
    return all.find(peer).map(each -> all.with(each.withName(name))).orElse(all);
  }

  private Reply remove(Request request) {
    AuthorizedPeer entry = directory.find(request.param("peer"));
    roster.remove(entry.peer());
    JsonObject out = new JsonObject();
    out.addProperty("peerId", entry.peer().toString());
    out.addProperty("name", entry.name());
    return Reply.json(out);
  }

  /// Also of a relay, which has no name here, and of who is no longer authorised.
  private Reply forgetSecurity(Request request) {
    PeerId peer = directory.anybody(request.param("peer"));
    JsonObject out = new JsonObject();
    out.addProperty("peerId", peer.toString());
    out.addProperty("name", keys.current().find(peer).map(AuthorizedPeer::name).orElse(""));
    out.addProperty("forgotten", hybrid.forget(peer));
    return Reply.json(out);
  }

  private JsonObject serviceList() {
    JsonObject out = new JsonObject();
    out.add("services", status.services());
    return out;
  }

  private Reply addService(Request request) {
    Set<PeerId> allowed = new HashSet<>();
    if (request.body().has("allow")) {
      Jsons.strings(request.body(), "allow")
          .forEach(typed -> allowed.add(directory.find(typed).peer()));
    }
    Service service =
        new Service(
            Jsons.string(request.body(), "name"),
            Target.parse(Jsons.string(request.body(), "target")),
            request.body().has("protocol")
                ? Protocol.parse(Jsons.string(request.body(), "protocol"))
                : Protocol.TCP,
            true,
            allowed);
    services.add(service);
    JsonObject out = StatusReport.service(service);
    out.addProperty("peerName", status.ownName().isEmpty() ? "THIS-DEVICE" : status.ownName());
    return Reply.json(out);
  }

  private Reply removeService(Request request) {
    String name = request.param("name");
    services.remove(name);
    served.cutWhatIsNoLongerOffered(Set.of(name));
    JsonObject out = new JsonObject();
    out.addProperty("name", name);
    return Reply.json(out);
  }

  private Reply setEnabled(Request request, boolean enabled) {
    Service service = services.setEnabled(request.param("name"), enabled);
    if (!enabled) {
      served.cutWhatIsNoLongerOffered(Set.of(service.name()));
    }
    return Reply.json(StatusReport.service(service));
  }

  private Reply stop() {
    shutdown.run();
    return Reply.done();
  }

  /// For documents that list names.
  static JsonArray array(List<String> values) {
    JsonArray out = new JsonArray();
    values.forEach(out::add);
    return out;
  }
}
