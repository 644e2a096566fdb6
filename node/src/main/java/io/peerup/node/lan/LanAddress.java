package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Where a device says on the local network that it can be dialled, in the strings of a TXT record
/// as libp2p's mDNS writes them: `dnsaddr=/ip4/192.168.1.7/tcp/4001/p2p/12D3KooW…`.
///
/// @param peer who is said to be there
/// @param address `/ip4/…/tcp/…`
public record LanAddress(PeerId peer, Multiaddr address) {

  private static final String KEY = "dnsaddr=";

  /// What to tell on this network: only what counts there.
  static List<String> texts(PeerId self, LanInterface at, Collection<Multiaddr> listening) {
    return listening.stream()
        .filter(each -> isOf(each, at.address()))
        .map(each -> KEY + each.withoutPeer().withPeer(self))
        .limit(Limits.ADDRESSES_MAX)
        .toList();
  }

  /// Reads a string of a record that came from `sender`. A device speaks for itself only: whatever
  /// names another address, and so might lead us anywhere, is empty, as is what makes no sense.
  static Optional<LanAddress> read(String text, InetSocketAddress sender) {
    if (!text.startsWith(KEY) || text.length() > Limits.ADDRESS_BYTES_MAX) {
      return Optional.empty();
    }
    try {
      Multiaddr full = Multiaddr.parse(text.substring(KEY.length()));
      Multiaddr address = full.withoutPeer();
      return full.peer()
          .filter(_ -> isOf(address, sender.getAddress()))
          .map(peer -> new LanAddress(peer, address));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }

  /// True for `/ip4/<ip>/tcp/<port>`, of exactly this address, with a port that can be dialled.
  private static boolean isOf(Multiaddr address, InetAddress ip) {
    return address.withoutPeer().components().size() == 2
        && address.has("ip4")
        && address.has("tcp")
        && address
            .socketAddress()
            .filter(at -> at.getPort() != 0 && ip.equals(at.getAddress()))
            .isPresent();
  }
}
