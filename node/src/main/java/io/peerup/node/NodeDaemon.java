package io.peerup.node;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.control.config.Config;
import io.peerup.control.config.ConfigLoader;
import io.peerup.control.server.ControlServer;
import io.peerup.control.server.Route;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.libp2p.transport.Upgrade;
import io.peerup.nat.InterfaceAddress;
import io.peerup.nat.InterfaceScan;
import io.peerup.node.api.NodeApi;
import io.peerup.node.network.Memberships;
import io.peerup.node.network.NoticeHandler;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.Enforcer;
import io.peerup.node.peers.HybridPeers;
import io.peerup.node.peers.KnownRelays;
import io.peerup.node.peers.NetworkWatch;
import io.peerup.node.peers.NodeGater;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.PeerLinks;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.services.ServiceMessages;
import io.peerup.node.services.ServiceServer;
import io.peerup.node.services.ServiceStore;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.Reservations;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeersFile;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running node. The constructor is the wiring: who knows whom, and the order in which the
/// parts start. They stop in the opposite order.
public final class NodeDaemon implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeDaemon.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Host host;
  private final NodeSettings settings;

  /// Starts the node of this home: makes what is missing in it, takes its lock, listens, connects
  /// to relays and peers in the background, and answers on its control socket. Returns when the
  /// socket answers.
  ///
  /// @param version what identify and status tell of this software
  /// @throws Failure `home-in-use`, `address-in-use`, `config-invalid`, or what is wrong with a
  ///   file of the home; then nothing is left open
  public static NodeDaemon start(Home home, String version) {
    return start(home, version, Passphrase.Source.NONE);
  }

  /// As [#start(Home, String)]; `passphrases` is asked if the identity is sealed.
  public static NodeDaemon start(Home home, String version, Passphrase.Source passphrases) {
    return new NodeDaemon(home, version, passphrases, InstantSource.system());
  }

  private NodeDaemon(
      Home home, String version, Passphrase.Source passphrases, InstantSource clock) {
    try {
      home.ensure();
      started(HomeLock.acquire(home));
      Config config = ConfigLoader.load(home.config(), NodeSettings::check);
      settings = NodeSettings.of(config);
      PrivateKey identity = IdentityFile.loadOrCreate(home, KeyRandom.secure(), passphrases);
      started(identity::destroy);
      PeerId self = PeerId.of(identity.publicKey());

      AuthorizedKeysFile keys = started(AuthorizedKeysFile.open(home.authorizedKeys(), clock));
      BlockedPeersFile blocked = started(BlockedPeersFile.open(home.blockedPeers()));
      Authorizer authorizer = new Authorizer(keys::current, blocked::current);
      Memberships memberships = new Memberships(home, self);
      Roster roster = new Roster(self, keys, memberships, authorizer::isBlocked);
      roster.forgetWhatWasRemoved();
      ServiceStore services = new ServiceStore(home);

      KnownRelays known = new KnownRelays();
      PairingGuests guests = new PairingGuests(clock);
      HybridPeers hybrid =
          new HybridPeers(
              home.state("hybrid_peers.json"),
              peer ->
                  keys.current().find(peer).map(AuthorizedPeer::name).orElseGet(peer::toString));
      NodeGater gater = new NodeGater(authorizer, clock, known::isRelay, guests, hybrid);

      host = started(host(identity, gater, settings, version, clock));
      listen();
      CircuitClient circuits =
          started(CircuitClient.install(host, CircuitClient.Offers.FROM_OUR_RELAYS, clock));
      Reservations reservations =
          started(new Reservations(host, circuits, clock, RandomGenerator.getDefault()));
      RelayLinks relays = new RelayLinks(host, reservations, known);
      PeerLinks links = started(new PeerLinks(host, relays, settings.direct(), clock));
      relays.onChange(links::changed);
      host.addListener(links);
      started(
          new NetworkWatch(
              host,
              () -> InterfaceScan.now().stream().map(InterfaceAddress::address).toList(),
              () -> {
                relays.retryAll();
                links.changed();
              },
              clock));
      Enforcer enforcer = started(new Enforcer(host, gater));

      ServiceServer served =
          new ServiceServer(
              services, peer -> authorizer.allows(peer, ServiceServer.SCOPE, clock.instant()));
      ServiceMessages.PROTOCOLS.forEach(each -> host.handle(each, served));
      host.handle(PairMessages.NOTIFY_PROTOCOL, new NoticeHandler(roster, gater));

      keys.onChange(change -> {
        enforcer.lookNow();
        links.keep(authorizer.allowed(clock.instant()));
        if (!change.removed().isEmpty()) {
          // Not on this thread, which holds the file's lock: the roster takes its own first.
          Thread.ofVirtual().name("roster").start(() -> forgetWhatWasRemoved(roster));
        }
      });
      blocked.onChange(change -> {
        enforcer.lookNow();
        links.keep(authorizer.allowed(clock.instant()));
        change.added().stream().filter(known::isRelay).forEach(relays::retry);
      });
      links.keep(authorizer.allowed(clock.instant()));
      Pairings pairings =
          started(
              new Pairings(
                  home,
                  settings,
                  host,
                  identity,
                  gater,
                  guests,
                  keys,
                  memberships,
                  roster,
                  relays,
                  links,
                  authorizer,
                  clock,
                  version));

      NodeApi api =
          new NodeApi(
              host,
              keys,
              blocked,
              hybrid,
              roster,
              relays,
              links,
              services,
              served,
              pairings::network,
              pairings::news,
              pairings::waiting,
              clock,
              version,
              stopping::countDown);
      List<Route> routes = new ArrayList<>(api.routes());
      routes.addAll(pairings.routes());
      started(ControlServer.start(home, routes));
      LOG.atInfo().addKeyValue("peer", self).log("node is ready");
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /// Who this node is.
  public PeerId peerId() {
    return host.id();
  }

  /// Where it listens.
  public List<Multiaddr> listenAddresses() {
    return host.listenAddresses();
  }

  /// Waits until [#close] or a request to shut down.
  public void awaitClose() throws InterruptedException {
    stopping.await();
  }

  /// Stops everything. Idempotent; blocks for at most some seconds.
  @Override
  public final void close() {
    stopping.countDown();
    synchronized (parts) {
      while (!parts.isEmpty()) {
        AutoCloseable part = parts.pop();
        try {
          part.close();
        } catch (Exception e) {
          LOG.atWarn().setCause(e).log("a part did not stop cleanly: {}", part.getClass());
        }
      }
    }
  }

  private static Host host(
      PrivateKey identity,
      NodeGater gater,
      NodeSettings settings,
      String version,
      InstantSource clock) {
    return HostBuilder.create()
        .identity(identity)
        .gater(gater)
        .security(settings.hybridOnly() ? List.of(Upgrade.HYBRID_NOISE) : HostBuilder.SECURITY)
        .agentVersion("peerup/" + version)
        .clock(clock)
        .build();
  }

  private void listen() {
    try {
      host.listen(settings.listen());
    } catch (Refused e) {
      throw new Failure(
          "address-in-use",
          String.valueOf(e.getMessage()),
          "change network.listen in config.yaml; port 0 takes any free one",
          e);
    }
  }

  private <T extends AutoCloseable> T started(T part) {
    parts.push(part);
    return part;
  }

  private static void forgetWhatWasRemoved(Roster roster) {
    try {
      roster.forgetWhatWasRemoved();
    } catch (Failure e) {
      LOG.atWarn().log("groups still remember a peer that was removed: {}", e.message());
    }
  }
}
