package io.peerup.libp2p;

/// What became of the datagrams of a connection so far.
///
/// @param sent handed to the connection; the network may have lost them
/// @param received came for a stream and were given to its receiver
/// @param unclaimed came for no open stream that takes datagrams, and were dropped
/// @param dropped were ours, and found no room
public record DatagramCounts(long sent, long received, long unclaimed, long dropped) {

  /// Of a connection that has none.
  public static final DatagramCounts NONE = new DatagramCounts(0, 0, 0, 0);
}
