package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.peers.Wakeup;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.rendezvous.RendezvousClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the invites of this node known at the relays through which they are found. Invites outlive
/// a relay's restart and ours: a virtual thread says again, now and then, that we wait, and forgets
/// invites that ended long ago. Thread-safe; blocks on relays, the thread on the disk, too.
public final class Listings implements HostListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Listings.class);

  private final Host host;
  private final InviteStore store;
  private final RelayLinks relays;
  private final InstantSource clock;
  private final Wakeup wakeup = new Wakeup();
  private final Thread keeper;

  /// Begins.
  public Listings(Host host, InviteStore store, RelayLinks relays, InstantSource clock) {
    this.host = host;
    this.store = store;
    this.relays = relays;
    this.clock = clock;
    this.keeper = Thread.ofVirtual().name("invites").start(this::keep);
  }

  /// A relay that we dialled may have forgotten our invites. The relay is not for the thread that
  /// tells of connections.
  @Override
  public void connected(Connection connection) {
    if (connection.direction() == Direction.OUTBOUND && relays.isRelay(connection.remotePeer())) {
      wakeup.wake();
    }
  }

  @Override
  public void close() {
    keeper.interrupt();
  }

  /// Makes an invite known at this relay for the first time, under the selector that the relay
  /// allots if none is given. Returns the selector.
  ///
  /// @throws Failure `relay-refused`
  Selector open(Connection relay, Optional<Selector> selector, Duration ttl) {
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

  /// As [#forget(Connection, Selector)], if we are connected to that relay.
  void forget(Multiaddr relay, Selector selector) {
    relay
        .peer()
        .flatMap(peer -> Mailroom.direct(host, peer))
        .ifPresent(each -> forget(each, selector));
  }

  /// The relay may forget it, too; if it cannot be asked, it does when the time is over.
  void forget(Connection relay, Selector selector) {
    try {
      new RendezvousClient(relay, Limits.DIALOGUE).close(selector);
    } catch (OverlayException e) {
      LOG.atDebug().log("the relay still lists a revoked invite: {}", e.getMessage());
    }
  }

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
    List<InviteSummary> wanted;
    synchronized (store) {
      if (store.prune(now)) {
        store.trySave();
      }
      wanted = store.table().invites(now).stream().filter(this::isWanted).toList();
    }
    for (InviteSummary invite : wanted) {
      try {
        renew(invite, now);
      } catch (OverlayException e) {
        LOG.atDebug().log("invite {} could not be renewed: {}", invite.id(), e.getMessage());
      }
    }
  }

  /// Under the store's monitor. A used invite is wanted as long as the peer that used it may not
  /// know: it asks again, and must find us at a relay that was restarted meanwhile, too.
  private boolean isWanted(InviteSummary invite) {
    return OpenInvites.isOpen(invite)
        || invite.consumedBy().filter(store.pending()::contains).isPresent();
  }

  private void renew(InviteSummary invite, Instant now) {
    Duration left = Duration.between(now, invite.expires());
    Optional<Multiaddr> where;
    Optional<Selector> selector;
    synchronized (store) {
      where = store.relayOf(invite.id());
      selector = store.selectorOf(invite);
    }
    Optional<Connection> relay =
        where.flatMap(Multiaddr::peer).flatMap(peer -> Mailroom.direct(host, peer));
    // The relay takes no less than a minute; an invite with less left is known there already.
    if (relay.isPresent() && selector.isPresent() && left.compareTo(Duration.ofMinutes(1)) >= 0) {
      var _ = new RendezvousClient(relay.get(), Limits.DIALOGUE).open(selector, left);
    }
  }
}
