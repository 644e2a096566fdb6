package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.lan.Lan;
import io.peerup.node.peers.PairingGuests;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.rendezvous.Selector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The invites of this node: makes them, lists them, takes them back. [Listings] keeps them known
/// at relays, [PairingServer] runs the pairing with who has a code, [Admission] lets it in.
/// Thread-safe; blocks on the disk and on relays.
public final class Invites {

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

  private final InviteStore store;
  private final CodeMaker codes;
  private final OpenInvites open;
  private final Listings listings;
  private final ReservedRelays relays;
  private final Lan lan;
  private final InstantSource clock;

  /// From now on strangers may come while an invite is open. `network` is the name of the network
  /// in force.
  public Invites(
      PeerId self,
      KeyRandom random,
      InviteStore store,
      Listings listings,
      ReservedRelays relays,
      Lan lan,
      PairingGuests guests,
      InstantSource clock,
      Supplier<String> network) {
    this.store = store;
    this.codes = new CodeMaker(self, network, random);
    this.open = new OpenInvites(store, clock);
    this.listings = listings;
    this.relays = relays;
    this.lan = lan;
    this.clock = clock;
    synchronized (store) {
      changed();
    }
    guests.welcomeWhile(open::any);
    guests.welcomeFrom(lan::isNear);
    lan.answerFor(open::selectors);
  }

  /// Under the store's monitor.
  private void changed() {
    open.look();
    lan.changed();
  }

  /// Makes an invite that lives for `ttl` (1 minute to 1 hour). `name` is what this device is
  /// called; it is kept. Without a place at a relay it can be found on the local network only.
  /// Takes a third of a second for short codes.
  ///
  /// @throws Failure `no-relay`, `relay-refused`, `bad-name`, `too-many-invites`
  public Made create(Form form, Duration ttl, String name, boolean requireSas) {
    Adopted.checkName(name);
    Optional<Connection> relay = relays.all().stream().findFirst();
    if (relay.isEmpty()) {
      lan.trouble().ifPresent(this::refuse);
    }
    Optional<CodeMaker.Place> place =
        relay.map(each -> new PlaceAt(relays.addressOf(each), each, listings, ttl));
    Instant now = clock.instant();
    CodeMaker.Code code = codes.make(form, now.plus(ttl), place);
    Selector selector = code.selector();
    boolean made = false;
    try {
      InviteSummary invite =
          keep(code.secret(), ttl, name, place.map(CodeMaker.Place::address), now, requireSas);
      made = true;
      return new Made(invite, code.text(), relay.isEmpty());
    } finally {
      code.secret().destroy();
      if (!made) {
        relay.ifPresent(each -> listings.forget(each, selector));
      }
    }
  }

  private void refuse(String whyNotHere) {
    throw relays.none("nobody could find it; and " + whyNotHere);
  }

  private record PlaceAt(Multiaddr address, Connection relay, Listings listings, Duration ttl)
      implements CodeMaker.Place {
    @Override
    public Selector open(Optional<Selector> selector) {
      return listings.open(relay, selector, ttl);
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
          store.revoke(invite.id());
          throw disk;
        }
        changed();
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
              .findFirst()
              .flatMap(store::selectorOf);
      if (!store.revoke(id)) {
        return false;
      }
      store.save();
      changed();
    }
    where.ifPresent(relay -> selector.ifPresent(each -> listings.forget(relay, each)));
    return true;
  }
}
