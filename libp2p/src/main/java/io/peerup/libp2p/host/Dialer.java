package io.peerup.libp2p.host;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reaches a peer at the first of its addresses that works; several callers for one peer share one
/// dial. A relayed connection that is there first ends no direct dial. Blocking; the attempts run
/// on virtual threads of their own. Thread-safe.
final class Dialer {

  private static final Logger LOG = LoggerFactory.getLogger(Dialer.class);

  /// Dials one address of a peer.
  interface Attempt {
    Connection dial(PeerId peer, Multiaddr address, Duration timeout);
  }

  private record Outcome(
      Multiaddr address, @Nullable Connection connection, @Nullable OverlayException failure) {}

  private record InFlight(Set<Multiaddr> addresses, CompletableFuture<Connection> result) {}

  private final Attempt attempt;
  private final int addressesMax;
  private final LongSupplier nanoTime;
  private final Map<PeerId, InFlight> inFlight = new ConcurrentHashMap<>();

  Dialer(Attempt attempt, int addressesMax, LongSupplier nanoTime) {
    this.attempt = attempt;
    this.addressesMax = addressesMax;
    this.nanoTime = nanoTime;
  }

  /// Dials the peer, or waits for somebody else's dial of it.
  Connection connect(PeerId peer, Collection<Multiaddr> addresses, Duration timeout) {
    long deadline = nanoTime.getAsLong() + timeout.toNanos();
    Set<Multiaddr> wanted = new LinkedHashSet<>(addresses);
    while (true) {
      InFlight mine = new InFlight(wanted, new CompletableFuture<>());
      InFlight theirs = inFlight.putIfAbsent(peer, mine);
      if (theirs == null) {
        return lead(peer, mine, deadline);
      }
      Optional<Connection> shared =
          follow(peer, theirs, theirs.addresses().containsAll(wanted), deadline);
      if (shared.isPresent()) {
        return shared.get();
      }
    }
  }

  private Connection lead(PeerId peer, InFlight mine, long deadline) {
    try {
      Connection connection =
          race(
              peer.shortForm(),
              mine.addresses(),
              (address, left) -> attempt.dial(peer, address, left),
              deadline);
      mine.result().complete(connection);
      return connection;
    } catch (OverlayException e) {
      mine.result().completeExceptionally(e);
      throw e;
    } finally {
      inFlight.remove(peer, mine);
      mine.result().completeExceptionally(new PeerUnreachable("the dial was interrupted"));
    }
  }

  /// Empty: their dial failed, but we know other addresses.
  private Optional<Connection> follow(
      PeerId peer, InFlight theirs, boolean failureIsOurs, long deadline) {
    try {
      return Optional.of(
          theirs.result().get(deadline - nanoTime.getAsLong(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      if (failureIsOurs && e.getCause() instanceof OverlayException failure) {
        throw Failures.fresh(failure);
      }
      inFlight.remove(peer, theirs);
      return Optional.empty();
    } catch (TimeoutException e) {
      throw late(peer.shortForm(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerUnreachable("interrupted while dialling " + peer.shortForm(), e);
    }
  }

  /// Dials whoever is at one of these addresses; for nobody else at the same time.
  Connection any(
      String who,
      Collection<Multiaddr> addresses,
      BiFunction<Multiaddr, Duration, Connection> dial,
      Duration timeout) {
    return race(who, addresses, dial, nanoTime.getAsLong() + timeout.toNanos());
  }

  private Connection race(
      String who,
      Collection<Multiaddr> addresses,
      BiFunction<Multiaddr, Duration, Connection> dial,
      long deadline) {
    Deque<AddressRanking.Attempt> waiting = new ArrayDeque<>(AddressRanking.rank(addresses));
    while (waiting.size() > addressesMax) {
      waiting.removeLast();
    }
    if (waiting.isEmpty()) {
      throw new PeerUnreachable("no address known for " + who);
    }
    BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    Map<Multiaddr, Thread> threads = new LinkedHashMap<>();
    List<Outcome> failures = new ArrayList<>();
    long startNext = nanoTime.getAsLong();
    try {
      while (true) {
        long now = nanoTime.getAsLong();
        int active = threads.size() - failures.size();
        AddressRanking.Attempt next = waiting.peek();
        if (next != null && (active == 0 || now >= startNext)) {
          waiting.remove();
          threads.put(next.address(), start(who, next.address(), dial, deadline - now, outcomes));
          AddressRanking.Attempt after = waiting.peek();
          startNext = after == null ? deadline : now + after.gap().toNanos();
          continue;
        }
        long waitUntil = next == null ? deadline : Math.min(deadline, startNext);
        Outcome outcome = outcomes.poll(waitUntil - now, TimeUnit.NANOSECONDS);
        if (outcome == null) {
          if (nanoTime.getAsLong() >= deadline) {
            throw late(who, null);
          }
        } else if (outcome.connection() != null) {
          if (outcome.address().isCircuit()) {
            failures.forEach(failure -> threads.remove(failure.address()));
            letDirectGoOn(who, threads, outcomes);
          }
          return outcome.connection();
        } else {
          failures.add(outcome);
          if (waiting.isEmpty() && failures.size() == threads.size()) {
            throw failed(who, failures);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerUnreachable("interrupted while dialling " + who, e);
    } finally {
      threads.values().forEach(Thread::interrupt);
    }
  }

  /// A relayed connection came first: the direct dials under way go on until one of them works or
  /// their time is over, and what they find is used once it is there. Takes them out of `threads`.
  private static void letDirectGoOn(
      String who, Map<Multiaddr, Thread> threads, BlockingQueue<Outcome> outcomes) {
    Map<Multiaddr, Thread> direct = new LinkedHashMap<>(threads);
    direct.keySet().removeIf(Multiaddr::isCircuit);
    threads.keySet().removeAll(direct.keySet());
    if (direct.isEmpty()) {
      return;
    }
    Thread.ofVirtual()
        .name("direct " + who)
        .start(() -> {
          try {
            while (!direct.isEmpty()) {
              Outcome outcome = outcomes.take();
              if (direct.remove(outcome.address()) != null && outcome.connection() != null) {
                LOG.debug("direct after relayed peer={} addr={}", who, outcome.address());
                break;
              }
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            direct.values().forEach(Thread::interrupt);
          }
        });
  }

  private static Thread start(
      String who,
      Multiaddr address,
      BiFunction<Multiaddr, Duration, Connection> dial,
      long nanos,
      BlockingQueue<Outcome> outcomes) {
    return Thread.ofVirtual()
        .name("dial " + who)
        .start(() -> {
          try {
            Connection connection = dial.apply(address, Duration.ofNanos(nanos));
            outcomes.add(new Outcome(address, connection, null));
          } catch (OverlayException e) {
            LOG.debug("dial failed peer={} addr={} reason={}", who, address, e.getMessage());
            outcomes.add(new Outcome(address, null, e));
          } catch (RuntimeException e) {
            LOG.warn("internal error while dialling {}", address, e);
            outcomes.add(
                new Outcome(address, null, new PeerUnreachable("internal error: " + e, e)));
          }
        });
  }

  private static OverlayException failed(String who, List<Outcome> failures) {
    if (failures.size() == 1 && failures.getFirst().failure() != null) {
      return Failures.fresh(failures.getFirst().failure());
    }
    StringBuilder text = new StringBuilder("cannot reach " + who);
    String separator = ": ";
    for (Outcome outcome : failures) {
      if (outcome.failure() != null) {
        text.append(separator).append(outcome.failure().getMessage());
        separator = "; ";
      }
    }
    return new PeerUnreachable(text.toString());
  }

  private static DeadlineExceeded late(String who, @Nullable Throwable cause) {
    return new DeadlineExceeded("no connection to " + who + " in time", cause);
  }
}
