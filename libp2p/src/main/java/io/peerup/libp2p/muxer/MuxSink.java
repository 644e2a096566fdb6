package io.peerup.libp2p.muxer;

/// Takes bytes out of a stream's buffer without a copy in between; see [MuxStream#drain].
@FunctionalInterface
public interface MuxSink {

  /// Takes 0 to `length` bytes and returns how many. The array is valid only during the call.
  int take(byte[] source, int offset, int length);
}
