package io.peerup.node.invites;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.PeerLinks;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.PairingResponder;
import io.peerup.pairing.PeerCard;
import io.peerup.relay.rendezvous.RendezvousClient;
import io.peerup.trust.Tier;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets in whoever an invite admits: writes its trust entry, asks the relay to take it, ends its
/// time as a guest. Blocks on the disk and on relays.
public final class Admission implements PairingServer.Events {

  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

  private final Host host;
  private final InviteStore store;
  private final Roster roster;
  private final PeerLinks links;
  private final PairingGuests guests;

  /// Finishes what a crash left.
  public Admission(
      Host host, InviteStore store, Roster roster, PeerLinks links, PairingGuests guests) {
    this.host = host;
    this.store = store;
    this.roster = roster;
    this.links = links;
    this.guests = guests;
    finishWhatACrashLeft();
  }

  /// Whoever an invite admitted before a crash gets the trust entry now.
  private void finishWhatACrashLeft() {
    synchronized (store) {
      List<InviteTable.Admitted> left = store.table().unentered();
      for (InviteTable.Admitted each : left) {
        roster.invited(each.peer(), each.name(), tier(store.table().requiresSas(each.inviteId())));
        store.table().entered(each.inviteId());
      }
      if (!left.isEmpty()) {
        store.save();
      }
    }
  }

  /// How far somebody is trusted that a code brought.
  ///
  /// @param held for nothing but a comparison of codes yet
  static Tier tier(boolean held) {
    return held ? Tier.HELD : Tier.INVITE;
  }

  @Override
  public void admit(PeerId peer, PeerCard joiner, boolean held) {
    roster.invited(peer, joiner.name(), tier(held));
    links.learn(peer, joiner.addresses());
  }

  @Override
  public void admitted(String inviteId, PeerId peer, Connection connection) {
    connection
        .relay()
        .flatMap(relay -> Mailroom.direct(host, relay))
        .ifPresent(relay -> vouch(relay, peer));
  }

  private static void vouch(Connection relay, PeerId peer) {
    try {
      if (!new RendezvousClient(relay, Limits.VOUCH).vouch(peer)) {
        LOG.atWarn()
            .addKeyValue("peer", peer)
            .addKeyValue("relay", relay.remotePeer())
            .log("the relay does not admit the device that paired; its owner may authorize it");
      }
    } catch (OverlayException e) {
      LOG.atWarn().log("the relay could not be asked to admit {}: {}", peer, e.getMessage());
    }
  }

  @Override
  public void acknowledged(PeerId peer) {
    guests.leave(peer);
  }

  @Override
  public void failed(PairingResponder.Cause cause, PeerId peer) {
    guests.leave(peer);
    LOG.atInfo().addKeyValue("peer", peer).log("pairing failed: {}", cause);
  }
}
