package io.peerup.libp2p.host;

/// Codes that tell a peer why a connection or stream ended (libp2p specs, error-codes; advisory).
final class ErrorCodes {

  static final long CONNECTION_RESOURCE_LIMIT = 0x1001;
  static final long CONNECTION_SUPPLANTED = 0x1004;
  static final long CONNECTION_SHUTDOWN = 0x1006;
  static final long CONNECTION_GATED = 0x1007;

  static final long STREAM_NEGOTIATION_FAILED = 0x1001;
  static final long STREAM_RESOURCE_LIMIT = 0x1002;
  static final long STREAM_PROTOCOL_VIOLATION = 0x1004;
  static final long STREAM_SHUTDOWN = 0x1007;
  static final long STREAM_GATED = 0x1008;

  private ErrorCodes() {}
}
