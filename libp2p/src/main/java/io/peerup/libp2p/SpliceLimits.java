package io.peerup.libp2p;

import java.time.Duration;

/// Bounds of one splice.
///
/// @param bytesEachWayMax bytes that may pass in each direction; 0 is unlimited
/// @param durationMax how long it may live; zero is unlimited
public record SpliceLimits(long bytesEachWayMax, Duration durationMax) {

  /// No bounds: for circuits between members of an own relay.
  public static final SpliceLimits NONE = new SpliceLimits(0, Duration.ZERO);
}
