package io.peerup.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the kernel has counted on each TCP connection of each process, as `ss` shows it, and of all
/// UDP together, of which it counts datagrams only: what is left of the loopback interface's bytes.
///
/// @param counts by the line's ends and process
/// @param loopbackBytes of all packets of the machine with itself
/// @param datagrams of UDP that came
record Sockets(Map<String, Count> counts, long loopbackBytes, Datagrams datagrams) {

  /// Over IPv4.
  private static final int TCP_HEADER_BYTES = 20 + 32;

  private static final int UDP_HEADER_BYTES = 20 + 8;

  /// What IPv6 has more.
  private static final int IPV6_MORE_BYTES = 20;

  private static final Count NOTHING = new Count(0, 0, 0);

  private static final Path LOOPBACK = Path.of("/sys/class/net/lo/statistics/rx_bytes");

  private static final Pattern PROCESS = Pattern.compile("pid=(\\d+),");

  /// @param bytes of payload, both ways
  /// @param segments both ways, also those that only acknowledge
  /// @param headerBytes of all these segments
  record Count(long bytes, long segments, long headerBytes) {
    double payload() {
      return bytes;
    }

    double withHeaders() {
      return (double) bytes + headerBytes;
    }
  }

  /// Counted by version of IP.
  record Datagrams(long ipv4, long ipv6) {}

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
        boolean ipv6 = words[3].startsWith("[") && !words[3].startsWith("[::ffff:");
        long segments = number(line, "segs_out") + number(line, "segs_in");
        counts.put(
            process.group(1) + " " + words[3] + " " + words[4],
            new Count(
                number(line, "bytes_sent") + number(line, "bytes_received"),
                segments,
                segments * (TCP_HEADER_BYTES + (ipv6 ? IPV6_MORE_BYTES : 0))));
      }
    }
    long loopback = Long.parseLong(Files.readString(LOOPBACK).trim());
    return new Sockets(
        counts,
        loopback,
        new Datagrams(
            counter("/proc/net/snmp", "(?s)Udp: InDatagrams.*?Udp: (\\d+)"),
            counter("/proc/net/snmp6", "Udp6InDatagrams\\s+(\\d+)")));
  }

  private static long counter(String file, String pattern) throws IOException {
    Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  /// Everything of UDP since then, each datagram once.
  Count udpSince(Sockets before) {
    double tcp = 0;
    for (var each : counts.entrySet()) {
      Count old = before.counts.getOrDefault(each.getKey(), NOTHING);
      // Both ends of a connection are in the list, and each counts both ways.
      tcp += (each.getValue().withHeaders() - old.withHeaders()) / 2;
    }
    long ipv4 = datagrams.ipv4() - before.datagrams.ipv4();
    long ipv6 = datagrams.ipv6() - before.datagrams.ipv6();
    long headers = ipv4 * UDP_HEADER_BYTES + ipv6 * (UDP_HEADER_BYTES + IPV6_MORE_BYTES);
    long all = loopbackBytes - before.loopbackBytes - Math.round(tcp);
    return new Count(Math.max(0, all - headers), ipv4 + ipv6, headers);
  }

  /// What came to a process's connections of now; those that ended meanwhile are missing.
  Count since(Sockets before, long process) {
    long bytes = 0;
    long segments = 0;
    long headers = 0;
    for (var each : counts.entrySet()) {
      if (each.getKey().startsWith(process + " ")) {
        Count old = before.counts.getOrDefault(each.getKey(), NOTHING);
        bytes += each.getValue().bytes() - old.bytes();
        segments += each.getValue().segments() - old.segments();
        headers += each.getValue().headerBytes() - old.headerBytes();
      }
    }
    return new Count(bytes, segments, headers);
  }

  private static long number(String line, String name) {
    Matcher found = Pattern.compile("\\b" + name + ":(\\d+)").matcher(line);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }
}
