package io.peerup.testkit;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What this process holds on to. For modules with Netty on their class path; open files are and
/// resident memory are counted on Linux and are -1 elsewhere.
///
/// @param heapBytes live objects, after a collection
/// @param directBytes memory outside the heap that buffers of the JDK and of Netty hold
/// @param nativeBytes resident memory that is not the heap's: of libraries, the virtual machine,
///   stacks, and `directBytes` too
/// @param platformThreads of the operating system
/// @param virtualThreads that have not ended
/// @param files open file descriptors, sockets included
public record Usage(
    long heapBytes,
    long directBytes,
    long nativeBytes,
    int platformThreads,
    long virtualThreads,
    long files) {

  /// Collects garbage and measures.
  public static Usage now() {
    long heap = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc(); // what a reference queue hands on is garbage in the next round
      heap = Math.min(heap, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return new Usage(
        heap,
        direct(),
        Resident.outsideHeap(),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        virtual(),
        openFiles());
  }

  private static long direct() {
    long jdk =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    // Not all of Netty's memory is counted by the JDK; what both count is counted twice each time.
    long netty =
        ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider counting
            ? counting.metric().usedDirectMemory()
            : 0;
    return jdk + netty + UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  private static long virtual() {
    try {
      Path folder = Files.createTempDirectory("peerup-threads");
      Path dump = folder.resolve("threads.txt");
      try {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .dumpThreads(
                dump.toAbsolutePath().toString(),
                HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        try (Stream<String> lines = Files.lines(dump)) {
          return lines.filter(line -> line.startsWith("#") && line.contains(" virtual ")).count();
        }
      } finally {
        Files.deleteIfExists(dump);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot dump the threads", e);
    }
  }

  private static long openFiles() {
    Path descriptors = Path.of("/proc/self/fd");
    if (!Files.isDirectory(descriptors)) {
      return -1;
    }
    try (Stream<Path> open = Files.list(descriptors)) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot count open files", e);
    }
  }
}
