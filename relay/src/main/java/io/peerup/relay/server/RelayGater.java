package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.relay.circuit.CircuitRelay;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Who may do what at a relay: members everything; strangers come in only while somebody waits for
/// one, few at a time, and then may speak the pairing protocols and nothing else, but for one
/// circuit if they hold a ticket; the relay itself dials nobody. A blocked peer gets nothing. Runs
/// on event loops; decides from memory.
final class RelayGater implements ConnectionGater {

  private static final Set<String> FOR_STRANGERS =
      Set.of(PairMessages.PAIR_PROTOCOL, RendezvousMessages.PROTOCOL, MailboxMessages.PROTOCOL);

  private final Predicate<PeerId> isBlocked;
  private final Predicate<PeerId> isMember;
  private final BooleanSupplier awaitsStrangers;
  private final Predicate<PeerId> hasTicket;
  private final Visitors visitors;
  private final InstantSource clock;

  /// @param awaitsStrangers true while a group, an invite or a capability waits for strangers
  /// @param hasTicket whether a stranger may ask for a circuit
  RelayGater(
      Predicate<PeerId> isBlocked,
      Predicate<PeerId> isMember,
      BooleanSupplier awaitsStrangers,
      Predicate<PeerId> hasTicket,
      Visitors visitors,
      InstantSource clock) {
    this.isBlocked = isBlocked;
    this.isMember = isMember;
    this.awaitsStrangers = awaitsStrangers;
    this.hasTicket = hasTicket;
    this.visitors = visitors;
    this.clock = clock;
  }

  @Override
  public boolean allowDial(PeerId peer, Multiaddr address) {
    return false;
  }

  @Override
  public boolean allowSecured(Direction direction, PeerId peer, Multiaddr remote) {
    if (direction == Direction.OUTBOUND || isBlocked.test(peer)) {
      return false;
    }
    return isMember.test(peer)
        || (awaitsStrangers.getAsBoolean() && visitors.arrive(peer, remote, clock.instant()));
  }

  @Override
  public boolean allowStream(Direction direction, Connection connection, String protocol) {
    PeerId peer = connection.remotePeer();
    if (isBlocked.test(peer)) {
      return false;
    }
    if (isMember.test(peer)) {
      return true;
    }
    return direction == Direction.INBOUND
        && visitors.contains(Visitors.Visitor.of(connection))
        && (FOR_STRANGERS.contains(protocol)
            || (protocol.equals(CircuitRelay.HOP) && hasTicket.test(peer)));
  }
}
