package io.peerup.node;

import com.google.gson.JsonArray;
import io.peerup.control.Home;
import io.peerup.control.server.Route;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.api.InviteRoutes;
import io.peerup.node.api.JoinRoute;
import io.peerup.node.api.LinkRoutes;
import io.peerup.node.api.VerifyRoutes;
import io.peerup.node.invites.Acceptances;
import io.peerup.node.invites.Admission;
import io.peerup.node.invites.Adopted;
import io.peerup.node.invites.Cards;
import io.peerup.node.invites.CodeJoiner;
import io.peerup.node.invites.InviteStore;
import io.peerup.node.invites.InviterSearch;
import io.peerup.node.invites.Invites;
import io.peerup.node.invites.LinkStore;
import io.peerup.node.invites.Links;
import io.peerup.node.invites.Listings;
import io.peerup.node.invites.Mailroom;
import io.peerup.node.invites.NetworkGate;
import io.peerup.node.invites.PairingServer;
import io.peerup.node.invites.PeerAttempts;
import io.peerup.node.invites.PendingPeers;
import io.peerup.node.invites.ReservedRelays;
import io.peerup.node.invites.Settling;
import io.peerup.node.lan.Lan;
import io.peerup.node.lan.LanPeers;
import io.peerup.node.network.Joiner;
import io.peerup.node.network.Memberships;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.NodeGater;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.PeerLinks;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.verify.Verifications;
import io.peerup.pairing.GroupMembership;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.Sas;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.Authorizer;
import io.peerup.trust.Scope;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of a node that bring it together with others: invites, the ways to join, and their
/// control routes. The constructor is the wiring, as in [NodeDaemon].
final class Pairings implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Pairings.class);

  private final Memberships memberships;
  private final NodeSettings settings;
  private final Lan lan;
  private final LanPeers neighbours;
  private final Adopted adopted;
  private final Listings listings;
  private final Verifications verifications;
  private final Mailroom mailroom;
  private final Acceptances acceptances;
  private final LinkRoutes linkRoutes;
  private final List<Route> routes = new ArrayList<>();

  Pairings(
      Home home,
      NodeSettings settings,
      Host host,
      PrivateKey identity,
      NodeGater gater,
      PairingGuests guests,
      AuthorizedKeysFile keys,
      Memberships memberships,
      Roster roster,
      RelayLinks relays,
      PeerLinks links,
      Authorizer authorizer,
      InstantSource clock,
      String version) {
    this.memberships = memberships;
    this.settings = settings;
    KeyRandom random = KeyRandom.secure();
    String software = "peerup/" + version;

    settings.relays().forEach(relays::keep);
    for (GroupMembership group : memberships.all()) {
      keep(relays, group.relayId(), group.relayAddress());
    }
    lan = new Lan(host, settings.lan(), links::peers, clock);
    neighbours = new LanPeers(lan, links::missing, clock);
    InviteStore inviteStore = new InviteStore(home, random);
    adopted = new Adopted(inviteStore);
    PendingPeers pending = new PendingPeers(inviteStore, guests);
    ReservedRelays reserved = new ReservedRelays(host, relays);
    Cards cards = new Cards(host, inviteStore, roster, relays, this::network, software);
    Admission admission = new Admission(host, inviteStore, roster, links, guests);
    listings = new Listings(host, inviteStore, relays, clock);
    Invites invites =
        new Invites(
            host.id(), random, inviteStore, listings, reserved, lan, guests, clock, this::network);
    roster.alsoCalled(adopted::name);
    adopted.relays().forEach(each -> keep(relays, each.peer().orElseThrow(), each));
    host.handle(
        PairingProtocol.ID,
        new PairingServer(inviteStore, identity, random, clock, cards::ofInviter, admission));
    host.addListener(listings);
    host.addListener(pending);

    NetworkGate networks =
        new NetworkGate(
            this::network, () -> memberships.all().isEmpty() && adopted.network().isEmpty());
    InviterSearch search = new InviterSearch(host, gater, relays, guests, lan);
    Settling settling = new Settling(adopted, roster, relays);
    CodeJoiner codes =
        new CodeJoiner(identity, random, search, cards, links, inviteStore, settling, clock);

    LinkStore linkStore = new LinkStore(home);
    mailroom = new Mailroom(host, relays, clock);
    Links urls =
        new Links(
            host,
            identity,
            random,
            linkStore,
            adopted,
            cards,
            pending,
            reserved,
            roster,
            mailroom,
            authorizer::isBlocked,
            this::network,
            clock);
    acceptances =
        new Acceptances(
            host,
            identity,
            random,
            cards,
            linkStore,
            settling,
            networks,
            relays,
            guests,
            mailroom,
            authorizer::isBlocked,
            clock);
    host.handle(MailboxMessages.NOTICE_PROTOCOL, mailroom);
    host.addListener(mailroom);
    mailroom.start(urls, acceptances);
    acceptances.start();

    Joiner joiner = new Joiner(host, identity, gater, random, RandomGenerator.getDefault());

    verifications =
        new Verifications(
            host.id(),
            keys,
            peer ->
                authorizer.allows(peer, Verifications.SCOPE, clock.instant())
                    || authorizer.allows(peer, Scope.VERIFY, clock.instant()),
            new PeerAttempts(inviteStore, clock),
            peer -> links.connect(peer, Verifications.DIAL),
            random,
            clock);
    host.handle(Sas.PROTOCOL, verifications);

    linkRoutes = new LinkRoutes(urls, acceptances, pending, keys, roster);
    routes.add(linkRoutes.route());
    routes.addAll(new InviteRoutes(invites, pending, linkRoutes, keys, roster, clock).all());
    routes.add(
        new JoinRoute(
                host,
                keys,
                memberships,
                roster,
                relays,
                joiner,
                adopted,
                codes,
                linkRoutes,
                networks,
                this::network)
            .route());
    routes.addAll(new VerifyRoutes(host.id(), keys, verifications).all());
  }

  /// What the owner of this device should know, one sentence each.
  List<String> news() {
    return verifications.news();
  }

  /// Accepted links that did not end in a pairing, for `status`.
  JsonArray waiting() {
    return linkRoutes.waiting();
  }

  /// Everything about pairing that the control socket answers.
  List<Route> routes() {
    return List.copyOf(routes);
  }

  /// The network in force: the one that a code of a device or a move brought this node into, else
  /// that of its groups, else the configured one.
  String network() {
    return adopted
        .network()
        .or(() -> memberships.all().stream().findFirst().map(group -> group.namespace().orElse("")))
        .orElse(settings.network());
  }

  @Override
  public void close() {
    neighbours.close();
    lan.close();
    verifications.close();
    acceptances.close();
    mailroom.close();
    listings.close();
  }

  /// The file and the groups together may name more relays than one node keeps places at; that must
  /// not keep it from starting.
  private static void keep(RelayLinks relays, PeerId relay, Multiaddr address) {
    try {
      relays.keep(relay, List.of(address.withoutPeer()));
    } catch (LimitReached e) {
      LOG.atWarn().addKeyValue("relay", relay).log("the relay is not used: {}", e.getMessage());
    }
  }
}
