package io.peerup.libp2p.host;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerId;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Counts connections against [HostLimits]: strangers by IP prefix, peers by id. When all places
/// for unfinished handshakes are taken, a newcomer takes the oldest one of the most crowded prefix,
/// unless its own is the most crowded: a flood from few places shuts out only itself. Pure
/// bookkeeping; thread-safe, because sockets are accepted on every loop.
final class Admission {

  /// IPv6 addresses are counted by their first 56 bits, see [HostLimits].
  private static final int V6_PREFIX_BYTES = 7;

  private final HostLimits limits;
  private int connections;
  private int halfOpen;
  private final Map<String, Integer> halfOpenByPrefix = new HashMap<>();
  private final Set<Place> halfOpenPlaces = new LinkedHashSet<>();
  private final Map<String, Integer> inboundByPrefix = new HashMap<>();
  private final Map<PeerId, Integer> byPeer = new HashMap<>();

  Admission(HostLimits limits) {
    this.limits = limits;
  }

  /// A place for one inbound connection from `remote` (null: through a relay, no address of its
  /// own), or the name of the limit that is reached.
  synchronized Place inbound(@Nullable InetAddress remote) {
    boolean loopback = remote != null && remote.isLoopbackAddress();
    String prefix = remote == null || loopback ? "" : prefix(remote);
    int perPrefix = loopback ? limits.halfOpenFromLoopback() : limits.halfOpenPerPrefix();
    String halfOpenKey = remote == null ? "relayed" : loopback ? "loopback" : prefix;
    if (remote != null) {
      check(
          halfOpenByPrefix.getOrDefault(halfOpenKey, 0),
          perPrefix,
          "unfinished handshakes from one address range");
    }
    if (!prefix.isEmpty()) {
      check(
          inboundByPrefix.getOrDefault(prefix, 0),
          limits.connectionsPerPrefix(),
          "connections from one address range");
    }
    if (halfOpen >= limits.halfOpen() && !makeRoomFor(halfOpenKey)) {
      check(halfOpen, limits.halfOpen(), "unfinished handshakes in total");
    }
    checkTotal();
    if (!prefix.isEmpty()) {
      inboundByPrefix.merge(prefix, 1, Integer::sum);
    }
    connections++;
    halfOpen++;
    halfOpenByPrefix.merge(halfOpenKey, 1, Integer::sum);
    Place place = new Place(prefix, halfOpenKey);
    halfOpenPlaces.add(place);
    return place;
  }

  private boolean makeRoomFor(String newcomer) {
    String crowded =
        Collections.max(halfOpenByPrefix.entrySet(), Map.Entry.comparingByValue()).getKey();
    if (halfOpenByPrefix.getOrDefault(crowded, 0) <= halfOpenByPrefix.getOrDefault(newcomer, 0)) {
      return false;
    }
    halfOpenPlaces.stream()
        .filter(place -> place.halfOpenKey.equals(crowded))
        .findFirst()
        .ifPresent(Place::evict);
    return true;
  }

  /// A place for one connection that we dial. Throws [LimitReached].
  synchronized Place outbound() {
    checkTotal();
    connections++;
    return new Place("", "");
  }

  /// Connections now, unfinished ones included.
  synchronized int connections() {
    return connections;
  }

  /// Handshakes of inbound connections in progress now.
  synchronized int halfOpen() {
    return halfOpen;
  }

  /// One connection's share of the limits, from accept or dial until [#release()].
  final class Place {
    private final String prefix;
    private final String halfOpenKey;
    private boolean stillHalfOpen;
    private boolean released;
    private boolean evicted;
    private @Nullable PeerId peer;
    private Runnable onEviction = Admission::nothing;

    private Place(String prefix, String halfOpenKey) {
      this.prefix = prefix;
      this.halfOpenKey = halfOpenKey;
      this.stillHalfOpen = !halfOpenKey.isEmpty();
    }

    /// What to do when the place is given to somebody else before the handshake is done; must not
    /// block.
    void onEviction(Runnable task) {
      boolean tooLate;
      synchronized (Admission.this) {
        onEviction = task;
        tooLate = evicted;
      }
      if (tooLate) {
        task.run();
      }
    }

    private void evict() {
      evicted = true;
      Runnable task = onEviction;
      release();
      task.run();
    }

    /// The handshake is done. Throws [LimitReached] if this peer has too many connections; the
    /// place must then be released.
    void establish(PeerId authenticated) {
      synchronized (Admission.this) {
        if (evicted) {
          throw new LimitReached("the handshake's place was given to another");
        }
        endHalfOpen();
        check(
            byPeer.getOrDefault(authenticated, 0),
            limits.connectionsPerPeer(),
            "connections with one peer");
        byPeer.merge(authenticated, 1, Integer::sum);
        peer = authenticated;
      }
    }

    /// Gives the place back. Idempotent.
    void release() {
      synchronized (Admission.this) {
        if (released) {
          return;
        }
        released = true;
        connections--;
        endHalfOpen();
        if (!prefix.isEmpty()) {
          decrement(inboundByPrefix, prefix);
        }
        Optional.ofNullable(peer).ifPresent(id -> decrement(byPeer, id));
      }
    }

    private void endHalfOpen() {
      if (stillHalfOpen) {
        stillHalfOpen = false;
        onEviction = Admission::nothing; // it holds the whole handshake
        halfOpenPlaces.remove(this);
        halfOpen--;
        decrement(halfOpenByPrefix, halfOpenKey);
      }
    }
  }

  private void checkTotal() {
    check(connections, limits.connections(), "connections in total");
  }

  private static void check(int now, int max, String what) {
    if (now >= max) {
      throw new LimitReached("this node's limit of " + max + " " + what + " is reached");
    }
  }

  private static void nothing() {}

  private static <K> void decrement(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (ignored, count) -> count == 1 ? null : count - 1);
  }

  private static String prefix(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of()
        .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, V6_PREFIX_BYTES) : bytes);
  }
}
