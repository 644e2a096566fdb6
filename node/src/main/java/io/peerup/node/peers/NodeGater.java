package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.transport.Upgrade;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.Sas;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.trust.Authorizer;
import io.peerup.trust.Scope;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Lets authorised peers talk to this node, and relays do what a relay must, and nobody else
/// anything; a blocked peer gets nothing, relay or not. Asked for every dial, connection and
/// stream, in both directions; decides from memory on event loops.
public final class NodeGater implements ConnectionGater {

  /// What a relay may open towards us: circuits, introductions, word of mail, and what every libp2p
  /// peer speaks.
  private static final Set<String> FROM_RELAY =
      Set.of(
          "/libp2p/circuit/relay/0.2.0/stop",
          "/peerup/peer-notify/1",
          MailboxMessages.NOTICE_PROTOCOL,
          "/ipfs/id/1.0.0",
          "/ipfs/id/push/1.0.0",
          "/ipfs/ping/1.0.0");

  /// What we open towards a relay.
  private static final Set<String> TO_RELAY =
      Set.of(
          "/libp2p/circuit/relay/0.2.0/hop",
          "/peerup/relay-pair/1",
          RendezvousMessages.PROTOCOL,
          "/ipfs/id/1.0.0",
          "/ipfs/id/push/1.0.0",
          "/ipfs/ping/1.0.0");

  /// What goes on with a peer that is held until two people have compared a live code.
  private static final Set<String> WITH_HELD =
      Set.of(Sas.PROTOCOL, "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0");

  /// No protocol of today belongs to one group alone; one that does is named here.
  private static final Scope SCOPE = Scope.DIRECT;

  private final Authorizer authorizer;
  private final InstantSource clock;
  private final Predicate<PeerId> relay;
  private final PairingGuests guests;
  private final HybridPeers hybrid;
  private final Set<PeerId> joining = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition joiningEnded = lock.newCondition();

  /// @param relay whether a peer is a relay of ours; asked often, must not block
  public NodeGater(
      Authorizer authorizer,
      InstantSource clock,
      Predicate<PeerId> relay,
      PairingGuests guests,
      HybridPeers hybrid) {
    this.guests = guests;
    this.hybrid = hybrid;
    this.authorizer = authorizer;
    this.clock = clock;
    this.relay = relay;
  }

  /// Treats this peer, whose pin in a group code matched, as a relay while a pairing runs.
  public void startJoining(PeerId relayOfCode) {
    joining.add(relayOfCode);
  }

  /// Ends what [#startJoining] began.
  public void endJoining(PeerId relayOfCode) {
    lock.lock();
    try {
      joining.remove(relayOfCode);
      joiningEnded.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits while a pairing with this relay runs, at most so long. False if it still runs then.
  public boolean awaitJoined(PeerId relayOfCode, Duration most) throws InterruptedException {
    long left = most.toNanos();
    lock.lock();
    try {
      while (joining.contains(relayOfCode) && left > 0) {
        left = joiningEnded.awaitNanos(left);
      }
      return !joining.contains(relayOfCode);
    } finally {
      lock.unlock();
    }
  }

  /// Whether a live connection to this peer may stay.
  public boolean mayStay(PeerId peer) {
    return allowDial(peer) || (guests.contains(peer) && !authorizer.isBlocked(peer));
  }

  private boolean allowDial(PeerId peer) {
    return isAuthorized(peer)
        || isRelay(peer)
        || (guests.visits(peer) && !authorizer.isBlocked(peer));
  }

  @Override
  public boolean allowDial(PeerId peer, Multiaddr address) {
    return allowDial(peer);
  }

  @Override
  public boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
    return direction == Direction.OUTBOUND
        ? allowDial(peer)
        : isAuthorized(peer) || (!authorizer.isBlocked(peer) && guests.arrive(peer, remote));
  }

  /// A peer that has spoken hybrid is not spoken to over less.
  @Override
  public void checkSecurity(PeerId peer, Multiaddr remote, String security) {
    hybrid.check(peer, remote, security);
  }

  /// Looks at a live connection that may stay: remembers a peer that speaks hybrid and that this
  /// node will have to do with again. False if it is one that must not go on: the peer has shown
  /// more on another.
  boolean watch(Connection connection) {
    PeerId peer = connection.remotePeer();
    if (connection.security().equals(Upgrade.HYBRID_NOISE) && isLasting(peer)) {
      hybrid.add(peer, this::isLasting);
    }
    return hybrid.isEnough(peer, connection.remoteAddress(), connection.security());
  }

  private boolean isLasting(PeerId peer) {
    return isAuthorized(peer) || isRelay(peer);
  }

  @Override
  public boolean allowStream(Direction direction, Connection connection, String protocol) {
    PeerId peer = connection.remotePeer();
    if (authorizer.allows(peer, SCOPE, clock.instant())) {
      return true;
    }
    if (WITH_HELD.contains(protocol) && authorizer.allows(peer, Scope.VERIFY, clock.instant())) {
      return true;
    }
    if (protocol.equals(PairingProtocol.ID) && !authorizer.isBlocked(peer)) {
      return direction == Direction.INBOUND ? guests.contains(peer) : guests.visits(peer);
    }
    if (protocol.equals(MailboxMessages.PROTOCOL) && direction == Direction.OUTBOUND) {
      return !authorizer.isBlocked(peer) && (guests.visits(peer) || isRelay(peer));
    }
    return isRelay(peer)
        && (direction == Direction.INBOUND ? FROM_RELAY : TO_RELAY).contains(protocol);
  }

  private boolean isAuthorized(PeerId peer) {
    return authorizer.decide(peer, clock.instant()).allowed();
  }

  private boolean isRelay(PeerId peer) {
    return !authorizer.isBlocked(peer) && (relay.test(peer) || joining.contains(peer));
  }
}
