package io.peerup.libp2p.transport;

import java.time.Duration;

/// The one thread that owns the state of some connections. Tasks run in the order given, never at
/// the same time, and must not block.
public interface Loop {

  /// True on the loop's own thread.
  boolean inLoop();

  /// Runs the task later on the loop's thread, also when called from it. After the transport has
  /// closed, tasks are dropped.
  void execute(Runnable task);

  /// Runs the task on the loop's thread once the delay has passed.
  Timer after(Duration delay, Runnable task);

  /// A monotonic clock, for intervals.
  long nanoTime();

  /// A task that has yet to run.
  interface Timer {

    /// Forgets the task if it has not run. Any thread.
    void cancel();
  }
}
