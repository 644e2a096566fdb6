package io.peerup.node.invites;

import io.peerup.libp2p.Multiaddr;
import java.util.List;

/// Where a relay is, for those who do not know it yet.
final class RelayAddress {

  private RelayAddress() {}

  /// An address over TCP, which every device can dial and a short code can name: the one that we
  /// dialled, or, where that was over UDP, one that the relay told, of the same host if there is
  /// one, else a public one. Where there is none, what we dialled.
  ///
  /// @param dialled without a peer id
  /// @param told by the relay itself (identify)
  static Multiaddr toTell(Multiaddr dialled, List<Multiaddr> told) {
    if (isTcp(dialled)) {
      return dialled;
    }
    Multiaddr.Component host = dialled.components().getFirst();
    List<Multiaddr> overTcp =
        told.stream().map(Multiaddr::withoutPeer).filter(RelayAddress::isTcp).toList();
    return overTcp.stream()
        .filter(each -> each.components().getFirst().equals(host))
        .findFirst()
        .or(() -> overTcp.stream().filter(Multiaddr::isPublic).findFirst())
        .orElse(dialled);
  }

  private static boolean isTcp(Multiaddr address) {
    var parts = address.components();
    return parts.size() == 2 && parts.get(1).protocol().equals("tcp");
  }
}
