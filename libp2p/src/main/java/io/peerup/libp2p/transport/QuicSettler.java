package io.peerup.libp2p.transport;

import java.time.Duration;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Runs tasks when what a stream has sent has arrived: looks, again and again, until [QuicSettling]
/// is content. On the connection's loop.
final class QuicSettler {

  /// Between looks: the grain of quiche's timers, and this part of a round trip.
  private static final Duration LOOKS = Duration.ofMillis(1);

  private static final int LOOKS_SHARE = 8;

  private final Loop loop;
  private final LongFunction<@Nullable Path> look;

  /// What can be seen of the connection's path.
  ///
  /// @param nothingUnderWay no byte waits for an acknowledgement
  /// @param lost packets, so far
  record Path(boolean nothingUnderWay, long lost, long rttNanos) {}

  /// @param look at the path, for the stream with this id; null: the connection is over
  QuicSettler(Loop loop, LongFunction<@Nullable Path> look) {
    this.loop = loop;
    this.look = look;
  }

  /// Runs the task when what the stream has sent has arrived, or the connection is over; at once if
  /// that is so.
  void whenSettled(long streamId, Runnable task) {
    await(streamId, null, task);
  }

  private void await(long streamId, @Nullable QuicSettling begun, Runnable task) {
    Path path = look.apply(streamId);
    if (path == null) {
      task.run();
      return;
    }
    long now = loop.nanoTime();
    QuicSettling settling = begun == null ? new QuicSettling(now, path.lost()) : begun;
    if (settling.hasSettled(now, path.nothingUnderWay(), path.lost(), path.rttNanos())) {
      task.run();
    } else {
      Duration share = Duration.ofNanos(path.rttNanos() / LOOKS_SHARE);
      var _ =
          loop.after(
              share.compareTo(LOOKS) > 0 ? share : LOOKS, () -> await(streamId, settling, task));
    }
  }
}
