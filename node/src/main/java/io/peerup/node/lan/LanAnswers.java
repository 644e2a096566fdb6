package io.peerup.node.lan;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// What a device answers on the local network: where it can be dialled there, to those who ask for
/// an invite of its or for itself by a name that only they can know, and nothing to anybody else. A
/// machine.
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
  /// @param names says which names may be asked for now; only asked when somebody may mean us
  /// @param listening where we listen
  Optional<byte[]> answer(
      byte[] message,
      InetSocketAddress from,
      LanInterface at,
      Supplier<Collection<String>> names,
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
    if (asked.stream().noneMatch(LanName::isOurs)) {
      return Optional.empty();
    }
    return names.get().stream()
        .filter(asked::contains)
        .filter(name -> isDue(name, at, now))
        .findFirst()
        .map(name -> DnsMessage.answer(name, texts(name, at, listening)));
  }

  /// Who asks for a peer knows who that is; the others need not.
  private List<String> texts(String name, LanInterface at, Collection<Multiaddr> listening) {
    return name.endsWith(LanName.PEER)
        ? LanAddress.texts(at, listening)
        : LanAddress.texts(self, at, listening);
  }

  private boolean isDue(String name, LanInterface at, Instant now) {
    answered.values().removeIf(last -> !now.isBefore(last.plus(Limits.REPEAT)));
    return answered.putIfAbsent(name + " " + at.name(), now) == null;
  }
}
