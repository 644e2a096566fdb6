package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Which connections to a peer are more than is needed: each costs both sides a keep-alive, and a
/// relayed one the relay a circuit. A machine without threads, clock or sockets.
///
/// A relayed connection is spare once a direct one has lived for a while. Of two direct ones, which
/// result when both sides dial at once, that stays which the side with the smaller peer id dialled;
/// each side closes only what it dialled itself, so that never both go. None is closed while a
/// stream uses it.
final class SpareConnections {

  /// @param spare to be closed now
  /// @param nextLook when another may be spare, unless something changes before
  record Found(List<Connection> spare, Instant nextLook) {}

  private SpareConnections() {}

  /// @param open all open connections to one peer
  /// @param oursStays whether our peer id is the smaller one
  static Found among(List<Connection> open, boolean oursStays, Instant now) {
    List<Connection> direct = open.stream().filter(each -> each.relay().isEmpty()).toList();
    List<Connection> settled =
        direct.stream().filter(each -> !now.isBefore(settlesAt(each))).toList();
    List<Connection> spare = new ArrayList<>();
    if (!settled.isEmpty()) {
      open.stream().filter(each -> each.relay().isPresent()).forEach(spare::add);
    }
    byTransport(settled).values().forEach(alike -> spare.addAll(tooMany(alike, oursStays)));
    spare.removeIf(each -> each.streamCount() > 0);
    Instant nextLook =
        open.size() < 2
            ? Instant.MAX
            : direct.stream()
                .map(SpareConnections::settlesAt)
                .filter(now::isBefore)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    return new Found(spare, nextLook);
  }

  private static Instant settlesAt(Connection connection) {
    return connection.openedAt().plus(Limits.SPARE_GRACE);
  }

  /// One over UDP beside one over TCP is no double: they fail for different reasons.
  private static Map<String, List<Connection>> byTransport(List<Connection> connections) {
    return connections.stream().collect(Collectors.groupingBy(Connection::muxer));
  }

  private static List<Connection> tooMany(List<Connection> alike, boolean oursStays) {
    List<Connection> ours =
        alike.stream()
            .filter(each -> each.direction() == Direction.OUTBOUND)
            .sorted(Comparator.comparing(Connection::openedAt))
            .toList();
    boolean theirsStays = !oursStays && ours.size() < alike.size();
    return theirsStays || ours.isEmpty() ? ours : ours.subList(1, ours.size());
  }
}
