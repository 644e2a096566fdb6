package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.StreamHandler;
import io.peerup.node.lan.Lan;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.PeerLinks;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.peers.Wakeup;
import io.peerup.node.verify.Verifications;
import io.peerup.pairing.FullCode;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.Names;
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.PairingResponder;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.RelayHost;
import io.peerup.pairing.SpokenCode;
import io.peerup.pairing.TypedCode;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.rendezvous.RendezvousClient;
import io.peerup.trust.Tier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The invites of this node: makes codes, keeps them known at the relay through which they are
/// found, admits who has one. Thread-safe; blocks on the disk and on relays.
public final class Invites implements HostListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Invites.class);

  /// Numbers of spoken codes that no relay gave out.
  private static final int NUMBER_MIN = 10_000;

  private static final int NUMBER_MAX = 100_000;

  /// Which form of code.
  public enum Form {
    TYPED,
    SPOKEN,
    FULL
  }

  /// A fresh invite. The code is secret: for the person it is meant for.
  ///
  /// @param lanOnly no relay knows it: only devices of the local network find us
  public record Made(InviteSummary invite, String code, boolean lanOnly) {
    @Override
    public String toString() {
      return "Made[" + invite.id() + "]";
    }
  }

  private final Host host;
  private final PrivateKey identity;
  private final KeyRandom random;
  private final InviteStore store;
  private final Roster roster;
  private final RelayLinks relays;
  private final PeerLinks links;
  private final Lan lan;
  private final PairingGuests guests;
  private final InstantSource clock;
  private final Supplier<String> network;
  private final String software;
  private final Wakeup wakeup = new Wakeup();
  private volatile Instant openUntil = Instant.MIN;
  private final Thread keeper;

  /// Reads the state file and finishes what a crash left. `network` is the name of the network in
  /// force, `software` what cards say of this program.
  ///
  /// @throws Failure `state-damaged`
  public Invites(
      Home home,
      Host host,
      PrivateKey identity,
      KeyRandom random,
      Roster roster,
      RelayLinks relays,
      PeerLinks links,
      Lan lan,
      PairingGuests guests,
      InstantSource clock,
      Supplier<String> network,
      String software) {
    this.host = host;
    this.identity = identity;
    this.random = random;
    this.store = new InviteStore(home, random);
    this.roster = roster;
    this.relays = relays;
    this.links = links;
    this.lan = lan;
    this.guests = guests;
    this.clock = clock;
    this.network = network;
    this.software = software;
    finishWhatACrashLeft();
    synchronized (store) {
      look();
    }
    guests.welcomeWhile(this::anyOpen);
    guests.welcomeFrom(lan::isNear);
    lan.answerFor(this::answered);
    this.keeper = Thread.ofVirtual().name("invites").start(this::keep);
  }

  /// The handler of pairing runs.
  public StreamHandler server() {
    return new PairingServer(store, identity, random, clock, this::card, new Admission());
  }

  InviteStore store() {
    return store;
  }

  /// How often peers were verified; kept in the same file.
  public Verifications.Attempts peerAttempts() {
    return new PeerAttempts(store, clock);
  }

  /// What this device called itself when it last paired with a code.
  public Optional<String> chosenName() {
    synchronized (store) {
      return store.name();
    }
  }

  /// The network that a code brought the node of this home into, for commands while nothing runs
  /// it.
  ///
  /// @throws Failure `state-damaged`
  public static Optional<String> networkOf(Home home) {
    return new InviteStore(home, KeyRandom.secure()).network();
  }

  /// The network that a code brought this device into, if one did.
  public Optional<String> network() {
    synchronized (store) {
      return store.network();
    }
  }

  /// From now on this device is in this network, whatever its groups and its configuration say. On
  /// disk when it returns.
  public void moveTo(String network) {
    synchronized (store) {
      store.adopt(network, List.of());
      store.save();
    }
  }

  /// Relays that codes brought, with their peer ids.
  public List<Multiaddr> adoptedRelays() {
    synchronized (store) {
      return store.relays();
    }
  }

  /// Peers that have not said that they know of the pairing.
  public Set<PeerId> pending() {
    synchronized (store) {
      return store.pending();
    }
  }

  /// A pending peer that comes back with its identity knows that it is paired: it could not have
  /// dialled us otherwise. A relay that we dialled may have forgotten our invites. The disk and the
  /// relay are not for the thread that tells of connections.
  @Override
  public void connected(Connection connection) {
    PeerId peer = connection.remotePeer();
    if (connection.direction() == Direction.OUTBOUND && relays.isRelay(peer)) {
      wakeup.wake();
    }
    if (connection.direction() == Direction.INBOUND && pending().contains(peer)) {
      Thread.ofVirtual().name("pairing acknowledged").start(() -> met(peer));
    }
  }

  /// It answers us, so it trusts us.
  @Override
  public void identified(Connection connection, PeerInfo info) {
    PeerId peer = connection.remotePeer();
    if (pending().contains(peer)) {
      Thread.ofVirtual().name("pairing acknowledged").start(() -> met(peer));
    }
  }

  /// Shown as not having acknowledged until it talks to us.
  void awaitWord(PeerId peer) {
    synchronized (store) {
      store.pend(peer);
      store.save();
    }
  }

  /// What this device calls itself from now on.
  void call(String name) {
    synchronized (store) {
      store.call(name);
      store.save();
    }
  }

  private void met(PeerId peer) {
    synchronized (store) {
      boolean guest = guests.contains(peer);
      if (!guest && store.acknowledged(peer)) {
        save();
      }
    }
  }

  /// Whether strangers have a reason to come. Answers from memory.
  private boolean anyOpen() {
    return clock.instant().isBefore(openUntil);
  }

  /// Under the store's monitor, after every change.
  private void look() {
    Instant now = clock.instant();
    openUntil =
        store.table().invites(now).stream()
            .filter(each -> isOpen(each.state()) || isAnswered(each))
            .map(InviteSummary::expires)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
    lan.changed();
  }

  /// What a device on the local network may ask for.
  private List<Selector> answered() {
    if (!anyOpen()) {
      return List.of();
    }
    synchronized (store) {
      return store.table().invites(clock.instant()).stream()
          .filter(each -> isOpen(each.state()) || isAnswered(each))
          .flatMap(each ->
              store.table().selectorOf(each.id()).map(it -> Selector.of(each.kind(), it)).stream())
          .toList();
    }
  }

  /// A used invite answers the peer that used it again, in case our answer was lost.
  private static boolean isAnswered(InviteSummary invite) {
    return invite.state() == InviteSummary.State.CONSUMED;
  }

  private static boolean isOpen(InviteSummary.State state) {
    return state == InviteSummary.State.OPEN || state == InviteSummary.State.RESERVED;
  }

  /// Makes an invite that lives for `ttl` (1 minute to 1 hour). `name` is what this device is
  /// called; it is kept. Without a place at a relay it can be found on the local network only.
  /// Takes a third of a second for short codes.
  ///
  /// @throws Failure `no-relay`, `relay-refused`, `bad-name`, `too-many-invites`
  public Made create(Form form, Duration ttl, String name, boolean requireSas) {
    checkName(name);
    Optional<Connection> relay = reservedRelays().stream().findFirst();
    if (relay.isEmpty()) {
      lan.trouble().ifPresent(this::refuse);
    }
    Optional<Multiaddr> address =
        relay.map(each -> each.remoteAddress().withoutPeer().withPeer(each.remotePeer()));
    String where =
        address.map(each -> "@" + RelayHost.of(each).text(PairingCode.RELAY_PORT)).orElse("");
    Instant now = clock.instant();
    String text;
    PairingSecret secret;
    switch (form) {
      case TYPED -> {
        TypedCode code = TypedCode.generate(random);
        relay.ifPresent(
            each -> open(each, Optional.of(Selector.ofText(Selector.TYPED, code.selector())), ttl));
        text = code.text() + where;
        secret = code.secret();
      }
      case SPOKEN -> {
        SpokenCode code =
            SpokenCode.generate(
                relay.map(each -> text(open(each, Optional.empty(), ttl))).orElseGet(this::number),
                random);
        text = code.text() + where;
        secret = code.secret();
      }
      case FULL -> {
        FullCode code =
            FullCode.generate(
                identity.peerId(),
                address.stream().toList(),
                network.get(),
                now.plus(ttl).truncatedTo(ChronoUnit.SECONDS),
                random);
        secret = code.secret();
        Selector full = Selector.of(Selector.FULL, secret.selector());
        relay.ifPresent(each -> open(each, Optional.of(full), ttl));
        text = code.text();
      }
      default -> throw new IllegalStateException("internal error: no such form");
    }
    Selector selector = Selector.of(secret.kind(), secret.selector());
    boolean made = false;
    try {
      Made invite =
          new Made(keep(secret, ttl, name, address, now, requireSas), text, relay.isEmpty());
      made = true;
      return invite;
    } finally {
      secret.destroy();
      if (!made) {
        relay.ifPresent(each -> forget(each, selector));
      }
    }
  }

  /// An invite that cannot be written does not exist: nobody has its code.
  private InviteSummary keep(
      PairingSecret secret,
      Duration ttl,
      String name,
      Optional<Multiaddr> relay,
      Instant now,
      boolean requireSas) {
    synchronized (store) {
      try {
        InviteSummary invite = store.table().create(secret, ttl, "", now);
        if (requireSas) {
          store.table().requireSas(invite.id());
        }
        try {
          store.call(name);
          relay.ifPresent(each -> store.bind(invite.id(), each));
          store.save();
        } catch (Failure disk) {
          store.table().revoke(invite.id());
          forgetBindings();
          throw disk;
        }
        look();
        return invite;
      } catch (LimitReached e) {
        throw new Failure("too-many-invites", String.valueOf(e.getMessage()), e.hint(), e);
      } catch (MalformedInput e) {
        throw new Failure("bad-invite", String.valueOf(e.getMessage()), e.hint(), e);
      }
    }
  }

  /// All invites, those that ended within a day included.
  public List<InviteSummary> list() {
    synchronized (store) {
      return store.table().invites(clock.instant());
    }
  }

  /// Forgets an invite; a peer that it admitted stays. False if there is none with this id.
  public boolean revoke(String id) {
    Optional<Multiaddr> where;
    Optional<Selector> selector;
    synchronized (store) {
      where = store.relayOf(id);
      selector =
          list().stream()
              .filter(invite -> invite.id().equals(id))
              .flatMap(invite ->
                  store.table().selectorOf(id).stream().map(s -> Selector.of(invite.kind(), s)))
              .findFirst();
      if (!store.table().revoke(id)) {
        return false;
      }
      forgetBindings();
      store.save();
      look();
    }
    where
        .flatMap(Multiaddr::peer)
        .flatMap(this::direct)
        .ifPresent(relay -> selector.ifPresent(each -> forget(relay, each)));
    return true;
  }

  @Override
  public void close() {
    keeper.interrupt();
  }

  /// The relay may forget it, too; if it cannot be asked, it does when the time is over.
  private static void forget(Connection relay, Selector selector) {
    try {
      new RendezvousClient(relay, Limits.DIALOGUE).close(selector);
    } catch (OverlayException e) {
      LOG.atDebug().log("the relay still lists a revoked invite: {}", e.getMessage());
    }
  }

  /// What a joiner with the right code gets to see of us.
  PeerCard card() {
    synchronized (store) {
      return new PeerCard(
          roster.ownName().orElse("peer"),
          host.advertisedAddresses().stream().limit(16).toList(),
          software,
          network.get(),
          relays.views().stream()
              .map(view -> view.address().withoutPeer().withPeer(view.peer()))
              .limit(16)
              .toList(),
          new byte[0]);
    }
  }

  static void checkName(String name) {
    try {
      Names.check(name);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-name",
          String.valueOf(e.getMessage()),
          e.hint().isEmpty() ? "choose another one: --name home" : e.hint(),
          e);
    }
  }

  private static String text(Selector nameplate) {
    return new String(nameplate.bytes(), StandardCharsets.US_ASCII);
  }

  /// A number of five digits: those that relays give out are mostly shorter, so a joiner that asks
  /// its relay first does not find somebody else's invite there.
  private String number() {
    byte[] dice = random.bytes(Integer.BYTES);
    return String.valueOf(
        NUMBER_MIN
            + Integer.remainderUnsigned(ByteBuffer.wrap(dice).getInt(), NUMBER_MAX - NUMBER_MIN));
  }

  /// The relays at which we have a place, in order of ids; at least one.
  ///
  /// @throws Failure `no-relay`
  List<Connection> relays() {
    List<Connection> reserved = reservedRelays();
    if (reserved.isEmpty()) {
      throw noRelay("this device has no place at a relay now, so nobody could leave it a message");
    }
    return reserved;
  }

  private Failure noRelay(String message) {
    return new Failure(
        "no-relay",
        message,
        relays.views().isEmpty()
            ? "join a relay's group first (`peerup join CODE`), or write the relay into"
                + " relay.addresses in config.yaml"
            : "look at `peerup status` for what is wrong with the relay");
  }

  /// As [#relays], but there may be none.
  List<Connection> reservedRelays() {
    return relays.views().stream()
        .filter(RelayLinks.RelayView::reserved)
        .map(RelayLinks.RelayView::peer)
        .sorted(Comparator.naturalOrder())
        .flatMap(peer -> direct(peer).stream())
        .toList();
  }

  private void refuse(String whyNotHere) {
    throw noRelay(
        "this device has no place at a relay now, so nobody could find it; and " + whyNotHere);
  }

  private Optional<Connection> direct(PeerId relay) {
    return Mailroom.direct(host, relay);
  }

  private Selector open(Connection relay, Optional<Selector> selector, Duration ttl) {
    try {
      return new RendezvousClient(relay, Limits.DIALOGUE)
          .open(selector, ttl)
          .orElseThrow(() ->
              new Failure(
                  "relay-refused",
                  "the relay does not take this invite",
                  "it keeps at most five open invites of a device: `peerup invite list`,"
                      + " `peerup invite revoke`"))
          .selector();
    } catch (OverlayException e) {
      throw new Failure(
          "relay-refused",
          "the relay cannot be asked: " + e.getMessage(),
          "it may run a version of peerup that has no invites yet",
          e);
    }
  }

  /// Whoever an invite admitted before a crash gets the trust entry now.
  private void finishWhatACrashLeft() {
    synchronized (store) {
      List<InviteTable.Admitted> left = store.table().unentered();
      for (InviteTable.Admitted each : left) {
        roster.invited(each.peer(), each.name(), tier(store.table().requiresSas(each.inviteId())));
        store.table().entered(each.inviteId());
      }
      if (!left.isEmpty()) {
        store.save();
      }
    }
  }

  static Tier tier(boolean held) {
    return held ? Tier.HELD : Tier.INVITE;
  }

  /// Invites outlive a relay's restart and ours: says again, now and then, that we wait.
  private void keep() {
    try {
      while (true) {
        wakeup.await(Limits.RENEWAL);
        renew();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void renew() {
    Instant now = clock.instant();
    List<InviteSummary> open;
    synchronized (store) {
      if (store.table().prune(now)) {
        forgetBindings();
        save();
      }
      open = store.table().invites(now).stream().filter(this::isWantedAtTheRelay).toList();
    }
    for (InviteSummary invite : open) {
      try {
        renew(invite, now);
      } catch (OverlayException e) {
        LOG.atDebug().log("invite {} could not be renewed: {}", invite.id(), e.getMessage());
      }
    }
  }

  /// Under the store's monitor. A used invite is wanted as long as the peer that used it may not
  /// know: it asks again, and must find us at a relay that was restarted meanwhile, too.
  private boolean isWantedAtTheRelay(InviteSummary invite) {
    return isOpen(invite.state())
        || invite.consumedBy().filter(store.pending()::contains).isPresent();
  }

  private void renew(InviteSummary invite, Instant now) {
    Duration left = Duration.between(now, invite.expires());
    Optional<Multiaddr> where;
    Optional<byte[]> selector;
    synchronized (store) {
      where = store.relayOf(invite.id());
      selector = store.table().selectorOf(invite.id());
    }
    Optional<Connection> relay = where.flatMap(Multiaddr::peer).flatMap(this::direct);
    // The relay takes no less than a minute; an invite with less left is known there already.
    if (relay.isPresent() && selector.isPresent() && left.compareTo(Duration.ofMinutes(1)) >= 0) {
      var _ =
          new RendezvousClient(relay.get(), Limits.DIALOGUE)
              .open(Optional.of(Selector.of(invite.kind(), selector.get())), left);
    }
  }

  private void save() {
    try {
      store.save();
    } catch (Failure e) {
      LOG.atWarn().log("invites cannot be written: {}", e.message());
    }
  }

  private void forgetBindings() {
    store.unbind(
        store.table().invites(clock.instant()).stream()
            .map(InviteSummary::id)
            .collect(Collectors.toSet()));
  }

  private final class Admission implements PairingServer.Events {

    @Override
    public void admit(PeerId peer, PeerCard joiner, boolean held) {
      roster.invited(peer, joiner.name(), tier(held));
      links.learn(peer, joiner.addresses());
    }

    @Override
    public void admitted(String inviteId, PeerId peer, Connection connection) {
      connection.relay().flatMap(Invites.this::direct).ifPresent(relay -> vouch(relay, peer));
    }

    private void vouch(Connection relay, PeerId peer) {
      try {
        if (!new RendezvousClient(relay, Limits.VOUCH).vouch(peer)) {
          LOG.atWarn()
              .addKeyValue("peer", peer)
              .addKeyValue("relay", relay.remotePeer())
              .log("the relay does not admit the device that paired; its owner may authorize it");
        }
      } catch (OverlayException e) {
        LOG.atWarn().log("the relay could not be asked to admit {}: {}", peer, e.getMessage());
      }
    }

    @Override
    public void acknowledged(PeerId peer) {
      guests.leave(peer);
    }

    @Override
    public void failed(PairingResponder.Cause cause, PeerId peer) {
      guests.leave(peer);
      LOG.atInfo().addKeyValue("peer", peer).log("pairing failed: {}", cause);
    }
  }
}
