package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one authorised peer connected: performs the steps of its [PathPlan] on a virtual thread of
/// its own.
final class PeerLink {

  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);

  private final PeerId peer;
  private final Host host;
  private final Relays relays;
  private final boolean directAllowed;
  private final InstantSource clock;
  private final Wakeup wakeup = new Wakeup();
  private final PathPlan plan = new PathPlan();
  private final Thread thread;

  private volatile boolean news;
  private volatile @Nullable Duration lastRtt;
  private volatile @Nullable String lastProblem;
  private volatile List<Multiaddr> lastKnown = List.of();

  PeerLink(PeerId peer, Host host, Relays relays, boolean directAllowed, InstantSource clock) {
    this.peer = peer;
    this.host = host;
    this.relays = relays;
    this.directAllowed = directAllowed;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("link " + peer.shortForm()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void stop() {
    thread.interrupt();
  }

  /// Something changed for this peer: look again, and forget old failures.
  void changed() {
    news = true;
    wakeup.wake();
  }

  /// Where it is until it tells more; what it told already is newer.
  void learn(Collection<Multiaddr> addresses) {
    if (lastKnown.isEmpty()) {
      lastKnown = addresses.stream().limit(Limits.DIRECT_ADDRESSES_MAX).toList();
    }
    changed();
  }

  /// A connection to this peer opened or closed: look again.
  void connectionsChanged() {
    wakeup.wake();
  }

  /// The live connection that new streams use, direct before relayed.
  Optional<Connection> best() {
    return host.connections(peer).stream().filter(Connection::isOpen).findFirst();
  }

  /// Round trip last measured on the best path.
  Optional<Duration> rtt() {
    Optional<Duration> muxer = best().flatMap(Connection::lastRtt);
    return muxer.isPresent() ? muxer : best().flatMap(_ -> Optional.ofNullable(lastRtt));
  }

  /// Why the last attempt failed, while there is no connection.
  Optional<String> problem() {
    return best().isPresent() ? Optional.empty() : Optional.ofNullable(lastProblem);
  }

  /// Connects now if there is no connection, on every way known. Blocks; throws what the dial
  /// throws.
  Connection connectNow(Duration timeout) {
    Optional<Connection> live = best();
    if (live.isPresent()) {
      return live.get();
    }
    return host.connect(peer, ways(), timeout);
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (news) {
          news = false;
          plan.forgive();
        }
        Instant now = clock.instant();
        switch (plan.next(view(), now)) {
          case PathPlan.Step.Connect _ -> plan.connected(connect(), clock.instant());
          case PathPlan.Step.Upgrade _ -> plan.upgraded(upgrade(), clock.instant());
          case PathPlan.Step.Wait wait -> {
            Instant nextLook = closeSpare(now);
            if (rtt().isEmpty()) {
              best().ifPresent(this::measure); // the peer dialled us
            }
            wakeup.await(
                Duration.between(now, nextLook.isBefore(wait.until()) ? nextLook : wait.until()));
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private PathPlan.View view() {
    boolean direct = false;
    boolean relayed = false;
    for (Connection connection : host.connections(peer)) {
      direct |= connection.isOpen() && connection.relay().isEmpty();
      relayed |= connection.isOpen() && connection.relay().isPresent();
    }
    return new PathPlan.View(
        direct, relayed, !directWays().isEmpty(), !relays.readyCircuits().isEmpty());
  }

  /// A dial that worked is not yet a connection that does: the handshake ends before the peer's
  /// gater has spoken. Only an answered ping counts, or a peer that does not authorise us would be
  /// dialled without pause.
  private boolean connect() throws InterruptedException {
    try {
      Connection connection = host.connect(peer, ways(), Limits.CONNECT);
      Optional<OverlayException> failure = ping(connection);
      if (failure.isEmpty()) {
        lastProblem = null;
        return true;
      }
      // Not whether it is still open: the end of a stream may be seen before that of its
      // connection.
      lastProblem =
          failure.get() instanceof DeadlineExceeded
              ? "it is connected and does not answer"
              : "it closed the connection at once: is this device authorised there?";
    } catch (OverlayException e) {
      lastProblem = e.getMessage();
    }
    stopIfInterrupted();
    LOG.atDebug().addKeyValue("peer", peer).log("not reached: {}", lastProblem);
    return false;
  }

  /// Tries all direct addresses at once: most of what a peer claims leads nowhere from here, and
  /// meanwhile nobody would look after the relayed connection. Keeps the first that works.
  private boolean upgrade() throws InterruptedException {
    List<Future<Connection>> attempts = new ArrayList<>();
    Optional<Connection> found = Optional.empty();
    try {
      found = firstThatWorks(attempts);
    } finally {
      Optional<Connection> kept = found;
      attempts.stream()
          .flatMap(attempt -> result(attempt).stream())
          .filter(connection -> kept.isEmpty() || connection.id() != kept.get().id())
          .forEach(Connection::close);
    }
    found.ifPresent(connection ->
        LOG.atInfo()
            .addKeyValue("peer", peer)
            .addKeyValue("addr", connection.remoteAddress())
            .log("direct path found"));
    return found.isPresent();
  }

  /// Fills `attempts`, all of which have ended when this returns or throws.
  private Optional<Connection> firstThatWorks(List<Future<Connection>> attempts)
      throws InterruptedException {
    ThreadFactory factory = Thread.ofVirtual().name("direct " + peer.shortForm()).factory();
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(factory)) {
      try {
        CompletionService<Connection> dials = new ExecutorCompletionService<>(threads);
        for (Multiaddr address : directWays()) {
          attempts.add(dials.submit(() -> direct(address)));
        }
        Optional<Connection> found = Optional.empty();
        for (int ended = 0; ended < attempts.size() && found.isEmpty(); ended++) {
          found = result(dials.take()).filter(this::measure);
          stopIfInterrupted();
        }
        return found;
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private Connection direct(Multiaddr address) {
    try {
      return host.connect(address, PeerExpectation.exactly(peer), Limits.UPGRADE);
    } catch (OverlayException e) {
      LOG.atDebug()
          .addKeyValue("peer", peer)
          .addKeyValue("addr", address)
          .log("no direct path: {}", e.getMessage());
      throw e;
    }
  }

  /// What became of an attempt that has ended.
  private static Optional<Connection> result(Future<Connection> attempt) {
    return attempt.state() == Future.State.SUCCESS
        ? Optional.of(attempt.resultNow())
        : Optional.empty();
  }

  /// One ping. False if it was not answered.
  private boolean measure(Connection connection) {
    return ping(connection).isEmpty();
  }

  /// One ping. Why it failed, if it did.
  private Optional<OverlayException> ping(Connection connection) {
    try {
      lastRtt = host.ping(connection, Limits.PING);
      return Optional.empty();
    } catch (OverlayException e) {
      LOG.atDebug().addKeyValue("peer", peer).log("ping failed: {}", e.getMessage());
      return Optional.of(e);
    }
  }

  private List<Multiaddr> ways() {
    List<Multiaddr> all = new ArrayList<>(directWays());
    Multiaddr target = Multiaddr.parse("/p2p/" + peer);
    relays.readyCircuits().forEach(circuit -> all.add(circuit.plus(target)));
    return all;
  }

  private List<Multiaddr> directWays() {
    if (!directAllowed) {
      return List.of();
    }
    Set<Multiaddr> claimed = new LinkedHashSet<>();
    host.info(peer).map(PeerInfo::listenAddresses).ifPresent(claimed::addAll);
    if (!claimed.isEmpty()) {
      lastKnown = List.copyOf(claimed);
    }
    claimed.addAll(lastKnown);
    return DirectAddresses.worthTrying(claimed, relays.onThisMachine());
  }

  /// Returns when to look again.
  private Instant closeSpare(Instant now) {
    List<Connection> open = host.connections(peer).stream().filter(Connection::isOpen).toList();
    boolean oursStays = host.id().compareTo(peer) < 0;
    SpareConnections.Found found = SpareConnections.among(open, oursStays, now);
    found.spare().forEach(Connection::close);
    return found.nextLook(); // one in use is looked at again after the usual while
  }

  private static void stopIfInterrupted() throws InterruptedException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException();
    }
  }
}
