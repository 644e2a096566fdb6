package io.peerup.relay.server;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.PeerId;
import io.peerup.relay.circuit.CircuitAccess;
import io.peerup.relay.circuit.CircuitPass;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.rendezvous.Rendezvous;
import io.peerup.relay.server.Visitors.Visitor;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// Who may have circuits at a relay: members to whomever they like; a stranger one at a time, to
/// the member for which it holds a ticket, within the limits that relays have for strangers.
final class Circuits implements CircuitAccess {

  private static final CircuitLimit STRANGERS = RelayPolicy.strangers().circuit();

  private final Predicate<PeerId> isMember;
  private final Rendezvous rendezvous;
  private final Visitors visitors;
  private final CircuitLimit members;
  private final InstantSource clock;
  private final Set<PeerId> strangersWithCircuit = ConcurrentHashMap.newKeySet();

  /// @param members what circuits of members are cut at
  Circuits(
      Predicate<PeerId> isMember,
      Rendezvous rendezvous,
      Visitors visitors,
      CircuitLimit members,
      InstantSource clock) {
    this.isMember = isMember;
    this.rendezvous = rendezvous;
    this.visitors = visitors;
    this.members = members;
    this.clock = clock;
  }

  @Override
  public boolean mayReserve(PeerId peer) {
    return isMember.test(peer);
  }

  @Override
  public Optional<CircuitPass> mayConnect(Connection source, PeerId target) {
    PeerId peer = source.remotePeer();
    if (isMember.test(peer)) {
      // It needs no ticket; if it has one, the invite is free for others again.
      rendezvous.redeem(peer, target);
      return Optional.of(new CircuitPass(members, () -> {}));
    }
    Visitor visitor = Visitor.of(source);
    if (!visitors.contains(visitor) || !isMember.test(target) || !strangersWithCircuit.add(peer)) {
      return Optional.empty();
    }
    if (!rendezvous.redeem(peer, target)) {
      strangersWithCircuit.remove(peer);
      return Optional.empty();
    }
    visitors.circuitBegan(visitor);
    return Optional.of(
        new CircuitPass(
            STRANGERS,
            () -> {
              strangersWithCircuit.remove(peer);
              visitors.circuitEnded(visitor, clock.instant());
            }));
  }
}
