package io.peerup.libp2p.muxer;

import io.peerup.libp2p.OverlayException;

/// What happens to one stream. Called on the thread that owns the connection, inside its calls. A
/// callback may call the connection's streams and must not throw.
public interface MuxStreamListener {

  /// Ignores everything: the listener of a stream until [MuxStream#listen].
  MuxStreamListener NOBODY =
      new MuxStreamListener() {
        @Override
        public void onReadable() {}

        @Override
        public void onWritable() {}

        @Override
        public void onRemoteClosed() {}

        @Override
        public void onReset(OverlayException cause, long code) {}
      };

  /// Bytes arrived while nothing is buffered: a chance to take them without a copy. Returns how
  /// many were taken (0 to `length`); the rest is buffered, and [#onReadable] follows. The array
  /// belongs to the caller and is valid only during the call. Taken bytes count as read: credit
  /// goes back for them.
  default int onData(byte[] source, int offset, int length) {
    return 0;
  }

  /// The buffer was empty and now holds bytes: [MuxStream#drain] them.
  void onReadable();

  /// A call of [MuxStream#write] took less than offered; now it may take more. Called once per such
  /// call. When several streams wait for the transport they are called in turn, and each turn takes
  /// at most one full frame: write again at once if more is left, and the rest gets the next turn.
  void onWritable();

  /// Memory is short: gives back what is idle, and says how many bytes this listener holds for its
  /// stream beside what the session buffers.
  default int trimmed() {
    return 0;
  }

  /// The peer's FIN came: after what is buffered, reads return -1.
  void onRemoteClosed();

  /// The stream was reset by the peer ([io.peerup.libp2p.StreamReset]) or by a limit of ours
  /// ([io.peerup.libp2p.LimitReached]), or the session ended (its cause). Not called for our own
  /// [MuxStream#reset(long)]. Nothing follows. Reads and writes throw from now on; only if the
  /// session ended after the peer's FIN does what is buffered stay readable.
  ///
  /// @param code the peer's error code for a reset (libp2p stream error codes), else 0
  void onReset(OverlayException cause, long code);

  /// The peer reads no more (QUIC: STOP_SENDING), but may still write: only writing has ended.
  /// Unless told otherwise that is as good as a reset.
  default void onStopped(OverlayException cause) {
    onReset(cause, 0);
  }
}
