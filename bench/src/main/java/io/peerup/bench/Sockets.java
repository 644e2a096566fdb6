package io.peerup.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel has counted on each TCP connection of each process, as `ss` shows it.
///
/// @param counts by the line's ends and process
record Sockets(Map<String, Count> counts) {

  /// IPv4 and TCP with timestamps, without a link's own header; IPv6 has 20 bytes more.
  private static final int HEADER_BYTES = 52;

  private static final Pattern PROCESS = Pattern.compile("pid=(\\d+),");

  /// @param bytes of payload, both ways
  /// @param segments both ways, also those that only acknowledge
  record Count(long bytes, long segments) {
    double payload() {
      return bytes;
    }

    double withHeaders() {
      return bytes + (double) segments * HEADER_BYTES;
    }
  }

  static Sockets now() throws IOException, InterruptedException {
    Process ss = new ProcessBuilder("ss", "-tinpOH").redirectErrorStream(true).start();
    String all = new String(ss.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (ss.waitFor() != 0) {
      throw new IOException("ss: " + all);
    }
    Map<String, Count> counts = new LinkedHashMap<>();
    for (String line : all.lines().toList()) {
      Matcher process = PROCESS.matcher(line);
      String[] words = line.trim().split("\\s+", 6);
      if (process.find() && words.length == 6) {
        counts.put(
            process.group(1) + " " + words[3] + " " + words[4],
            new Count(
                number(line, "bytes_sent") + number(line, "bytes_received"),
                number(line, "segs_out") + number(line, "segs_in")));
      }
    }
    return new Sockets(counts);
  }

  /// What came to a process's connections of now; those that ended meanwhile are missing.
  Count since(Sockets before, long process) {
    long bytes = 0;
    long segments = 0;
    for (var each : counts.entrySet()) {
      if (each.getKey().startsWith(process + " ")) {
        Count old = before.counts.getOrDefault(each.getKey(), new Count(0, 0));
        bytes += each.getValue().bytes() - old.bytes();
        segments += each.getValue().segments() - old.segments();
      }
    }
    return new Count(bytes, segments);
  }

  private static long number(String line, String name) {
    Matcher found = Pattern.compile("\\b" + name + ":(\\d+)").matcher(line);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }
}
