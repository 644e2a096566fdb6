package io.peerup.libp2p.yamux;

import io.peerup.libp2p.OverlayException;

/// What happens to one stream. Called on the session's thread, inside the session's calls. A
/// callback may call the session and its streams, but not [YamuxSession#receive], and must not
/// throw.
public interface YamuxStreamListener {

  /// Ignores everything: the listener of a stream until [YamuxStream#listen].
  YamuxStreamListener NOBODY =
      new YamuxStreamListener() {
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

  /// The buffer was empty and now holds bytes: [YamuxStream#read] or [YamuxStream#drain] them.
  void onReadable();

  /// A call of [YamuxStream#write] took less than offered; now it may take more. Called once per
  /// such call. When several streams wait for the transport they are called in turn, and each turn
  /// takes at most one full frame: write again at once if more is left, and the rest gets the next
  /// turn.
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
  /// [YamuxStream#reset(long)]. Nothing follows. Reads and writes throw from now on; only if the
  /// session ended after the peer's FIN does what is buffered stay readable.
  ///
  /// @param code the peer's error code for a reset (libp2p stream error codes), else 0
  void onReset(OverlayException cause, long code);
}
