package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// In which order and with which pauses the addresses of one peer are dialled: near before far,
/// direct before relayed, QUIC before TCP, IPv6 before IPv4 ("happy eyeballs", RFC 8305; the pauses
/// are go-libp2p's). Where UDP does not pass, TCP begins one pause later, whether QUIC has one
/// address or one of each family.
final class AddressRanking {

  private static final Duration PRIVATE_GAP = Duration.ofMillis(30);
  static final Duration PUBLIC_GAP = Duration.ofMillis(250);
  private static final Duration RELAYED_GAP = Duration.ofMillis(500);

  private AddressRanking() {}

  /// One attempt.
  ///
  /// @param address where
  /// @param gap how long to wait after the attempt before this one began, unless all before failed
  record Attempt(Multiaddr address, Duration gap) {}

  static List<Attempt> rank(Collection<Multiaddr> addresses) {
    List<Multiaddr> order =
        addresses.stream()
            .distinct()
            .sorted(
                Comparator.comparing(Multiaddr::isCircuit)
                    .thenComparing(Multiaddr::isPublic)
                    .thenComparing(address -> !isQuic(address))
                    .thenComparing(address -> !address.has("ip6")))
            .toList();
    return Stream.iterate(0, i -> i < order.size(), i -> i + 1)
        .map(i -> new Attempt(order.get(i), i == 0 ? Duration.ZERO : gap(order, i)))
        .toList();
  }

  private static Duration gap(List<Multiaddr> order, int index) {
    Multiaddr address = order.get(index);
    if (address.isCircuit()) {
      return order.get(index - 1).isCircuit() ? PUBLIC_GAP : RELAYED_GAP;
    }
    boolean quicHadItsPause =
        !isQuic(address)
            && index >= 2
            && isQuicBeside(/* before= */ order.get(index - 1), /* own= */ address)
            && isQuicBeside(/* before= */ order.get(index - 2), /* own= */ address);
    if (quicHadItsPause) {
      return Duration.ZERO;
    }
    return address.isPublic() ? PUBLIC_GAP : PRIVATE_GAP;
  }

  private static boolean isQuicBeside(Multiaddr before, Multiaddr own) {
    return isQuic(before) && before.isPublic() == own.isPublic();
  }

  private static boolean isQuic(Multiaddr address) {
    return address.has("quic-v1");
  }
}
