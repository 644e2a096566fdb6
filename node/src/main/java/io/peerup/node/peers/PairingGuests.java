package io.peerup.node.peers;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// Strangers that this device has to do with for a moment because it pairs with them: those who
/// come with a code of ours, and the one whose code we have. Thread-safe, never blocks.
public final class PairingGuests {

  private final InstantSource clock;
  private final Map<PeerId, Instant> until = new HashMap<>();
  private final Set<PeerId> hosts = new HashSet<>();
  private BooleanSupplier welcome = () -> false;

  public PairingGuests(InstantSource clock) {
    this.clock = clock;
  }

  /// From now on strangers may come while `open` says so. It is asked on event loops and must not
  /// block.
  public synchronized void welcomeWhile(BooleanSupplier open) {
    welcome = open;
  }

  /// A stranger wants to connect from there: only through a relay of ours, only for a moment, only
  /// a few.
  synchronized boolean arrive(PeerId peer, Multiaddr remote) {
    Instant now = clock.instant();
    until.values().removeIf(end -> !now.isBefore(end));
    if (!remote.isCircuit()
        || !welcome.getAsBoolean()
        || (!until.containsKey(peer) && until.size() >= Limits.GUESTS_MAX)) {
      return false;
    }
    until.putIfAbsent(peer, now.plus(Limits.GUEST_STAY));
    return true;
  }

  /// True while this stranger may be here.
  public synchronized boolean contains(PeerId peer) {
    Instant end = until.get(peer);
    return end != null && clock.instant().isBefore(end);
  }

  /// It has no business here any more.
  public synchronized void leave(PeerId peer) {
    until.remove(peer);
  }

  /// We are the guest of this peer until [#endVisit].
  public synchronized void startVisit(PeerId host) {
    hosts.add(host);
  }

  /// Ends what [#startVisit] began.
  public synchronized void endVisit(PeerId host) {
    hosts.remove(host);
  }

  synchronized boolean visits(PeerId host) {
    return hosts.contains(host);
  }
}
