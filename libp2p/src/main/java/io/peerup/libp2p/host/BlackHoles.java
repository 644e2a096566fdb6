package io.peerup.libp2p.host;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Leaves out addresses of a kind that leads nowhere from this machine's network: see [BlackHole].
/// Only public addresses count; near ones say nothing about the network. No threads, no clock of
/// its own; thread-safe.
final class BlackHoles {

  /// A dial that was given up sooner, because another was faster, had no fair chance and says
  /// nothing. As long as the head start before the next public address.
  static final Duration FAIR_CHANCE = AddressRanking.PUBLIC_GAP;

  /// What networks swallow as a whole.
  private enum Kind {
    UDP,
    IPV6
  }

  private final LongSupplier nanoTime;
  private final Map<Kind, BlackHole> holes = new EnumMap<>(Kind.class);

  BlackHoles(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Those of a peer's addresses that are worth a dial. Our choice: where nothing else would be
  /// left, all of them.
  synchronized List<Multiaddr> worthTrying(List<Multiaddr> addresses) {
    Set<Kind> refused = EnumSet.noneOf(Kind.class);
    for (Kind kind : Kind.values()) {
      if (addresses.stream().anyMatch(address -> kinds(address).contains(kind))
          && !hole(kind).admits()) {
        refused.add(kind);
      }
    }
    List<Multiaddr> left =
        addresses.stream()
            .filter(address -> kinds(address).stream().noneMatch(refused::contains))
            .toList();
    return left.isEmpty() ? addresses : left;
  }

  /// Dials, and remembers whether somebody answered, whoever it was.
  <T> T watch(Multiaddr address, Supplier<T> dial) {
    long start = nanoTime.getAsLong();
    try {
      T connection = dial.get();
      ended(address, true);
      return connection;
    } catch (PeerUnreachable | DeadlineExceeded e) {
      boolean givenUp = Thread.currentThread().isInterrupted();
      if (!givenUp || nanoTime.getAsLong() - start >= FAIR_CHANCE.toNanos()) {
        ended(address, false);
      }
      throw e;
    } catch (ProtocolViolation | Refused e) {
      ended(address, true);
      throw e;
    }
  }

  private synchronized void ended(Multiaddr address, boolean answered) {
    kinds(address).forEach(kind -> hole(kind).ended(answered));
  }

  /// The network is another one.
  synchronized void reset() {
    holes.values().forEach(BlackHole::reset);
  }

  private BlackHole hole(Kind kind) {
    return holes.computeIfAbsent(kind, _ -> new BlackHole());
  }

  private static Set<Kind> kinds(Multiaddr address) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    if (address.isPublic() && !address.isCircuit()) {
      if (address.has("udp")) {
        kinds.add(Kind.UDP);
      }
      if (address.has("ip6") || address.has("dns6")) {
        kinds.add(Kind.IPV6);
      }
    }
    return kinds;
  }
}
