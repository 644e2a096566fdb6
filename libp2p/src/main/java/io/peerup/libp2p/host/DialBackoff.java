package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// How often an address may be dialled for peers that are said to be there, until one of them is:
/// whoever tells us addresses, under however many names, does not make us knock at a stranger's
/// door without end. Forgets the addresses not dialled for the longest time. No threads, no clock
/// of its own; thread-safe.
final class DialBackoff {

  /// Addresses remembered: two of each peer in the book, some 200 bytes each.
  static final int ADDRESSES_MAX = 4096;

  /// Dials at once. The schedules that reconnect peers and relays make six in their first minute,
  /// and two of them may have the same address.
  static final int BURST = 8;

  /// Then one such dial in this time, more often than any of our schedules asks by then.
  static final Duration INTERVAL = Duration.ofSeconds(5);

  private final LongSupplier nanoTime;
  private final Map<Multiaddr, TokenBucket> failing =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Multiaddr, TokenBucket> eldest) {
          return size() > ADDRESSES_MAX;
        }
      };

  DialBackoff(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Counts a dial of this address; false if it is one too many.
  synchronized boolean take(Multiaddr address) {
    return failing.computeIfAbsent(address, _ -> new TokenBucket(BURST, INTERVAL, nanoTime)).take();
  }

  /// The peer that we wanted was there.
  synchronized void succeeded(Multiaddr address) {
    failing.remove(address);
  }

  /// The network is another one: old failures say nothing.
  synchronized void clear() {
    failing.clear();
  }

  /// Addresses remembered now.
  synchronized int size() {
    return failing.size();
  }
}
