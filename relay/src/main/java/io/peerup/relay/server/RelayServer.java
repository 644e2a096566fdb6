package io.peerup.relay.server;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import io.peerup.control.server.ControlServer;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.libp2p.host.HostLimits;
import io.peerup.libp2p.transport.Upgrade;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.group.AuditLog;
import io.peerup.relay.group.GroupStore;
import io.peerup.relay.group.PairingService;
import io.peerup.relay.group.PeerNotifier;
import io.peerup.relay.mailbox.MailboxService;
import io.peerup.relay.mailbox.Mailboxes;
import io.peerup.relay.rendezvous.Rendezvous;
import io.peerup.relay.rendezvous.RendezvousService;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeersFile;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import io.peerup.trust.TrustVerbs;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running relay: the assembly of this room. Reading [#RelayServer] from top to bottom is reading
/// what a relay consists of and in which order it comes up.
public final class RelayServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RelayServer.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Host host;

  private RelayServer(
      Home home, Config config, Passphrase.Source passphrases, InstantSource clock) {
    boolean ready = false;
    try {
      RelaySettings settings = RelaySettings.of(config);
      home.ensure();
      own(HomeLock.acquire(home));
      PrivateKey identity = IdentityFile.loadOrCreate(home, KeyRandom.secure(), passphrases);
      own(identity::destroy);
      AuthorizedKeysFile keys = own(AuthorizedKeysFile.open(home.authorizedKeys(), clock));
      BlockedPeersFile blocked = own(BlockedPeersFile.open(home.blockedPeers()));
      Authorizer authorizer = new Authorizer(keys::current, blocked::current);
      GroupStore groups = GroupStore.open(home.state("groups.json"), clock);
      Rendezvous rendezvous = new Rendezvous(RandomGenerator.getDefault(), clock);
      Mailboxes mailboxes =
          Mailboxes.open(home.state("mailbox.json"), RandomGenerator.getDefault(), clock);
      // A line that was deleted while the relay was not running.
      mailboxes.removeIf(keys::lacks);
      warnOfLostKeys(keys, groups, mailboxes);
      AuditLog audit = new AuditLog(home.log().resolveSibling("audit.log"), clock);

      Visitors visitors = new Visitors();
      AuthorizedMembers members = new AuthorizedMembers(keys, authorizer, visitors, clock);
      host =
          own(
              HostBuilder.create()
                  .identity(identity)
                  .gater(
                      new RelayGater(
                          members::isBlocked,
                          members::isMember,
                          () -> groups.hasLiveGroup() || rendezvous.isOpen() || mailboxes.isOpen(),
                          rendezvous::hasTicket,
                          visitors,
                          clock))
                  .limits(hostLimits(settings))
                  .security(
                      settings.hybridOnly() ? List.of(Upgrade.HYBRID_NOISE) : HostBuilder.SECURITY)
                  .agentVersion("peerup-relay")
                  .clock(clock)
                  .build());
      Circuits circuits =
          new Circuits(members::isMember, rendezvous, visitors, settings.policy().circuit(), clock);
      CircuitRelay relay =
          own(new CircuitRelay(host, identity, settings.policy(), circuits, clock));
      Doorkeeper door =
          own(new Doorkeeper(host, relay, members::isBlocked, members::isMember, visitors, clock));
      PeerNotifier notifier = own(new PeerNotifier(host, groups, members));
      own(new PairingService(host, groups, members, notifier, audit, clock));
      Vouchers vouchers = new Vouchers(keys, authorizer, settings.membersInvite(), clock);
      own(new RendezvousService(host, rendezvous, members, vouchers, audit, clock));
      own(new MailboxService(host, mailboxes, members, clock));
      keys.onChange(change -> {
        door.look();
        change.removed().forEach(rendezvous::forget);
        // Whoever was taken out of the file by hand must not come back with its old code.
        change.removed().stream().filter(keys::lacks).forEach(groups::removeMember);
        change.removed().stream().filter(keys::lacks).forEach(mailboxes::remove);
      });

      blocked.onChange(change -> {
        door.look();
        change.removed().forEach(rendezvous::forget);
      });

      // Last, when everything that may be asked of us is there.
      listen(settings.listen().stream().map(Located::value).toList());
      RelayAdmin admin =
          new RelayAdmin(
              host,
              relay,
              groups,
              rendezvous,
              mailboxes,
              members,
              visitors,
              audit,
              settings.policy(),
              clock);
      TrustVerbs trust =
          new TrustVerbs(
              Optional.of(host.id()),
              keys,
              blocked,
              clock,
              peer -> remove(peer, groups, members),
              (verb, peer) -> audit.record(verb, Optional.of(peer), Optional.empty(), "done"));
      own(ControlServer.start(home, new RelayRoutes(admin, trust, this::shutDown).routes()));
      ready = true;
    } finally {
      if (!ready) {
        closeParts();
      }
    }
    log.atInfo().addKeyValue("peer", host.id()).addKeyValue("addr", addresses()).log("relay is up");
  }

  /// Starts a relay in this home: takes the home's lock, makes the identity key if there is none,
  /// listens, and answers on the control socket. Returns when all of that works.
  ///
  /// @throws Failure `home-in-use`, `address-in-use` (naming the address), `config-invalid`,
  ///   `state-damaged`, and what the files of the home may give; then nothing is left open
  public static RelayServer start(Home home, Config config) {
    return start(home, config, InstantSource.system());
  }

  /// As [#start(Home, Config)], with another clock.
  public static RelayServer start(Home home, Config config, InstantSource clock) {
    return new RelayServer(home, config, Passphrase.Source.NONE, clock);
  }

  /// As [#start(Home, Config)]; `passphrases` is asked if the identity is sealed.
  public static RelayServer start(Home home, Config config, Passphrase.Source passphrases) {
    return new RelayServer(home, config, passphrases, InstantSource.system());
  }

  /// Who this relay is.
  public PeerId peerId() {
    return host.id();
  }

  /// Where it listens, each ending in `/p2p/<id>`.
  public List<Multiaddr> addresses() {
    return host.listenAddresses().stream().map(a -> a.withPeer(host.id())).toList();
  }

  /// For tests of this package.
  Host host() {
    return host;
  }

  /// Waits until [#close()] or `POST /v1/shutdown`; everything is closed then.
  public void awaitClose() throws InterruptedException {
    closing.await();
    close();
    closed.await();
  }

  /// Stops everything. Idempotent; blocks for at most a few seconds.
  @Override
  public void close() {
    closing.countDown();
    closeParts();
    closed.countDown();
  }

  /// Asked for by a request: its answer must leave before the socket closes, so somebody else
  /// closes.
  private void shutDown() {
    closing.countDown();
    Thread.ofVirtual().name("relay-shutdown").start(this::close);
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /// Last opened, first closed.
  private void closeParts() {
    synchronized (parts) {
      while (!parts.isEmpty()) {
        AutoCloseable part = parts.pop();
        try {
          part.close();
        } catch (Exception e) {
          log.atWarn().addKeyValue("part", part.getClass().getSimpleName()).log("cannot close", e);
        }
      }
    }
  }

  /// Without the file nobody is let in. That is also what a relay looks like that was killed in its
  /// very first pairing, which a retry mends; so it starts, and says it aloud.
  private static void warnOfLostKeys(
      AuthorizedKeysFile keys, GroupStore groups, Mailboxes mailboxes) {
    boolean hadMembers =
        !mailboxes.members().isEmpty()
            || groups.groups().stream().anyMatch(group -> !group.members().isEmpty());
    if (keys.isMissing() && hadMembers) {
      log.atError()
          .addKeyValue("file", keys.path())
          .log(
              "authorized_keys is missing, but this relay has members: none of them is let in until"
                  + " the file is restored from a backup or they join again with their codes");
    }
  }

  /// As [RelayAdmin#deauthorize] does: the groups first, or its old code would bring it back.
  private static void remove(PeerId peer, GroupStore groups, AuthorizedMembers members) {
    groups.removeMember(peer);
    members.remove(peer);
  }

  static HostLimits hostLimits(RelaySettings settings) {
    return HostLimits.DEFAULTS
        .change()
        .connections(settings.policy().reservationsMax() + Limits.EXTRA_CONNECTIONS)
        .connectionsPerPrefix(Limits.CONNECTIONS_PER_PREFIX)
        .build();
  }

  private void listen(List<Multiaddr> addresses) {
    try {
      host.listen(addresses);
    } catch (Refused e) {
      String message = String.valueOf(e.getMessage());
      throw new Failure(
          "address-in-use",
          message,
          message.contains("assign")
              ? "this machine has no such address: see `ip addr`, or write 0.0.0.0 for all it has"
              : "see who does (`ss -ltunp`), or choose another address with --listen or"
                  + " relay-server.listen",
          e);
    }
  }
}
