package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a device says on the local network that it can be dialled, in the strings of a TXT record
/// as libp2p's mDNS writes them: `dnsaddr=/ip4/192.168.1.7/tcp/4001/p2p/12D3KooW…`.
///
/// @param peer who is said to be there
/// @param address `/ip4/…/tcp/…`
public record LanAddress(PeerId peer, Multiaddr address) {

  private static final String KEY = "dnsaddr=";
  private static final String PEER = "/p2p/";

  /// What to tell on this network: only what counts there.
  static List<String> texts(PeerId self, LanInterface at, Collection<Multiaddr> listening) {
    return there(at, listening).map(each -> KEY + each.withPeer(self)).toList();
  }

  /// The same without saying who we are.
  static List<String> texts(LanInterface at, Collection<Multiaddr> listening) {
    return there(at, listening).map(each -> KEY + each).toList();
  }

  private static Stream<Multiaddr> there(LanInterface at, Collection<Multiaddr> listening) {
    return listening.stream()
        .map(Multiaddr::withoutPeer)
        .filter(each -> isOf(each, at.address()))
        .limit(Limits.ADDRESSES_MAX);
  }

  /// The address in a string of a record that came from `sender`. A device speaks for itself only:
  /// whatever names another address, and so might lead us anywhere, is empty, as is what makes no
  /// sense. Whose address it is said to be is not looked at, which is what costs.
  static Optional<Multiaddr> placeOf(String text, InetSocketAddress sender) {
    if (!text.startsWith(KEY) || text.length() > Limits.ADDRESS_BYTES_MAX) {
      return Optional.empty();
    }
    int end = text.indexOf(PEER);
    try {
      String address = text.substring(KEY.length(), end < 0 ? text.length() : end);
      return Optional.of(Multiaddr.parse(address)).filter(it -> isOf(it, sender.getAddress()));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }

  /// Who is said to be there, if the string says it.
  static Optional<PeerId> peerOf(String text) {
    int at = text.indexOf(PEER);
    try {
      return at < 0
          ? Optional.empty()
          : Optional.of(PeerId.parse(text.substring(at + PEER.length())));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }

  /// True if the string says so, rightly or not.
  static boolean namesPeer(String text) {
    return text.contains(PEER);
  }

  /// True for `/ip4/<ip>/tcp/<port>`, of exactly this address, with a port that can be dialled.
  private static boolean isOf(Multiaddr address, InetAddress ip) {
    return address.components().size() == 2
        && address.has("ip4")
        && address.has("tcp")
        && address
            .socketAddress()
            .filter(at -> at.getPort() != 0 && ip.equals(at.getAddress()))
            .isPresent();
  }
}
