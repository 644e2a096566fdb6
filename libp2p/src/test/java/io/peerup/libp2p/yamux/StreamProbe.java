package io.peerup.libp2p.yamux;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Remembers what a stream's listener was told.
class StreamProbe implements MuxStreamListener {

  int readable;
  int writable;
  int remoteClosed;
  int resets;
  long bytesTaken;
  @Nullable OverlayException cause;
  long code = -1;

  /// How many of the offered bytes onData takes.
  IntUnaryOperator appetite = offered -> 0;

  static StreamProbe on(YamuxStream stream) {
    StreamProbe probe = new StreamProbe();
    stream.listen(probe);
    return probe;
  }

  static StreamProbe takingAll(YamuxStream stream) {
    StreamProbe probe = on(stream);
    probe.appetite = offered -> offered;
    return probe;
  }

  @Override
  public int onData(byte[] source, int offset, int length) {
    int taken = appetite.applyAsInt(length);
    bytesTaken += taken;
    return taken;
  }

  @Override
  public void onReadable() {
    readable++;
  }

  @Override
  public void onWritable() {
    writable++;
  }

  @Override
  public void onRemoteClosed() {
    remoteClosed++;
  }

  @Override
  public void onReset(OverlayException why, long resetCode) {
    resets++;
    cause = why;
    code = resetCode;
  }
}
