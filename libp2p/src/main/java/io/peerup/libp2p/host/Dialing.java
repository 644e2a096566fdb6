package io.peerup.libp2p.host;

import io.peerup.libp2p.AddressDialer;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Refused;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
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
  private final List<AddressDialer> others = new CopyOnWriteArrayList<>();

  Dialing(
      PeerId self,
      ConnectionGater gater,
      HostLimits limits,
      Connections connections,
      PeerBook book,
      Direct sockets,
      LongSupplier nanoTime) {
    this.self = self;
    this.gater = gater;
    this.connections = connections;
    this.book = book;
    this.sockets = sockets;
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
    List<Multiaddr> dialable = candidates.stream().filter(a -> dialable(a, peer)).toList();
    if (dialable.isEmpty()) {
      throw new PeerUnreachable(
          "no address known for "
              + peer.shortForm()
              + (candidates.isEmpty() ? "" : " that this node can dial: " + candidates));
    }
    return dialer.connect(peer, blackHoles.worthTrying(dialable), timeout);
  }

  /// See [io.peerup.libp2p.Host#connect(Multiaddr, PeerExpectation, Duration)].
  Connection connect(Multiaddr address, PeerExpectation expectation, Duration timeout) {
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
      book.reached(connection.remotePeer(), bare);
      return connection;
    } finally {
      dials.release();
    }
  }

  private boolean dialable(Multiaddr address, PeerId peer) {
    return isSocket(address)
        || others.stream().anyMatch(other -> other.handles(address.withPeer(peer)));
  }

  private static boolean isSocket(Multiaddr address) {
    return SocketAddresses.isPlainTcp(address) || SocketAddresses.isQuic(address);
  }

  private static Refused gated(Multiaddr address) {
    return new Refused("our own rules do not allow dialling " + address);
  }
}
