package io.peerup.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What Netty's leak detectors have found in this JVM. Only for modules with Netty on their class
/// path.
public final class NettyLeaks {

  /// References to what was collected come through a queue of their own thread: a few rounds.
  private static final int ROUNDS = 5;

  private static final int ROUND_MILLIS = 100;

  private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

  private NettyLeaks() {}

  /// From now on; before the first buffer of the JVM, or buffers are not watched.
  static void watch() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
  }

  /// What was found since the last call.
  static List<String> take() {
    List<String> out = new ArrayList<>();
    for (String one = FOUND.poll(); one != null; one = FOUND.poll()) {
      out.add(one);
    }
    return out;
  }

  /// Collects garbage and looks for buffers in it: what was lost and not reported before.
  public static List<String> search() {
    for (int round = 0; round < ROUNDS; round++) {
      System.gc();
      pause();
      // The detector reports when it is asked to watch the next buffer.
      ByteBuf next = PooledByteBufAllocator.DEFAULT.directBuffer(1);
      next.release();
    }
    return take();
  }

  private static void pause() {
    try {
      Thread.sleep(ROUND_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Factory extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // the abstract one of the family, so it must be there
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      return new Detector<>(resource, samplingInterval);
    }
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {

    Detector(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true; // whatever the logger's level is
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      FOUND.add(resourceType + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      FOUND.add(resourceType + " (no trace: run with -Dio.netty.leakDetection.level=paranoid)");
    }
  }
}
