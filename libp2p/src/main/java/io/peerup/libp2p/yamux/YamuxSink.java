package io.peerup.libp2p.yamux;

/// Takes bytes out of a stream's buffer without a copy in between; see [YamuxStream#drain].
@FunctionalInterface
public interface YamuxSink {

  /// Takes 0 to `length` bytes and returns how many. The array is valid only during the call.
  int take(byte[] source, int offset, int length);
}
