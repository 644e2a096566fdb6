package io.peerup.libp2p;

/// Who opened a connection or a stream.
public enum Direction {
  /// They opened it.
  INBOUND,
  /// We opened it.
  OUTBOUND
}
