package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Who may do what at a relay: members everything; strangers come in only while a pairing group is
/// open, few at a time, and then may speak the pairing protocol and nothing else; the relay itself
/// dials nobody. A blocked peer gets nothing. Runs on event loops; decides from memory.
final class RelayGater implements ConnectionGater {

  private final Predicate<PeerId> isBlocked;
  private final Predicate<PeerId> isMember;
  private final BooleanSupplier hasLiveGroup;
  private final Visitors visitors;
  private final InstantSource clock;

  RelayGater(
      Predicate<PeerId> isBlocked,
      Predicate<PeerId> isMember,
      BooleanSupplier hasLiveGroup,
      Visitors visitors,
      InstantSource clock) {
    this.isBlocked = isBlocked;
    this.isMember = isMember;
    this.hasLiveGroup = hasLiveGroup;
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
        || (hasLiveGroup.getAsBoolean() && visitors.arrive(peer, remote, clock.instant()));
  }

  @Override
  public boolean allowStream(Direction direction, Connection connection, String protocol) {
    if (isBlocked.test(connection.remotePeer())) {
      return false;
    }
    if (isMember.test(connection.remotePeer())) {
      return true;
    }
    return direction == Direction.INBOUND
        && protocol.equals(PairMessages.PAIR_PROTOCOL)
        && visitors.contains(Visitors.Visitor.of(connection));
  }
}
