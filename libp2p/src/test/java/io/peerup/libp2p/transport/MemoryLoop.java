package io.peerup.libp2p.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/// A loop without a thread: the test runs its tasks and moves its time.
final class MemoryLoop implements Loop {

  private static final int TASKS_MAX = 1_000_000;

  private record Due(long at, long order, Runnable task) {}

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<Due> timers =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
  private long now;
  private long orders;

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    Due due = new Due(now + delay.toNanos(), orders++, task);
    timers.add(due);
    return () -> timers.remove(due);
  }

  @Override
  public long nanoTime() {
    return now;
  }

  /// Runs until nothing is left to do now.
  void quiet() {
    for (int ran = 0; !tasks.isEmpty(); ran++) {
      if (ran == TASKS_MAX) {
        throw new AssertionError("the loop never becomes quiet");
      }
      tasks.remove().run();
    }
  }

  /// How many wait for their time.
  int timers() {
    return timers.size();
  }

  /// Lets time pass, running what falls due.
  void advance(Duration by) {
    long until = now + by.toNanos();
    quiet();
    while (!timers.isEmpty() && timers.peek().at() <= until) {
      Due due = timers.remove();
      now = Math.max(now, due.at());
      due.task().run();
      quiet();
    }
    now = until;
  }
}
