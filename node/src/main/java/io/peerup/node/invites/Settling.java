package io.peerup.node.invites;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.RelayLinks;
import io.peerup.pairing.PeerCard;
import java.util.ArrayList;
import java.util.List;

/// Writes down what a pairing brings to the device that joined, by code or by link: its name, its
/// network, relays, and whom it trusts now. Blocks on the disk.
public final class Settling {

  /// How somebody came to be trusted: `code`, `link`.
  enum Way {
    CODE,
    LINK
  }

  /// @param name what we call the inviter
  /// @param warnings for the user
  record Settled(String name, List<String> warnings) {}

  private final Adopted adopted;
  private final Roster roster;
  private final RelayLinks relays;

  public Settling(Adopted adopted, Roster roster, RelayLinks relays) {
    this.adopted = adopted;
    this.roster = roster;
    this.relays = relays;
  }

  /// First what this device is now part of, then who is trusted: a crash in between leaves a relay
  /// too many and nobody let in. Doing it again changes nothing. Whether the network is welcome,
  /// the caller has asked.
  Settled settle(PeerId inviter, PeerCard card, String ownName, Way way) {
    List<Multiaddr> named = card.relays().stream().filter(each -> each.peer().isPresent()).toList();
    adopted.settle(ownName, card.namespace(), named);
    String called =
        switch (way) {
          case CODE -> roster.invited(inviter, card.name(), Admission.tier(card.requiresSas()));
          case LINK -> roster.invitedByLink(inviter, card.name());
        };
    List<String> warnings = new ArrayList<>();
    for (Multiaddr each : named) {
      PeerId id = each.peer().orElseThrow();
      try {
        relays.keep(id, List.of(each.withoutPeer()));
        // It may have turned us away before, when it did not know us.
        relays.retry(id);
      } catch (LimitReached e) {
        warnings.add("the relay " + each + " is not used: " + e.getMessage());
      }
    }
    return new Settled(called, warnings);
  }
}
