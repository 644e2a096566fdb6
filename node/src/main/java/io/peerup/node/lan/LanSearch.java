package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.rendezvous.Selector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One search on the local network, for the device behind a code or for peers: which answers are
/// worth a dial. A machine. Nothing in an answer is believed beyond that; who is there shows when
/// it is dialled, and whether it made the code when the pairing runs.
final class LanSearch {

  private final Map<String, Optional<PeerId>> names;
  private final PeerId self;
  private final boolean forCode;
  private final List<LanInterface> networks;
  private final Set<String> tried = new HashSet<>();
  private final Map<InetAddress, Integer> perSender = new HashMap<>();

  private LanSearch(
      Map<String, Optional<PeerId>> names,
      boolean forCode,
      PeerId self,
      List<LanInterface> networks) {
    this.names = Map.copyOf(names);
    this.forCode = forCode;
    this.self = self;
    this.networks = List.copyOf(networks);
  }

  /// @param inviter whom the code names, if it does; then nobody else is found
  static LanSearch forCode(
      Selector wanted, PeerId self, Optional<PeerId> inviter, List<LanInterface> networks) {
    return new LanSearch(Map.of(LanName.of(wanted), inviter), true, self, networks);
  }

  /// Looks for some of these peers, as many as one question names.
  static LanSearch forPeers(
      Collection<PeerId> wanted, PeerId self, Instant now, List<LanInterface> networks) {
    Map<String, Optional<PeerId>> names = new HashMap<>();
    wanted.stream()
        .limit(Limits.PEERS_MAX)
        .forEach(peer -> names.put(LanName.of(self, peer, now), Optional.of(peer)));
    return new LanSearch(names, false, self, networks);
  }

  /// What to ask on every network.
  byte[] question() {
    return DnsMessage.question(names.keySet());
  }

  /// What a message brings that is worth a dial and was not brought before.
  List<LanAddress> consider(byte[] message, InetSocketAddress from) {
    boolean neighbour = networks.stream().anyMatch(each -> each.contains(from.getAddress()));
    // RFC 6762, section 6: an answer from any other port must be ignored.
    if (!neighbour || from.getPort() != LanSocket.PORT) {
      return List.of();
    }
    List<DnsMessage.Text> texts;
    try {
      DnsMessage read = DnsMessage.decode(message);
      texts = read.response() ? read.texts() : List.of();
    } catch (MalformedInput e) {
      return List.of();
    }
    List<LanAddress> fresh = new ArrayList<>();
    for (DnsMessage.Text text : texts) {
      Optional<PeerId> who = names.get(text.name());
      if (who != null) {
        text.strings().stream()
            .limit(Limits.ADDRESSES_MAX)
            .forEach(each -> read(each, who, from).ifPresent(fresh::add));
      }
    }
    return fresh;
  }

  /// First what is cheap: a liar has its tries, and not our time for each of its answers.
  private Optional<LanAddress> read(String text, Optional<PeerId> who, InetSocketAddress from) {
    InetAddress sender = from.getAddress();
    if (tried.size() >= Limits.CANDIDATES_MAX
        || perSender.getOrDefault(sender, 0) >= Limits.CANDIDATES_OF_ADDRESS_MAX
        || tried.contains(text)) {
      return Optional.empty();
    }
    Optional<Multiaddr> place = LanAddress.placeOf(text, from);
    if (place.isEmpty() || LanAddress.namesPeer(text) != forCode) {
      return Optional.empty();
    }
    tried.add(text);
    perSender.merge(sender, 1, Integer::sum);
    Optional<PeerId> peer =
        forCode
            ? LanAddress.peerOf(text)
                .filter(id -> !id.equals(self))
                .filter(id -> who.isEmpty() || who.get().equals(id))
            : who;
    return peer.map(id -> new LanAddress(id, place.get()));
  }
}
