package io.peerup.node.services;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Datagrams on their way from one side of a flow to the other: bounded, and what does not fit is
/// dropped, as a network does. One thread takes.
final class Flow {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean ended;

  /// False: dropped.
  boolean offer(byte[] datagram) {
    lock.lock();
    try {
      if (ended
          || waiting.size() >= Limits.FLOW_DATAGRAMS_MAX
          || waitingBytes + datagram.length > Limits.FLOW_BYTES_MAX) {
        return false;
      }
      waiting.add(datagram);
      waitingBytes += datagram.length;
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// The next datagram; null once the flow has ended or when none came for so long.
  byte @Nullable [] take(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (waiting.isEmpty() && !ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      byte @Nullable [] next = ended ? null : waiting.poll();
      if (next != null) {
        waitingBytes -= next.length;
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /// What waits is dropped. Idempotent.
  void end() {
    lock.lock();
    try {
      ended = true;
      waiting.clear();
      waitingBytes = 0;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  boolean hasEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }
}
