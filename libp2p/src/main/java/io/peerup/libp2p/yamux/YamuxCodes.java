package io.peerup.libp2p.yamux;

/// Codes of go-away and reset frames: yamux/README.md and libp2p `error-codes`. Advisory: unknown
/// ones are accepted and passed on.
public final class YamuxCodes {

  /// Go-away or reset without an error.
  public static final long NONE = 0;

  /// Go-away: the peer broke a rule of yamux itself.
  public static final long GO_AWAY_PROTOCOL_ERROR = 1;

  /// Go-away: our own fault.
  public static final long GO_AWAY_INTERNAL_ERROR = 2;

  /// Connection: a limit is used up.
  public static final long CONNECTION_RESOURCE_LIMIT = 0x1001;

  /// Connection: too many frames that carry nothing.
  public static final long CONNECTION_RATE_LIMITED = 0x1002;

  /// Connection: shutting down.
  public static final long CONNECTION_SHUTDOWN = 0x1006;

  /// Connection: refused by the connection gater.
  public static final long CONNECTION_GATED = 0x1007;

  /// Connection: the code we were asked to send does not fit 32 bits.
  public static final long CONNECTION_CODE_OUT_OF_RANGE = 0x1008;

  /// Stream: no common protocol.
  public static final long STREAM_NEGOTIATION_FAILED = 0x1001;

  /// Stream: a limit is used up.
  public static final long STREAM_RESOURCE_LIMIT = 0x1002;

  /// Stream: a rule of the protocol on top was broken.
  public static final long STREAM_PROTOCOL_VIOLATION = 0x1004;

  /// Stream: nobody uses it any more.
  public static final long STREAM_GARBAGE_COLLECTED = 0x1006;

  /// Stream: shutting down.
  public static final long STREAM_SHUTDOWN = 0x1007;

  /// Stream: refused by the gater.
  public static final long STREAM_GATED = 0x1008;

  /// Stream: the code we were asked to send does not fit 32 bits.
  public static final long STREAM_CODE_OUT_OF_RANGE = 0x1009;

  private YamuxCodes() {}
}
