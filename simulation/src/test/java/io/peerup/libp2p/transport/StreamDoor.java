package io.peerup.libp2p.transport;

import io.peerup.libp2p.yamux.YamuxStream;

/// Lets the simulation, which has no threads to block, at the muxer's stream below a
/// [BlockingStream].
public final class StreamDoor {

  private StreamDoor() {}

  public static YamuxStream below(BlockingStream stream) {
    return (YamuxStream) stream.muxStream();
  }
}
