package io.peerup.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/// What of this process is in RAM, as the kernel says.
public final class Resident {

  /// `[bottom, end of what is committed, end)` of a part of the heap; some collectors leave out the
  /// middle one.
  private static final Pattern PART =
      Pattern.compile("\\[0x([0-9a-f]+), (?:0x[0-9a-f]+, )?0x([0-9a-f]+)\\)");

  private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-[0-9a-f]+ .*");

  private static final Path MAPPINGS = Path.of("/proc/self/smaps");

  private Resident() {}

  /// Bytes that are not the Java heap's: everything that no collection frees. -1 where the kernel
  /// does not tell.
  public static long outsideHeap() {
    if (!Files.isReadable(MAPPINGS)) {
      return -1;
    }
    try {
      return outside(heapInfo());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot count resident memory", e);
    } catch (JMException e) {
      throw new IllegalStateException("this virtual machine does not describe its heap", e);
    }
  }

  private static String heapInfo() throws JMException {
    return (String)
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcHeapInfo",
                new Object[0],
                new String[0]);
  }

  private static long outside(String heapInfo) throws IOException {
    long bottom = Long.MAX_VALUE;
    long end = 0;
    for (Matcher part = PART.matcher(heapInfo); part.find(); ) {
      bottom = Math.min(bottom, address(part.group(1)));
      end = Math.max(end, address(part.group(2)));
    }
    if (end == 0) {
      throw new IOException("where is the heap? " + heapInfo);
    }
    long resident = 0;
    boolean heap = false;
    for (String line : Files.readAllLines(MAPPINGS)) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        long start = address(mapping.group(1));
        heap = bottom <= start && start < end;
      } else if (line.startsWith("Rss:") && !heap) {
        resident += Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return resident;
  }

  /// Of user space, so that it is never negative; the kernel's own page at the top is no heap.
  private static long address(String hex) {
    return Long.parseUnsignedLong(hex, 16);
  }
}
