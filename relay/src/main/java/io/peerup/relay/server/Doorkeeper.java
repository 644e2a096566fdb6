package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.server.Visitors.Visitor;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows people out: strangers whose time is over, members who are none any more, and whoever is
/// blocked. One virtual thread; [#look] may be called from anywhere and does not block.
final class Doorkeeper implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

  /// "Gated", libp2p connection error codes.
  private static final long GATED = 0x1007;

  private final Host host;
  private final CircuitRelay relay;
  private final Predicate<PeerId> isBlocked;
  private final Predicate<PeerId> isMember;
  private final Visitors visitors;
  private final InstantSource clock;
  private final Semaphore calls = new Semaphore(0);
  private final Thread thread;

  Doorkeeper(
      Host host,
      CircuitRelay relay,
      Predicate<PeerId> isBlocked,
      Predicate<PeerId> isMember,
      Visitors visitors,
      InstantSource clock) {
    this.host = host;
    this.relay = relay;
    this.isBlocked = isBlocked;
    this.isMember = isMember;
    this.visitors = visitors;
    this.clock = clock;
    host.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection connection, String reason) {
            visitors.leave(Visitor.of(connection));
          }
        });
    thread = Thread.ofVirtual().name("relay-door").start(this::run);
  }

  /// Look now: somebody's rights changed.
  void look() {
    calls.release();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        if (calls.tryAcquire(Limits.DOOR_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
          calls.drainPermits();
        }
        try {
          showOut();
        } catch (RuntimeException e) {
          // One connection that cannot be looked at must not leave the door unwatched.
          log.atError().log("internal error at the door", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void showOut() {
    for (Visitor visitor : visitors.takeOver(clock.instant())) {
      log.atDebug().addKeyValue("peer", visitor.peer()).log("probation ended");
    }
    for (Connection connection : host.connections()) {
      PeerId peer = connection.remotePeer();
      // A visitor that just became a member leaves probation after it is authorised: ask in this
      // order, or it could be neither for a moment.
      if (!isBlocked.test(peer)
          && (visitors.contains(Visitor.of(connection)) || isMember.test(peer))) {
        continue;
      }
      relay.expel(peer);
      connection.close(GATED);
      log.atDebug()
          .addKeyValue("peer", peer)
          .addKeyValue("conn", connection.id())
          .log("shown out: not authorised");
    }
  }
}
