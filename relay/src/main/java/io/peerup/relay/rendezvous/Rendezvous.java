package io.peerup.relay.rendezvous;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.SourcePrefix;
import io.peerup.pairing.rendezvous.RendezvousMessages.Opened;
import io.peerup.pairing.rendezvous.RendezvousTable;
import io.peerup.pairing.rendezvous.Selector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Who waits for a code and who may knock, for many threads: a [RendezvousTable] with its lock.
/// Never blocks for longer than a look at the table.
public final class Rendezvous {

  private final InstantSource clock;
  private final RendezvousTable table;
  private volatile Instant openUntil = Instant.MIN;

  /// @param random draws nameplates, which are public
  public Rendezvous(RandomGenerator random, InstantSource clock) {
    this.clock = clock;
    this.table = new RendezvousTable(random);
  }

  /// True while strangers have a reason to be here. For event loops.
  public boolean isOpen() {
    return clock.instant().isBefore(openUntil);
  }

  /// True while this caller holds the right to a circuit. For event loops.
  public boolean hasTicket(PeerId caller) {
    synchronized (table) {
      return table.hasTicket(caller, clock.instant());
    }
  }

  /// May this caller have a circuit to that member now? Uses up its ticket.
  public boolean redeem(PeerId caller, PeerId member) {
    synchronized (table) {
      return table.redeem(caller, member, clock.instant());
    }
  }

  /// How many invites each member has open.
  public Map<PeerId, Integer> open() {
    synchronized (table) {
      return table.open(clock.instant());
    }
  }

  /// A member is one no more: nobody waits in its name.
  public void forget(PeerId member) {
    synchronized (table) {
      table.forget(member);
      openUntil = table.openUntil();
    }
  }

  Optional<Opened> open(PeerId owner, Optional<Selector> selector, Duration ttl) {
    synchronized (table) {
      Optional<Opened> opened = table.open(owner, selector, ttl, clock.instant());
      openUntil = table.openUntil();
      return opened;
    }
  }

  Optional<PeerId> find(PeerId caller, SourcePrefix source, Selector selector) {
    synchronized (table) {
      // Not asked for how long it is open: that an invite had its last lookup must not show.
      return table.find(caller, source, selector, clock.instant());
    }
  }

  boolean close(PeerId owner, Selector selector) {
    synchronized (table) {
      boolean closed = table.close(owner, selector);
      openUntil = table.openUntil();
      return closed;
    }
  }
}
