package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.rendezvous.Selector;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What a device that waits for a code answers on the local network: where it can be dialled there,
/// to those who ask for an invite of its by name, and nothing to anybody else. A machine.
final class LanAnswers {

  private final PeerId self;
  private final Map<String, Instant> answered = new HashMap<>();

  LanAnswers(PeerId self) {
    this.self = self;
  }

  /// What to send on the network on which a message came.
  ///
  /// @param from its sender
  /// @param at the network
  /// @param open says which invites may be asked for now; only asked when somebody means us
  /// @param listening where we listen
  Optional<byte[]> answer(
      byte[] message,
      InetSocketAddress from,
      LanInterface at,
      Supplier<Collection<Selector>> open,
      Collection<Multiaddr> listening,
      Instant now) {
    if (from.getPort() != LanSocket.PORT || !at.contains(from.getAddress())) {
      return Optional.empty();
    }
    List<String> asked;
    try {
      DnsMessage read = DnsMessage.decode(message);
      asked = read.response() ? List.of() : read.questions();
    } catch (MalformedInput e) {
      return Optional.empty();
    }
    if (asked.stream().noneMatch(name -> name.endsWith("." + LanName.SERVICE))) {
      return Optional.empty();
    }
    return open.get().stream()
        .map(LanName::of)
        .filter(asked::contains)
        .filter(name -> isDue(name, at, now))
        .findFirst()
        .map(name -> DnsMessage.answer(name, LanAddress.texts(self, at, listening)));
  }

  private boolean isDue(String name, LanInterface at, Instant now) {
    answered.values().removeIf(last -> !now.isBefore(last.plus(Limits.REPEAT)));
    return answered.putIfAbsent(name + " " + at.name(), now) == null;
  }
}
