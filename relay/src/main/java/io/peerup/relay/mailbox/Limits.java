package io.peerup.relay.mailbox;

import java.time.Duration;

/// Bounds of the mailbox as a relay runs it; those of the protocol are in
/// [io.peerup.pairing.mailbox.Limits].
public final class Limits {

  /// How often messages and capabilities whose time is over are thrown away without anybody asking.
  public static final Duration PURGE_INTERVAL = Duration.ofMinutes(1);

  private Limits() {}
}
