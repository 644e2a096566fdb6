package io.peerup.libp2p.yamux;

import io.peerup.libp2p.OverlayException;

/// What happens to a session. Called on the session's thread, inside the session's calls. A
/// callback may call the session and its streams, but not [YamuxSession#receive], and must not
/// throw.
public interface YamuxListener {

  /// The peer opened a stream. Set its listener here with [YamuxStream#listen]; otherwise its bytes
  /// are buffered (up to the window) until someone reads. To refuse it: [YamuxStream#reset(long)].
  void onStream(YamuxStream stream);

  /// Too many control frames wait because the transport takes none: stop reading from it (true), go
  /// on (false). Bytes already read may still be given to the session.
  void onReadingPaused(boolean paused);

  /// The peer announced that it is leaving (code 0 is normal; libp2p connection error codes). No
  /// stream can be opened any more. After code 0 the open streams may finish, and [#onClosed]
  /// follows when the last has; after any other code it follows at once.
  default void onGoAway(long code) {}

  /// The session is over; every stream was told before. Called exactly once. Everything was handed
  /// to the output: flush it and close the transport. `cause` is a
  /// [io.peerup.libp2p.ProtocolViolation] (the peer broke a rule), [io.peerup.libp2p.LimitReached]
  /// (flood, or no room), [io.peerup.libp2p.PeerUnreachable] (closed by either side, silent, or the
  /// transport is gone).
  void onClosed(OverlayException cause);
}
