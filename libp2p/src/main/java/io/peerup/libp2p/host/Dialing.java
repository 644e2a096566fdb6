package io.peerup.libp2p.host;

import io.peerup.libp2p.AddressDialer;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Refused;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// What a host does to be connected: uses what is there, gathers addresses, asks the gater, picks
/// the dialer that understands an address. Blocking, for virtual threads; thread-safe.
final class Dialing {

  /// Dials an address without help of other peers.
  interface Direct {
    HostConnection dial(Multiaddr address, PeerExpectation expectation, Duration timeout);
  }

  private final PeerId self;
  private final ConnectionGater gater;
  private final Connections connections;
  private final PeerBook book;
  private final Direct sockets;
  private final Dialer dialer;
  private final Semaphore dials;
  private final DialBackoff backoff;
  private final BlackHoles blackHoles;
  private final Names names;
  private final LongSupplier nanoTime;
  private final List<AddressDialer> others = new CopyOnWriteArrayList<>();

  Dialing(
      PeerId self,
      ConnectionGater gater,
      HostLimits limits,
      Connections connections,
      PeerBook book,
      Direct sockets,
      Names names,
      LongSupplier nanoTime) {
    this.self = self;
    this.gater = gater;
    this.connections = connections;
    this.book = book;
    this.sockets = sockets;
    this.names = names;
    this.nanoTime = nanoTime;
    this.dialer = new Dialer(this::dialForRace, limits.addressesPerDial(), nanoTime);
    this.dials = new Semaphore(limits.dials());
    this.backoff = new DialBackoff(nanoTime);
    this.blackHoles = new BlackHoles(nanoTime);
  }

  void add(AddressDialer other) {
    others.add(other);
  }

  /// See [io.peerup.libp2p.Host#networkChanged].
  void forgetFailures() {
    backoff.clear();
    blackHoles.reset();
  }

  /// See [io.peerup.libp2p.Host#connect(PeerId, Collection, Duration)].
  Connection connect(PeerId peer, Collection<Multiaddr> addresses, Duration timeout) {
    Optional<HostConnection> live = connections.best(peer);
    if (live.isPresent()) {
      return live.get();
    }
    if (peer.equals(self)) {
      throw new Refused("that is our own peer id");
    }
    Set<Multiaddr> candidates = new LinkedHashSet<>();
    for (Multiaddr address : addresses) {
      if (address.peer().isEmpty() || address.peer().get().equals(peer)) {
        candidates.add(address.withoutPeer());
      }
    }
    candidates.addAll(book.addresses(peer));
    long deadline = nanoTime.getAsLong() + timeout.toNanos();
    NameExpansion found = names.expand(wanted(candidates, peer), timeout);
    Map<Multiaddr, Multiaddr> origins = new LinkedHashMap<>();
    found
        .results()
        .forEach((address, origin) -> {
          if (address.peer().map(peer::equals).orElse(true)
              && dialable(address.withoutPeer().withPeer(peer))) {
            origins.putIfAbsent(address.withoutPeer(), origin.withoutPeer());
          }
        });
    if (origins.isEmpty()) {
      throw nowhere(peer.shortForm(), candidates, found);
    }
    List<Multiaddr> best = blackHoles.worthTrying(List.copyOf(origins.keySet()));
    try {
      Connection connection = dialer.connect(peer, best, left(deadline));
      Optional.ofNullable(origins.get(connection.remoteAddress().withoutPeer()))
          .filter(origin -> !origin.isCircuit())
          .ifPresent(origin -> book.reached(peer, origin));
      return connection;
    } catch (PeerUnreachable e) {
      throw withUnresolved(found, e);
    }
  }

  /// Of these addresses those that can be dialled once names in them are known. Of what a
  /// `/dnsaddr` stands for only the peer's own count.
  private List<Multiaddr> wanted(Collection<Multiaddr> candidates, PeerId peer) {
    return candidates.stream()
        .filter(each -> each.has("dnsaddr") || dialable(each.withPeer(peer)))
        .map(each -> each.has("dnsaddr") ? each.withPeer(peer) : each)
        .toList();
  }

  /// See [io.peerup.libp2p.Host#connect(Multiaddr, PeerExpectation, Duration)].
  Connection connect(Multiaddr address, PeerExpectation expectation, Duration timeout) {
    if (!NameExpansion.isNamed(address)) {
      Connection connection = dialNamed(address, expectation, timeout);
      remember(connection, address);
      return connection;
    }
    long deadline = nanoTime.getAsLong() + timeout.toNanos();
    NameExpansion found = names.expand(List.of(address), timeout);
    List<Multiaddr> dialable = found.results().keySet().stream().filter(this::dialable).toList();
    if (dialable.isEmpty()) {
      throw nowhere(address.toString(), List.of(), found);
    }
    Connection connection =
        dialer.any(
            address.toString(),
            dialable,
            (each, left) -> dialNamed(each, expectation, left),
            left(deadline));
    remember(connection, address);
    return connection;
  }

  private void remember(Connection connection, Multiaddr address) {
    if (connection.relay().isEmpty()) {
      book.reached(connection.remotePeer(), address.withoutPeer());
    }
  }

  /// Dials the address for the peer that it names, if it names one.
  private Connection dialNamed(Multiaddr address, PeerExpectation expectation, Duration timeout) {
    Optional<PeerId> named = address.peer();
    if (named.isPresent() && !gater.allowDial(named.get(), address.withoutPeer())) {
      throw gated(address);
    }
    PeerExpectation both =
        peer -> named.map(peer::equals).orElse(true) && expectation.accepts(peer);
    return dialOne(address, both, timeout, true);
  }

  private Connection dialForRace(PeerId peer, Multiaddr address, Duration timeout) {
    if (!gater.allowDial(peer, address)) {
      throw gated(address);
    }
    return dialOne(address.withPeer(peer), PeerExpectation.exactly(peer), timeout, false);
  }

  /// @param forced somebody chose this very address: it is dialled however often that failed
  private Connection dialOne(
      Multiaddr address, PeerExpectation expectation, Duration timeout, boolean forced) {
    for (AddressDialer other : others) {
      if (other.handles(address)) {
        return other.dial(address, expectation, timeout);
      }
    }
    if (!isSocket(address)) {
      throw new PeerUnreachable("this node cannot dial " + address);
    }
    try {
      if (!dials.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new DeadlineExceeded("too many dials are in progress to try " + address);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerUnreachable("interrupted before dialling " + address, e);
    }
    try {
      Multiaddr bare = address.withoutPeer();
      if (!backoff.take(bare) && !forced) {
        throw new PeerUnreachable(
            "dialling " + address + " failed too often", "it is tried again in some seconds", null);
      }
      HostConnection connection =
          blackHoles.watch(bare, () -> sockets.dial(bare, expectation, timeout));
      backoff.succeeded(bare);
      return connection;
    } finally {
      dials.release();
    }
  }

  private boolean dialable(Multiaddr address) {
    return isSocket(address) || others.stream().anyMatch(other -> other.handles(address));
  }

  private Duration left(long deadline) {
    return Duration.ofNanos(Math.max(1, deadline - nanoTime.getAsLong()));
  }

  private static PeerUnreachable nowhere(
      String who, Collection<Multiaddr> candidates, NameExpansion found) {
    String text =
        "no address known for "
            + who
            + (candidates.isEmpty() ? "" : " that this node can dial: " + candidates);
    return found.failures().isEmpty()
        ? new PeerUnreachable(text)
        : new PeerUnreachable(
            text + "; " + String.join("; ", found.failures()),
            "check the spelling and this machine's DNS",
            null);
  }

  private static OverlayException withUnresolved(NameExpansion found, PeerUnreachable cause) {
    return found.failures().isEmpty()
        ? cause
        : Failures.about(String.join("; ", found.failures()) + "; ", cause);
  }

  private static boolean isSocket(Multiaddr address) {
    return SocketAddresses.isPlainTcp(address) || SocketAddresses.isQuic(address);
  }

  private static Refused gated(Multiaddr address) {
    return new Refused("our own rules do not allow dialling " + address);
  }
}
