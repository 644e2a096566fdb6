package io.peerup.libp2p;

import java.time.Duration;

/// A way to reach addresses that needs other protocols of this host, e.g. circuits. Blocks; runs on
/// a virtual thread.
public interface AddressDialer {

  /// True if this dialer understands the address.
  boolean handles(Multiaddr address);

  /// Dials it and returns an upgraded connection of the host.
  Connection dial(Multiaddr address, PeerExpectation expectation, Duration timeout);
}
