package io.peerup.node.peers;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Strangers that this device has to do with for a moment because it pairs with them: those who
/// come with a code of ours, the one whose code we have, and relays whose mailboxes a link names.
/// Thread-safe, never blocks.
public final class PairingGuests {

  private final InstantSource clock;
  private final Map<PeerId, Instant> until = new HashMap<>();
  private final Map<PeerId, Integer> hosts = new HashMap<>();
  private final Map<PeerId, InetAddress> direct = new HashMap<>();
  private BooleanSupplier welcome = () -> false;
  private Predicate<Multiaddr> near = _ -> false;

  public PairingGuests(InstantSource clock) {
    this.clock = clock;
  }

  /// From now on strangers may come while `open` says so. It is asked on event loops and must not
  /// block.
  public synchronized void welcomeWhile(BooleanSupplier open) {
    welcome = open;
  }

  /// From now on strangers may come directly from where `neighbours` says. Asked as the other one.
  public synchronized void welcomeFrom(Predicate<Multiaddr> neighbours) {
    near = neighbours;
  }

  /// A stranger wants to connect from there: only through a relay of ours or from our local
  /// network, only for a moment, only a few.
  synchronized boolean arrive(PeerId peer, Multiaddr remote) {
    Instant now = clock.instant();
    until.values().removeIf(end -> !now.isBefore(end));
    direct.keySet().retainAll(until.keySet());
    if (!welcome.getAsBoolean() || !hasRoom(peer, remote)) {
      return false;
    }
    until.putIfAbsent(peer, now.plus(Limits.GUEST_STAY));
    return true;
  }

  private boolean hasRoom(PeerId peer, Multiaddr remote) {
    if (until.containsKey(peer)) {
      return remote.isCircuit() || near.test(remote);
    }
    if (remote.isCircuit()) {
      return until.size() < Limits.GUESTS_MAX;
    }
    Optional<InetAddress> from = remote.socketAddress().map(InetSocketAddress::getAddress);
    if (from.isEmpty() || !near.test(remote) || !hasRoomFor(from.get())) {
      return false;
    }
    direct.put(peer, from.get());
    return true;
  }

  /// Nobody meters those who come directly before they are here, as a relay does: a machine has its
  /// share, all of them leave room for who comes through a relay.
  private boolean hasRoomFor(InetAddress from) {
    return until.size() < Limits.GUESTS_MAX
        && direct.size() < Limits.DIRECT_GUESTS_MAX
        && Collections.frequency(direct.values(), from) < Limits.DIRECT_GUESTS_OF_ADDRESS_MAX;
  }

  /// True while this stranger may be here.
  public synchronized boolean contains(PeerId peer) {
    Instant end = until.get(peer);
    return end != null && clock.instant().isBefore(end);
  }

  /// It has no business here any more.
  public synchronized void leave(PeerId peer) {
    until.remove(peer);
    direct.remove(peer);
  }

  /// We are the guest of this peer until [#endVisit].
  public synchronized void startVisit(PeerId host) {
    hosts.merge(host, 1, Integer::sum);
  }

  /// Ends what [#startVisit] began.
  public synchronized void endVisit(PeerId host) {
    hosts.computeIfPresent(host, (_, visits) -> visits == 1 ? null : visits - 1);
  }

  synchronized boolean visits(PeerId host) {
    return hosts.containsKey(host);
  }
}
