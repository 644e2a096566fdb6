package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Host;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.RelayLinks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pays visits to the relays of accepted links, one after the other, until the answer is there.
/// Thread-safe; a virtual thread for each link that waits.
final class Pursuit implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Pursuit.class);

  private final Host host;
  private final LinkStore store;
  private final RelayLinks relays;
  private final PairingGuests guests;
  private final Mailroom mailroom;
  private final Map<Acceptance, Thread> threads = new ConcurrentHashMap<>();

  Pursuit(Host host, LinkStore store, RelayLinks relays, PairingGuests guests, Mailroom mailroom) {
    this.host = host;
    this.store = store;
    this.relays = relays;
    this.guests = guests;
    this.mailroom = mailroom;
  }

  /// Goes on with a link that waits. Under the store's monitor.
  void begin(Acceptance mine) {
    if (mine.state.isWaiting() && !threads.containsKey(mine)) {
      threads.put(
          mine,
          Thread.ofVirtual()
              .name("accept " + mine.accept.inviter().shortForm())
              .start(() -> visitUntilOver(mine)));
    }
  }

  /// As [#begin], and the next visit is now, even if a relay refused the link before. Under the
  /// store's monitor.
  void beginAnew(Acceptance mine) {
    if (mine.refused) {
      mine.refused = false;
      Optional.ofNullable(threads.remove(mine)).ifPresent(Thread::interrupt);
    }
    begin(mine);
    mine.wakeup.wake();
  }

  @Override
  public void close() {
    threads.values().forEach(Thread::interrupt);
  }

  private void visitUntilOver(Acceptance mine) {
    try {
      for (int round = 0; isWaiting(mine); round++) {
        tryVisit(mine, round == 0);
        List<Duration> pauses = Limits.LATER_LOOKS;
        if (isWaiting(mine)) {
          mine.wakeup.await(pauses.get(Math.min(round, pauses.size() - 1)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atError().log("internal error: an accepted link is not pursued any more", e);
    } finally {
      threads.remove(mine, Thread.currentThread());
    }
  }

  private boolean isWaiting(Acceptance mine) {
    synchronized (store) {
      return mine.state.isWaiting() && !mine.refused && store.accepted.contains(mine);
    }
  }

  /// A disk that is full for a while does not end it.
  private void tryVisit(Acceptance mine, boolean first) throws InterruptedException {
    try (Visit visit = new Visit(host, relays, guests, mailroom)) {
      Visit.Left left = visit.leaveDrop(mine);
      synchronized (store) {
        note(mine, left);
      }
      look(mine, visit, first);
    } catch (Failure e) {
      LOG.atWarn().log("an accepted link cannot be written: {}", e.message());
      synchronized (store) {
        mine.trouble = e.message();
      }
    }
  }

  /// Under the store's monitor.
  private void note(Acceptance mine, Visit.Left left) {
    switch (mine.visited(left)) {
      case SENT -> store.become(mine, Acceptance.State.DROP_SENT);
      case VOID -> {
        store.accepted.remove(mine);
        store.save();
      }
      case AS_BEFORE -> {}
    }
    store.notifyAll();
  }

  /// The first time more often: the inviter may be online.
  private void look(Acceptance mine, Visit visit, boolean first) throws InterruptedException {
    List<Duration> pauses = new ArrayList<>(first ? Limits.FIRST_LOOKS : List.of());
    pauses.addFirst(Duration.ZERO);
    for (Duration pause : pauses) {
      if (!isWaiting(mine)) {
        return;
      }
      mine.wakeup.await(pause);
      visit.look();
    }
  }
}
