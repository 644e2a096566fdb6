package io.peerup.node.invites;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.RelayLinks;
import io.peerup.pairing.Limits;
import io.peerup.pairing.PeerCard;
import java.util.List;
import java.util.function.Supplier;

/// What this device says of itself to a device that it pairs with. Thread-safe.
public final class Cards {

  private final Host host;
  private final InviteStore store;
  private final Roster roster;
  private final RelayLinks relays;
  private final Supplier<String> network;
  private final String software;

  /// @param network the network in force
  /// @param software what cards say of this program
  public Cards(
      Host host,
      InviteStore store,
      Roster roster,
      RelayLinks relays,
      Supplier<String> network,
      String software) {
    this.host = host;
    this.store = store;
    this.roster = roster;
    this.relays = relays;
    this.network = network;
    this.software = software;
  }

  /// What a joiner gets to see that has the right code or link: also where to go from here.
  public PeerCard ofInviter() {
    // The name and the network of one moment.
    synchronized (store) {
      return new PeerCard(
          roster.ownName().orElse("peer"),
          addresses(),
          software,
          network.get(),
          relays.views().stream()
              .map(view -> view.address().withoutPeer().withPeer(view.peer()))
              .limit(Limits.CARD_ADDRESSES_MAX)
              .toList(),
          new byte[0]);
    }
  }

  /// What an inviter gets to see.
  ///
  /// @param depositCapability by which an answer reaches us later; empty if none needs to
  PeerCard ofJoiner(String name, byte[] depositCapability) {
    return new PeerCard(name, addresses(), software, "", List.of(), depositCapability);
  }

  private List<Multiaddr> addresses() {
    return host.advertisedAddresses().stream().limit(Limits.CARD_ADDRESSES_MAX).toList();
  }
}
