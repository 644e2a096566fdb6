package io.peerup.libp2p.identify;

import java.time.Duration;

/// The bounds of identify.
public final class Limits {

  /// Frames of one message, as go-libp2p and js-libp2p accept.
  public static final int FRAMES_MAX = 10;

  /// Longest frame we read, as they do.
  public static final int FRAME_BYTES_MAX = 8 * 1024;

  /// Longest first frame we send: all that rust-libp2p reads.
  public static final int FIRST_FRAME_BYTES_MAX = 4096;

  /// Addresses taken from one message.
  public static final int ADDRESSES_MAX = 500;

  /// Protocols taken from one message; go-libp2p bounds them equally.
  public static final int PROTOCOLS_MAX = 1024;

  /// Longest protocol id taken, that of one multistream token.
  public static final int PROTOCOL_BYTES_MAX = 1024;

  /// Characters kept of version texts.
  public static final int TEXT_MAX = 256;

  /// Time for the whole exchange, in either role: a few kilobytes over a live connection.
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private Limits() {}
}
