package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerInfo;
import io.peerup.node.peers.RelayLinks;
import java.util.Comparator;
import java.util.List;

/// The relays at which this device has a place, so that strangers can find it there or leave it a
/// message. Thread-safe, never blocks.
public final class ReservedRelays {

  private final Host host;
  private final RelayLinks relays;

  public ReservedRelays(Host host, RelayLinks relays) {
    this.host = host;
    this.relays = relays;
  }

  /// A connection to each, in order of ids; there may be none.
  List<Connection> all() {
    return relays.views().stream()
        .filter(RelayLinks.RelayView::reserved)
        .map(RelayLinks.RelayView::peer)
        .sorted(Comparator.naturalOrder())
        .flatMap(peer -> Mailroom.direct(host, peer).stream())
        .toList();
  }

  /// As [#all], at least one.
  ///
  /// @param whatFollows from there being none
  /// @throws Failure `no-relay`
  List<Connection> some(String whatFollows) {
    List<Connection> reserved = all();
    if (reserved.isEmpty()) {
      throw none(whatFollows);
    }
    return reserved;
  }

  /// Where a relay is, with its peer id, for those who do not know it yet.
  Multiaddr addressOf(Connection relay) {
    List<Multiaddr> told =
        host.info(relay.remotePeer()).map(PeerInfo::listenAddresses).orElse(List.of());
    return RelayAddress.toTell(relay.remoteAddress().withoutPeer(), told)
        .withPeer(relay.remotePeer());
  }

  /// That there is none, and what to do about it.
  ///
  /// @param whatFollows from there being none
  Failure none(String whatFollows) {
    return new Failure(
        "no-relay",
        "this device has no place at a relay now, so " + whatFollows,
        relays.views().isEmpty()
            ? "join a relay's group first (`peerup join CODE`), or write the relay into"
                + " relay.addresses in config.yaml"
            : "look at `peerup status` for what is wrong with the relay");
  }
}
