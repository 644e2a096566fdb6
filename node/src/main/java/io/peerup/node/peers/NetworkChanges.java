package io.peerup.node.peers;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/// Decides whether the machine is in another network: a machine without threads, clock or sockets.
///
/// What counts is the set of addresses that others could reach: neither loopback nor link-local. An
/// address that comes or goes is a change. Having none is no change by itself, since there is
/// nothing to dial with; having one again is, also the same. Changes are told at most once in
/// [Limits#NETWORK_PAUSE], or an interface that comes and goes would make us dial without pause;
/// none is lost by that.
final class NetworkChanges {

  private boolean first = true;
  private boolean pending;
  private Set<InetAddress> last = Set.of();
  private Instant quietUntil = Instant.MIN;

  /// Looks at the addresses of now. True if the network is another one since this was last true.
  boolean look(Collection<InetAddress> addresses, Instant now) {
    Set<InetAddress> counting =
        addresses.stream().filter(NetworkChanges::counts).collect(Collectors.toUnmodifiableSet());
    pending |= !first && !counting.equals(last);
    first = false;
    last = counting;
    if (!pending || last.isEmpty() || now.isBefore(quietUntil)) {
      return false;
    }
    pending = false;
    quietUntil = now.plus(Limits.NETWORK_PAUSE);
    return true;
  }

  /// True if a connection from this address of ours cannot go on: we no longer have it.
  boolean isGone(InetAddress own) {
    return counts(own) && !last.contains(own);
  }

  private static boolean counts(InetAddress address) {
    return !address.isLoopbackAddress()
        && !address.isLinkLocalAddress()
        && !address.isAnyLocalAddress();
  }
}
