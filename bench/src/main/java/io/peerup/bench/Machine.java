package io.peerup.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/// What the figures were taken on, and what else it was doing.
final class Machine {

  private static final int IDLE_SAMPLE_MILLIS = 400;

  private final Samples othersBusy = new Samples();

  /// Looks, while none of our processes works, how busy the machine is with other things.
  void listen() {
    long[] before = ticks();
    try {
      Thread.sleep(IDLE_SAMPLE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long[] after = ticks();
    double all = after[0] - before[0];
    othersBusy.add(all == 0 ? 0 : 100 * (all - (after[1] - before[1])) / all);
  }

  /// The share of the processors that other work had, in percent.
  String others() {
    return othersBusy.count() == 0 ? "not looked at" : othersBusy.text(0) + " %";
  }

  /// All ticks and idle ones since boot; zeros where /proc is not.
  private static long[] ticks() {
    Path stat = Path.of("/proc/stat");
    if (!Files.isReadable(stat)) {
      return new long[2];
    }
    try {
      long[] parts =
          Arrays.stream(Files.readAllLines(stat).getFirst().split(" +"))
              .skip(1)
              .mapToLong(Long::parseLong)
              .toArray();
      return new long[] {Arrays.stream(parts).limit(8).sum(), parts[3] + parts[4]};
    } catch (IOException cannot) {
      throw new UncheckedIOException(cannot);
    }
  }

  /// Memory of a process that is in RAM now, in MB.
  static double residentMegabytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
      }
    }
    throw new IOException("no VmRSS of process " + pid);
  }

  static String describe() {
    return String.format(
        Locale.ROOT,
        "%d processors (%s), %s %s",
        Runtime.getRuntime().availableProcessors(),
        processor(),
        System.getProperty("os.name"),
        System.getProperty("os.version"));
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.replaceFirst("^[^:]*: *", ""))
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException elsewhere) {
      return System.getProperty("os.arch");
    }
  }
}
