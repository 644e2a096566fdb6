package io.peerup.libp2p.host;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerId;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Counts connections against [HostLimits]: strangers by IP prefix, peers by id. When all places
/// for unfinished handshakes are taken, a newcomer takes one from the most crowded network, there
/// from the most crowded prefix, there the oldest, unless it comes from as crowded a place itself:
/// a flood from few places shuts out only itself, however many addresses one network has. Pure
/// bookkeeping; thread-safe, because sockets are accepted on every loop.
final class Admission {

  /// IPv6 addresses are counted by their first 56 bits, see [HostLimits].
  private static final int V6_PREFIX_BYTES = 7;

  /// What one organisation commonly has: an IPv4 /24 (nothing smaller is routed on its own), an
  /// IPv6 /48 (RFC 6177). No limit of its own, because carriers put thousands of households behind
  /// one; it only says whose places go first.
  private static final int V4_NETWORK_BYTES = 3;

  private static final int V6_NETWORK_BYTES = 6;

  /// See [#crowded].
  private static final int DOUBT_SHARE = 8;

  private static final int DOUBT_SHARE_OF_PREFIX = 4;

  /// Where a connection comes from: what is counted, and the network that is in.
  private record Source(String prefix, String network) {

    static Source of(@Nullable InetAddress remote) {
      if (remote == null) {
        return new Source("relayed", "relayed");
      }
      byte[] bytes = remote.getAddress();
      boolean v6 = remote instanceof Inet6Address;
      return new Source(
          first(bytes, v6 ? V6_PREFIX_BYTES : bytes.length),
          first(bytes, v6 ? V6_NETWORK_BYTES : V4_NETWORK_BYTES));
    }

    private static String first(byte[] address, int count) {
      return HexFormat.of().formatHex(address, 0, count);
    }
  }

  private final HostLimits limits;
  private int connections;
  private int halfOpen;
  private final Map<String, Integer> halfOpenByPrefix = new HashMap<>();
  private final Map<String, Integer> halfOpenByNetwork = new HashMap<>();
  private final Set<Place> halfOpenPlaces = new LinkedHashSet<>();
  private final Map<String, Integer> inboundByPrefix = new HashMap<>();
  private final Map<PeerId, Integer> byPeer = new HashMap<>();
  private final Comparator<Source> crowd =
      Comparator.<Source>comparingInt(source -> halfOpenByNetwork.getOrDefault(source.network, 0))
          .thenComparingInt(source -> halfOpenByPrefix.getOrDefault(source.prefix, 0));

  Admission(HostLimits limits) {
    this.limits = limits;
  }

  /// A place for one inbound connection from `remote` (null: through a relay, no address of its
  /// own), or the name of the limit that is reached.
  synchronized Place inbound(@Nullable InetAddress remote) {
    boolean loopback = remote != null && remote.isLoopbackAddress();
    Source source = Source.of(remote);
    String prefix = remote == null || loopback ? "" : source.prefix;
    if (remote != null) {
      check(
          halfOpenByPrefix.getOrDefault(source.prefix, 0),
          loopback ? limits.halfOpenFromLoopback() : limits.halfOpenPerPrefix(),
          "unfinished handshakes from one address range");
    }
    if (!prefix.isEmpty()) {
      check(
          inboundByPrefix.getOrDefault(prefix, 0),
          limits.connectionsPerPrefix(),
          "connections from one address range");
    }
    if (halfOpen >= limits.halfOpen() && !makeRoomFor(source)) {
      check(halfOpen, limits.halfOpen(), "unfinished handshakes in total");
    }
    checkTotal();
    if (!prefix.isEmpty()) {
      inboundByPrefix.merge(prefix, 1, Integer::sum);
    }
    connections++;
    halfOpen++;
    halfOpenByPrefix.merge(source.prefix, 1, Integer::sum);
    halfOpenByNetwork.merge(source.network, 1, Integer::sum);
    Place place = new Place(prefix, source);
    halfOpenPlaces.add(place);
    return place;
  }

  private boolean makeRoomFor(Source newcomer) {
    @Nullable Place victim = null;
    Source crowded = newcomer;
    for (Place place : halfOpenPlaces) { // oldest first
      Source source = place.halfOpenSource;
      if (source != null && crowd.compare(source, crowded) > 0) {
        victim = place;
        crowded = source;
      }
    }
    if (victim == null) {
      return false;
    }
    victim.evict();
    return true;
  }

  /// A place for one connection that we dial. Throws [LimitReached].
  synchronized Place outbound() {
    checkTotal();
    connections++;
    return new Place("", null);
  }

  /// Whether there are so many unfinished handshakes, in all or from the range of this address,
  /// that a newcomer whose address is not proven should prove it first: an eighth of the places, or
  /// a fourth of those of its range.
  synchronized boolean crowded(InetAddress remote) {
    int prefixMax =
        remote.isLoopbackAddress() ? limits.halfOpenFromLoopback() : limits.halfOpenPerPrefix();
    return halfOpen >= limits.halfOpen() / DOUBT_SHARE
        || halfOpenByPrefix.getOrDefault(Source.of(remote).prefix, 0)
            >= prefixMax / DOUBT_SHARE_OF_PREFIX;
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
    private @Nullable Source halfOpenSource;
    private boolean released;
    private boolean evicted;
    private @Nullable PeerId peer;
    private Runnable onEviction = Admission::nothing;

    /// @param halfOpenSource null: nothing to finish
    private Place(String prefix, @Nullable Source halfOpenSource) {
      this.prefix = prefix;
      this.halfOpenSource = halfOpenSource;
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
      Source source = halfOpenSource;
      if (source != null) {
        halfOpenSource = null;
        onEviction = Admission::nothing; // it holds the whole handshake
        halfOpenPlaces.remove(this);
        halfOpen--;
        decrement(halfOpenByPrefix, source.prefix);
        decrement(halfOpenByNetwork, source.network);
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
}
