package io.peerup.relay.server;

import java.time.Duration;

/// Bounds of the relay as a program, with their reasons.
public final class Limits {

  /// How often connections are compared with who may be here. A removal is also told at once; this
  /// catches what no event tells, well within the second that a removed peer may stay.
  public static final Duration DOOR_INTERVAL = Duration.ofMillis(250);

  /// Connections beyond one for each reservation: strangers, members without a reservation, second
  /// connections of peers that just changed networks.
  public static final int EXTRA_CONNECTIONS = 256;

  /// Connections with one address: a whole office of members may share one.
  public static final int CONNECTIONS_PER_PREFIX = 1024;

  /// Peers that one member, and those it brought, may bring to the relay: a household's devices,
  /// and far from filling `authorized_keys`.
  public static final int VOUCHED_PER_MEMBER_MAX = 16;

  /// Longest authorisation that a request may ask for in seconds: 100 years.
  public static final long EXPIRES_SECONDS_MAX = 100L * 365 * 24 * 3600;

  private Limits() {}
}
