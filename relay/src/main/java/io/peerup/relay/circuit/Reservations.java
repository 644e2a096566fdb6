package io.peerup.relay.circuit;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a reservation at each of a few relays: connects, asks, refreshes, waits longer after each
/// failure, asks again when the connection was lost. One virtual thread a relay; thread-safe.
public final class Reservations implements AutoCloseable {

  /// Told when a reservation comes or goes, on the keeper's virtual threads.
  public interface Listener {

    /// A reservation was given or prolonged.
    default void reserved(Reservation reservation) {}

    /// The reservation at this relay is gone; `reason` is a sentence part.
    default void lost(PeerId relay, String reason) {}
  }

  /// One relay as it stands.
  ///
  /// @param reservation the reservation held now, if any
  /// @param trouble why there is none, if the last attempt failed
  /// @param barred true if the relay denied permission: nothing is tried until [#retry]
  public record RelayState(
      PeerId relay,
      List<Multiaddr> addresses,
      Optional<Reservation> reservation,
      Optional<String> trouble,
      boolean barred) {}

  private static final Logger log = LoggerFactory.getLogger(Reservations.class);

  private final Host host;
  private final CircuitClient client;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<PeerId, Keeper> keepers = new ConcurrentHashMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  public Reservations(
      Host host, CircuitClient client, InstantSource clock, RandomGenerator random) {
    this.host = host;
    this.client = client;
    this.clock = clock;
    this.random = random;
    host.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection connection, String reason) {
            Keeper keeper = keepers.get(connection.remotePeer());
            if (keeper != null) {
              keeper.disconnected(connection, reason);
            }
          }
        });
  }

  /// Keeps a reservation at this relay from now on, or updates its addresses. Throws [LimitReached]
  /// beyond [Limits#RELAYS_MAX] relays.
  public void keep(PeerId relay, Collection<Multiaddr> addresses) {
    synchronized (keepers) {
      Keeper known = keepers.get(relay);
      if (known != null) {
        known.addresses = List.copyOf(addresses);
        return;
      }
      if (keepers.size() >= Limits.RELAYS_MAX) {
        throw new LimitReached(
            "already keeping reservations at " + keepers.size() + " relays",
            "remove a relay from relay.addresses first");
      }
      // Each keeper has dice of its own: generators are not made for several threads.
      Keeper keeper =
          new Keeper(relay, List.copyOf(addresses), new SplittableRandom(random.nextLong()));
      keepers.put(relay, keeper);
      keeper.start();
    }
  }

  /// Lets go of this relay. The reservation ends when its connection does.
  public void drop(PeerId relay) {
    synchronized (keepers) {
      Keeper keeper = keepers.remove(relay);
      if (keeper != null) {
        keeper.stop();
      }
    }
  }

  /// Forgets refusals and back-off of this relay and asks now: after an authorisation, a network
  /// change, or because a person wants it.
  public void retry(PeerId relay) {
    Keeper keeper = keepers.get(relay);
    if (keeper != null) {
      keeper.retry();
    }
  }

  /// All relays as they stand, in order of their ids.
  public List<RelayState> states() {
    return keepers.values().stream()
        .sorted((a, b) -> a.relay.compareTo(b.relay))
        .map(Keeper::state)
        .toList();
  }

  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    synchronized (keepers) {
      keepers.values().forEach(Keeper::stop);
      keepers.clear();
    }
  }

  /// The shell around one [ReservationSchedule], which `this` guards.
  private final class Keeper {
    private final PeerId relay;
    private final ReservationSchedule schedule;
    private volatile List<Multiaddr> addresses;
    private volatile Optional<String> trouble = Optional.empty();
    private long carrier = -1;
    private boolean stopped;
    private Optional<Thread> thread = Optional.empty();

    Keeper(PeerId relay, List<Multiaddr> addresses, RandomGenerator random) {
      this.relay = relay;
      this.addresses = addresses;
      this.schedule = new ReservationSchedule(random);
    }

    synchronized void start() {
      thread =
          Optional.of(Thread.ofVirtual().name("reserve " + relay.shortForm()).start(this::run));
    }

    synchronized void stop() {
      stopped = true;
      thread.ifPresent(Thread::interrupt);
    }

    synchronized void retry() {
      schedule.retry();
      notifyAll();
    }

    void disconnected(Connection connection, String reason) {
      synchronized (this) {
        if (connection.id() != carrier || !schedule.held()) {
          return;
        }
        carrier = -1;
        schedule.lost(clock.instant());
        trouble = Optional.of("the connection ended: " + reason);
        notifyAll();
      }
      tell(listener -> listener.lost(relay, "the connection to the relay ended: " + reason));
    }

    synchronized RelayState state() {
      return new RelayState(
          relay,
          addresses,
          client.reservation(relay),
          trouble,
          schedule.next(clock.instant()) instanceof ReservationSchedule.Step.Rest);
    }

    private void run() {
      try {
        while (awaitTurn()) {
          attempt();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /// Waits until it is time to ask; false when stopped.
    private synchronized boolean awaitTurn() throws InterruptedException {
      while (!stopped) {
        switch (schedule.next(clock.instant())) {
          case ReservationSchedule.Step.Ask() -> {
            return true;
          }
          case ReservationSchedule.Step.Rest() -> wait();
          case ReservationSchedule.Step.Wait(Instant until) ->
              wait(Math.clamp(Duration.between(clock.instant(), until).toMillis(), 1, 60_000));
        }
      }
      return false;
    }

    private void attempt() {
      try {
        Connection connection = connection();
        Reservation reservation = client.reserve(connection, Limits.RESERVE_MAX);
        synchronized (this) {
          carrier = connection.id();
          schedule.reserved(clock.instant(), reservation.expires());
          trouble = Optional.empty();
          if (!connection.isOpen()) {
            // Its end may have been announced before we knew that it matters.
            schedule.lost(clock.instant());
          }
        }
        tell(listener -> listener.reserved(reservation));
      } catch (OverlayException e) {
        boolean lost;
        synchronized (this) {
          lost = schedule.held() && client.reservation(relay).isEmpty();
          schedule.failed(e, clock.instant());
          trouble = Optional.ofNullable(e.getMessage());
        }
        log.atDebug()
            .addKeyValue("relay", relay)
            .addKeyValue("reason", e.getMessage())
            .log("no reservation at relay");
        if (lost) {
          tell(listener -> listener.lost(relay, String.valueOf(e.getMessage())));
        }
      }
    }

    /// A listener that fails must not cost us the relay.
    private void tell(Consumer<Listener> news) {
      for (Listener listener : listeners) {
        try {
          news.accept(listener);
        } catch (RuntimeException e) {
          log.atError().addKeyValue("relay", relay).log("internal error: a listener failed", e);
        }
      }
    }

    private Connection connection() {
      Connection connection = host.connect(relay, addresses, Limits.RESERVE_MAX);
      if (connection.relay().isEmpty()) {
        return connection;
      }
      throw new PeerUnreachable("relay " + relay + " is reached only through another relay");
    }
  }
}
