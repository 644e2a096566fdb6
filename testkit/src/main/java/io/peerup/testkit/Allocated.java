package io.peerup.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// Memory that a piece of code asks for, garbage included.
public final class Allocated {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  /// Bytes that this thread allocates in the task; the least of some runs, because the first loads
  /// classes.
  public static long by(Runnable task) {
    long least = Long.MAX_VALUE;
    for (int run = 0; run < 5; run++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      task.run();
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  /// Bytes that all platform threads have allocated until now. What lives shorter than two of these
  /// calls is between them.
  public static long byAllThreads() {
    long sum = 0;
    for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
