package io.peerup.relay.group;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairMessages.PeerNotice;
import java.util.List;

/// Tells members of each other over `/peerup/peer-notify/1`: everything about their groups whenever
/// they connect, and each new member at once to those who are connected. Receivers ignore what they
/// know, so nothing is kept about who was told what.
public final class PeerNotifier implements AutoCloseable {

  private final Deliveries deliveries;

  /// Listens on the host from now on.
  public PeerNotifier(Host host, GroupStore groups, Membership membership) {
    this.deliveries = new Deliveries(host, PairMessages.NOTIFY_PROTOCOL);
    host.addListener(
        new HostListener() {
          @Override
          public void connected(Connection connection) {
            PeerId peer = connection.remotePeer();
            if (membership.isMember(peer)) {
              deliveries.start(connection, () -> encode(groups.noticesFor(peer)));
            }
          }
        });
  }

  /// Tells these members of a new one, as far as they are connected now.
  void announce(PeerNotice notice, List<PeerId> members) {
    for (PeerId member : members) {
      deliveries.start(member, () -> encode(List.of(notice)));
    }
  }

  private static List<byte[]> encode(List<PeerNotice> notices) {
    return notices.stream().map(notice -> PairMessages.encode(notice)).toList();
  }

  @Override
  public void close() {
    deliveries.close();
  }
}
