package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.rendezvous.Selector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One search for the device behind a code on the local network: which answers are worth a dial. A
/// machine. Nothing in an answer is believed beyond that; who is there shows when it is dialled,
/// and whether it made the code when the pairing runs.
final class LanSearch {

  private final String name;
  private final PeerId self;
  private final Optional<PeerId> inviter;
  private final List<LanInterface> networks;
  private final Set<LanAddress> found = new LinkedHashSet<>();
  private final Map<InetAddress, Integer> perSender = new HashMap<>();

  /// @param inviter whom the code names, if it does; then nobody else is found
  LanSearch(Selector wanted, PeerId self, Optional<PeerId> inviter, List<LanInterface> networks) {
    this.name = LanName.of(wanted);
    this.self = self;
    this.inviter = inviter;
    this.networks = List.copyOf(networks);
  }

  /// What to ask on every network.
  byte[] question() {
    return DnsMessage.question(name);
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
    texts.stream()
        .filter(text -> text.name().equals(name))
        .flatMap(text -> text.strings().stream().limit(Limits.ADDRESSES_MAX))
        .flatMap(text -> LanAddress.read(text, from).stream())
        .filter(each -> !each.peer().equals(self))
        .filter(each -> inviter.isEmpty() || inviter.get().equals(each.peer()))
        .filter(each -> take(each, from.getAddress()))
        .forEach(fresh::add);
    return fresh;
  }

  private boolean take(LanAddress candidate, InetAddress sender) {
    if (found.contains(candidate)
        || found.size() >= Limits.CANDIDATES_MAX
        || perSender.getOrDefault(sender, 0) >= Limits.CANDIDATES_OF_ADDRESS_MAX) {
      return false;
    }
    perSender.merge(sender, 1, Integer::sum);
    return found.add(candidate);
  }
}
