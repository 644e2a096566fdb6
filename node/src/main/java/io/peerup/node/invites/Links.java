package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.network.Roster;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.UrlInvites;
import io.peerup.pairing.UrlInvites.Result;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.relay.mailbox.MailboxClient;
import io.peerup.relay.rendezvous.RendezvousClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The invite links of this node: makes them, keeps relays told that drops may come, admits whoever
/// sends one, tells them so. Thread-safe; blocks on the disk and on relays.
public final class Links implements Mailroom.Reader {

  private static final Logger LOG = LoggerFactory.getLogger(Links.class);

  /// As many relays as a link names.
  private static final int RELAYS_MAX = io.peerup.pairing.Limits.CODE_RELAYS_MAX;

  /// A fresh link. The URL is secret: for the person it is meant for.
  public record Minted(String id, String url, Instant expires) {
    @Override
    public String toString() {
      return "Minted[" + id + "]";
    }
  }

  /// A link as lists show it.
  public record View(
      String id, Instant created, Instant expires, int uses, List<PeerId> usedBy, boolean over) {}

  /// Why a drop admitted nobody, or that a link ended unused.
  public record Refused(Instant at, String id, String reason) {}

  private final Host host;
  private final PrivateKey identity;
  private final KeyRandom random;
  private final LinkStore store;
  private final Adopted adopted;
  private final Cards cards;
  private final PendingPeers pending;
  private final ReservedRelays relays;
  private final Roster roster;
  private final Mailroom mailroom;
  private final Predicate<PeerId> blocked;
  private final Supplier<String> network;
  private final InstantSource clock;

  /// Finishes what a crash left.
  public Links(
      Host host,
      PrivateKey identity,
      KeyRandom random,
      LinkStore store,
      Adopted adopted,
      Cards cards,
      PendingPeers pending,
      ReservedRelays relays,
      Roster roster,
      Mailroom mailroom,
      Predicate<PeerId> blocked,
      Supplier<String> network,
      InstantSource clock) {
    this.host = host;
    this.identity = identity;
    this.random = random;
    this.store = store;
    this.adopted = adopted;
    this.cards = cards;
    this.pending = pending;
    this.relays = relays;
    this.roster = roster;
    this.mailroom = mailroom;
    this.blocked = blocked;
    this.network = network;
    this.clock = clock;
    synchronized (store) {
      enterAdmitted();
    }
  }

  /// Makes a link that admits `uses` devices (1 to 16) within `ttl` (1 minute to 30 days). `name`
  /// is what this device is called; it is kept.
  ///
  /// @throws Failure `no-relay`, `relay-refused`, `bad-name`, `too-many-invites`, `bad-invite`
  public Minted mint(Duration ttl, int uses, String name) {
    Adopted.checkName(name);
    byte[] capability = random.bytes(io.peerup.pairing.mailbox.Limits.CAPABILITY_BYTES);
    CapabilityHash hash = CapabilityHash.of(capability);
    List<Multiaddr> granted = grant(hash, uses, ttl);
    synchronized (store) {
      Instant now = clock.instant();
      try {
        InviteUrl url =
            store
                .table()
                .create(
                    identity,
                    new UrlInvites.Spec(granted, capability, network.get(), name),
                    uses,
                    ttl,
                    random,
                    now);
        String id = store.table().links().getLast().id();
        store.made.put(id, new LinkStore.Made(hash, uses, now, url.expires(), granted, false));
        try {
          adopted.call(name);
          store.save();
        } catch (Failure e) {
          store.table().revoke(id);
          store.made.remove(id);
          throw e;
        }
        return new Minted(id, url.text(), url.expires());
      } catch (LimitReached e) {
        throw new Failure("too-many-invites", String.valueOf(e.getMessage()), e.hint(), e);
      } catch (MalformedInput e) {
        throw new Failure("bad-invite", String.valueOf(e.getMessage()), e.hint(), e);
      }
    }
  }

  /// Tells our relays of a new capability; returns those that take it.
  private List<Multiaddr> grant(CapabilityHash hash, int uses, Duration ttl) {
    List<Multiaddr> granted = new ArrayList<>();
    @Nullable OverlayException last = null;
    List<Connection> all = relays.some("nobody could leave it a message");
    for (Connection relay : all.stream().limit(RELAYS_MAX).toList()) {
      try {
        if (mailroom.talk(relay, mailbox -> mailbox.grant(hash, uses, ttl)).isPresent()) {
          granted.add(relays.addressOf(relay));
        }
      } catch (OverlayException e) {
        last = e;
      }
    }
    if (granted.isEmpty()) {
      throw new Failure(
          "relay-refused",
          last == null
              ? "the relay does not take this link"
              : "the relay cannot be asked: " + last.getMessage(),
          "it keeps at most 64 open links of a device: `peerup invite list`, `peerup invite"
              + " revoke`",
          last);
    }
    return granted;
  }

  /// All links, those that ended within a day included, oldest first.
  public List<View> list() {
    synchronized (store) {
      Instant now = clock.instant();
      List<View> out = new ArrayList<>();
      for (UrlInvites.Summary each : store.table().links()) {
        LinkStore.Made made = store.made.get(each.id());
        out.add(
            new View(
                each.id(),
                made == null ? each.expires() : made.created(),
                each.expires(),
                each.usesMax(),
                each.usedBy(),
                !now.isBefore(each.expires())));
      }
      return out;
    }
  }

  /// The last drops that were refused and links that ended unused, oldest first.
  public List<Refused> refusals() {
    synchronized (store) {
      return store.refusals().stream()
          .map(each -> new Refused(each.at(), each.link(), each.reason()))
          .toList();
    }
  }

  /// Forgets a link; whoever it admitted stays. Its relays are told now, or when they are connected
  /// again. False if there is none with this id.
  public boolean revoke(String id) {
    Optional<LinkStore.Made> made;
    synchronized (store) {
      if (!store.table().revoke(id)) {
        return false;
      }
      made = Optional.ofNullable(store.made.remove(id));
      made.ifPresent(each -> {
        for (Multiaddr relay : each.relays()) {
          store.revoke(
              new LinkStore.Revoked(relay.peer().orElseThrow(), each.capability(), each.expires()));
        }
      });
      store.save();
    }
    for (Multiaddr each : made.map(LinkStore.Made::relays).orElse(List.of())) {
      PeerId relay = each.peer().orElseThrow();
      try {
        Mailroom.direct(host, relay)
            .ifPresent(connection ->
                mailroom.talk(
                    connection,
                    mailbox -> {
                      forgetRevoked(relay, mailbox);
                      return true;
                    }));
      } catch (OverlayException e) {
        LOG.atDebug().addKeyValue("relay", relay).log("told later: {}", e.getMessage());
      }
    }
    return true;
  }

  @Override
  public boolean isWaiting() {
    synchronized (store) {
      noteEnds();
      Instant now = clock.instant();
      return store.table().links().stream().anyMatch(each -> now.isBefore(each.expires()));
    }
  }

  /// A relay that lost its mailboxes learns again which drops it may take, and any relay what it
  /// has yet to forget.
  @Override
  public void connected(PeerId relay, MailboxClient mailbox) {
    forgetRevoked(relay, mailbox);
    List<LinkStore.Made> here;
    synchronized (store) {
      here = store.made.values().stream().filter(each -> each.isAt(relay)).toList();
    }
    for (LinkStore.Made each : here) {
      Duration left = Duration.between(clock.instant(), each.expires());
      // The relay takes no less than a minute. A link that is used up is told of, too: whoever
      // missed its acknowledgement leaves the same drop again.
      if (left.compareTo(io.peerup.pairing.mailbox.Limits.TTL_MIN) >= 0
          && mailbox.grant(each.capability(), each.uses(), left).isEmpty()) {
        LOG.atWarn().addKeyValue("relay", relay).log("the relay takes no drops for a link");
      }
    }
  }

  private void forgetRevoked(PeerId relay, MailboxClient mailbox) {
    List<LinkStore.Revoked> here;
    synchronized (store) {
      here = store.revoked.stream().filter(each -> each.relay().equals(relay)).toList();
    }
    for (LinkStore.Revoked each : here) {
      // "No" means that it does not know it any more.
      mailbox.revoke(each.capability());
      synchronized (store) {
        store.revoked.remove(each);
        store.save();
      }
    }
  }

  @Override
  public boolean read(PeerId relay, MailboxClient mailbox, byte[] message) {
    PeerCard own = cards.ofInviter();
    Result result;
    synchronized (store) {
      result = store.table().handle(message, identity, own, blocked, clock.instant());
      if (result instanceof Result.Refused refused) {
        note(refused.inviteId(), refused.reason());
      }
      boolean changed =
          switch (result) {
            case Result.NotMine _ -> false;
            case Result.Done done -> done.changed();
            case Result.Refused _ -> true;
          };
      if (changed || store.isUnsaved()) {
        store.save();
      }
      if (result instanceof Result.Done done && !enter(done)) {
        return true;
      }
    }
    return switch (result) {
      case Result.NotMine _ -> false;
      case Result.Done done -> {
        vouch(relay, done.joiner());
        yield tell(mailbox, done.joiner(), done.card(), done.ack());
      }
      case Result.Refused refused -> {
        refused
            .answer()
            .filter(answer -> isCapability(answer.card()))
            .ifPresent(answer ->
                mailbox.deposit(answer.card().depositCapability(), answer.ack(), Optional.empty()));
        yield true;
      }
    };
  }

  /// Under the store's monitor; the use is on disk. Writes the trust entry of a new use; false for
  /// somebody who was removed since: the same drop must not bring it back.
  private boolean enter(Result.Done done) {
    boolean fresh =
        store.table().unentered().stream().anyMatch(each -> each.peer().equals(done.joiner()));
    enterAdmitted();
    if (!fresh && !roster.knows(done.joiner())) {
      note(done.inviteId(), done.joiner() + " was admitted and has been removed since");
      store.save();
      return false;
    }
    return true;
  }

  /// Whoever a link admitted and has no trust entry gets one. Under the store's monitor.
  private void enterAdmitted() {
    List<InviteTable.Admitted> left = store.table().unentered();
    for (InviteTable.Admitted each : left) {
      String called = roster.invitedByLink(each.peer(), each.name());
      pending.add(each.peer());
      store.table().entered(each.inviteId(), each.peer());
      LOG.atInfo()
          .addKeyValue("peer", each.peer())
          .log("PAIRED by the invite link {}: {}, unverified", each.inviteId(), called);
    }
    if (!left.isEmpty()) {
      store.save();
    }
  }

  /// Under the store's monitor.
  private void note(String id, String reason) {
    store.refuse(clock.instant(), id, reason);
    LOG.atWarn().log("the invite link {} admitted nobody: {}", id, reason);
  }

  /// Links that ended unused are told of. Under the store's monitor.
  private void noteEnds() {
    Instant now = clock.instant();
    boolean changed = store.prune(now);
    for (UrlInvites.Summary each : store.table().links()) {
      LinkStore.Made made = store.made.get(each.id());
      if (made != null && !made.ended() && !now.isBefore(each.expires())) {
        store.made.put(each.id(), made.nowEnded());
        if (each.usedBy().isEmpty()) {
          note(each.id(), "its time is over, and nobody used it");
        }
        changed = true;
      }
    }
    if (changed || store.isUnsaved()) {
      try {
        store.save();
      } catch (Failure e) {
        LOG.atWarn().log("links cannot be written: {}", e.message());
      }
    }
  }

  /// Before the joiner hears that it is in, the relays let it in.
  private void vouch(PeerId here, PeerId joiner) {
    for (Connection relay : relays.all()) {
      try {
        if (!new RendezvousClient(relay, Limits.VOUCH).vouch(joiner)) {
          LOG.atWarn()
              .addKeyValue("peer", joiner)
              .addKeyValue("relay", relay.remotePeer())
              .log("the relay does not admit the device that paired; its owner may authorize it");
        }
      } catch (OverlayException e) {
        if (relay.remotePeer().equals(here)) {
          throw e;
        }
        LOG.atWarn().log("the relay could not be asked to admit {}: {}", joiner, e.getMessage());
      }
    }
  }

  private boolean tell(MailboxClient mailbox, PeerId joiner, PeerCard card, byte[] ack) {
    if (!isCapability(card)) {
      return true;
    }
    if (mailbox.deposit(card.depositCapability(), ack, Optional.empty())) {
      return true;
    }
    LOG.atWarn().addKeyValue("peer", joiner).log("the relay does not take the acknowledgement");
    synchronized (store) {
      return !store.isWorthAnotherTry(joiner);
    }
  }

  private static boolean isCapability(PeerCard card) {
    return card.depositCapability().length == io.peerup.pairing.mailbox.Limits.CAPABILITY_BYTES;
  }
}
