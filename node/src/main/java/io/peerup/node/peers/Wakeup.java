package io.peerup.node.peers;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Lets one thread wait for a time or a wake-up, whichever is first. A wake-up that comes while
/// nobody waits counts for the next wait.
public final class Wakeup {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private boolean pending;

  /// Ends the current or next wait.
  public void wake() {
    lock.lock();
    try {
      pending = true;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until [#wake] or for `time`.
  public void await(Duration time) throws InterruptedException {
    lock.lock();
    try {
      long left = time.toNanos();
      while (!pending && left > 0) {
        left = woken.awaitNanos(left);
      }
      pending = false;
    } finally {
      lock.unlock();
    }
  }
}
