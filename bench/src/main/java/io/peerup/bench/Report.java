package io.peerup.bench;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// Turns samples into the tables of the document and into [Target]s.
final class Report {

  private final SideBySide sides;
  private final Document document;
  private final StringBuilder versions = new StringBuilder();
  private final List<Crowd> crowds = new ArrayList<>();

  Report(SideBySide sides, Document document) {
    this.sides = sides;
    this.document = document;
  }

  List<Target> direct() throws IOException {
    StringBuilder text =
        new StringBuilder(
            head(
                "MB/s up",
                "down",
                "16 streams",
                "both ways",
                "1 B: p50, µs",
                "p99",
                "1 KiB: p50",
                "p99"));
    text.append(
        "| plain TCP | %s | %s | | | %s |%n"
            .formatted(
                sides.samples("raw up").text(0),
                sides.samples("raw down").text(0),
                requests("raw")));
    for (String stack : SideBySide.STACKS) {
      for (Transport transport : Transport.ALL) {
        String key = stack + " " + transport.key();
        text.append(
            "| %s, %s | %s | %s | %s | %s | %s |%n"
                .formatted(
                    stack,
                    transport.label,
                    sides.samples(key + " up").text(0),
                    sides.samples(key + " down").text(0),
                    sides.samples(key + " many").text(0),
                    sides.samples(key + " both").text(0),
                    requests(key)));
      }
    }
    text.append(
        """

        The ciphers alone, sealing and opening on one core: ChaCha20-Poly1305 at 65 519 bytes %s MB/s, AES-128-GCM at
        16 256 bytes %s MB/s (SunJCE).
        """
            .formatted(sides.samples("chacha").text(0), sides.samples("aes").text(0)));
    document.section("direct", text.toString());
    proxied();
    versions
        .append("- our processes: ")
        .append(sides.versions("ours"))
        .append("\n- js: ")
        .append(sides.versions("js"))
        .append('\n');
    List<Target> targets = new ArrayList<>();
    for (Transport transport : Transport.ALL) {
      Samples up = sides.samples("ours " + transport.key() + " up");
      targets.add(
          atLeast(
              transport.label + ", one stream, of plain TCP",
              ofTcp(transport),
              up.dividedBy(sides.samples("raw up"))));
      targets.add(
          atLeast(
              transport.label + ", one stream, over js",
              1,
              up.dividedBy(sides.samples("js " + transport.key() + " up"))));
      targets.add(
          atLeast(
              transport.label + ", 16 streams, of one",
              1,
              sides.samples("ours " + transport.key() + " many").dividedBy(up)));
      targets.add(
          atMost(
              transport.label + ", request of 1 byte, p50, of plain TCP's",
              1.5,
              "×",
              sides.samples("ours " + transport.key() + " 1").dividedBy(sides.samples("raw 1"))));
      targets.add(
          atMost(
              transport.label + ", request of 1 byte, p99 beyond twice plain TCP's",
              0.2,
              " ms",
              sides
                  .tail("ours " + transport.key() + " 1")
                  .minus(2, sides.tail("raw 1"))
                  .times(0.001)));
    }
    return targets;
  }

  private void proxied() throws IOException {
    StringBuilder text =
        new StringBuilder(
            head("MB/s up", "down", "1 B: p50, µs", "p99", "1 KiB: p50", "p99", "up, of direct"));
    for (Transport transport : Transport.ALL) {
      String key = "ours " + transport.key();
      Samples up = sides.samples("proxied " + key + " up");
      text.append(
          "| %s | %s | %s | %s | %s |%n"
              .formatted(
                  transport.label,
                  up.text(0),
                  sides.samples("proxied " + key + " down").text(0),
                  requests("proxied " + key),
                  up.dividedBy(sides.samples(key + " up")).text(2)));
    }
    document.section("proxied", text.toString());
  }

  private static double ofTcp(Transport transport) {
    return switch (transport) {
      case NOISE -> 0.38;
      case TLS -> 0.5;
      case QUIC -> 0.18;
    };
  }

  private String requests(String key) {
    return "%s | %s | %s | %s"
        .formatted(
            sides.samples(key + " 1").text(0),
            sides.tail(key + " 1").text(0),
            sides.samples(key + " 1024").text(0),
            sides.tail(key + " 1024").text(0));
  }

  /// After [#direct], whose figures it needs.
  List<Target> relayed() throws IOException {
    StringBuilder text =
        new StringBuilder(
            head("MB/s up", "down", "1 B: p50, µs", "p99", "1 KiB: p50", "p99", "up, of direct"));
    List<Target> targets = new ArrayList<>();
    for (String stack : SideBySide.STACKS) {
      for (Transport transport : Transport.ALL) {
        String key = stack + " " + transport.key();
        Samples up = sides.samples("relayed " + key + " up");
        Samples share = up.dividedBy(sides.samples(key + " up"));
        text.append(
            "| %s, %s | %s | %s | %s | %s |%n"
                .formatted(
                    stack,
                    transport.label,
                    up.text(0),
                    sides.samples("relayed " + key + " down").text(0),
                    requests("relayed " + key),
                    share.text(2)));
        if (stack.equals("ours")) {
          targets.add(atLeast(transport.label + ", relayed, of direct", 0.35, share));
        }
      }
    }
    text.append(
        "| ours, one noise over a plain splice | %s | %s | %s | %s |%n"
            .formatted(
                sides.samples("spliced up").text(0),
                sides.samples("spliced down").text(0),
                requests("spliced"),
                sides.samples("spliced up").dividedBy(sides.samples("ours noise up")).text(2)));
    document.section("relayed", text.toString());
    return targets;
  }

  List<Target> rates() throws IOException {
    StringBuilder text = new StringBuilder("| connections/s | ours | js |\n|---|---:|---:|\n");
    List<Target> targets = new ArrayList<>();
    for (Transport transport : Transport.ALL) {
      Samples ours = sides.samples("ours " + transport.key() + " rate");
      Samples js = sides.samples("js " + transport.key() + " rate");
      text.append("| %s | %s | %s |%n".formatted(transport.label, ours.text(0), js.text(0)));
      targets.add(
          atLeast(
              transport.label + ", connections a second, over js",
              transport == Transport.NOISE ? 6 : 3,
              ours.dividedBy(js)));
    }
    document.section("connections", text.toString());
    return targets;
  }

  List<Target> far() throws IOException {
    StringBuilder text =
        new StringBuilder("| MB/s up, one stream | ours | js |\n|---|---:|---:|\n");
    List<Target> targets = new ArrayList<>();
    for (Transport transport : Transport.ALL) {
      Samples ours = sides.samples("far ours " + transport.key() + " up");
      Samples js = sides.samples("far js " + transport.key() + " up");
      text.append("| %s | %s | %s |%n".formatted(transport.label, ours.text(0), js.text(0)));
      targets.add(
          new Target(
              transport.label + ", one stream at 60 ms, 1 Gbit/s", true, 125, " MB/s", ours));
    }
    document.section("far", text.toString());
    return targets;
  }

  private static Target atLeast(String what, double bound, Samples ratio) {
    return new Target(what, true, bound, "×", ratio);
  }

  private static Target atMost(String what, double bound, String unit, Samples samples) {
    return new Target(what, false, bound, unit, samples);
  }

  List<Target> idle(SideBySide.Idle idle) throws IOException {
    document.section(
        "idle",
        String.format(
            Locale.ROOT,
            """
            | each of 1 000 idle connections | heap, KiB |
            |---|---:|
            | side that dialled | %.2f |
            | side that listens | %.2f |

            Resident memory of the whole listening process with all of them open: %.0f MB.
            """,
            idle.dialing().median(),
            idle.listening().median(),
            idle.residentMegabytes().median()));
    return List.of(
        new Target("heap of an idle connection, dialling", false, 10, " KiB", idle.dialing()),
        new Target("heap of an idle connection, listening", false, 10, " KiB", idle.listening()));
  }

  void add(Crowd crowd) {
    crowds.add(crowd);
  }

  List<Target> crowd() throws IOException {
    StringBuilder text = new StringBuilder("| |");
    crowds.forEach(each -> text.append(' ').append(each.transport.label).append(" |"));
    text.append("\n|---|").append("---:|".repeat(crowds.size())).append('\n');
    row(text, "heap for each client, kB", each -> each.heap.text(2));
    row(text, "memory beside the heap for each, kB", each -> each.other.text(2));
    row(text, "the whole relay, resident, MB", each -> each.residentMegabytes.text(0));
    row(text, "the relay's processor time, all idle, %", each -> each.idlePercent.text(0));
    row(text, "ping of an idle client, p50, ms", each -> each.quietPing.text(2));
    row(text, "the same, p99, ms", each -> each.quietTail.text(2));
    row(text, "all circuits together, MB/s", each -> each.throughput.text(0));
    row(text, "fairness among them (Jain's index)", each -> each.fairness.text(3));
    row(text, "the slowest, of the median", each -> each.slowestOfMedian.text(2));
    row(text, "ping of an idle client meanwhile, p50, ms", each -> each.busyPing.text(2));
    row(text, "the same, p99, ms", each -> each.busyTail.text(2));
    Crowd first = crowds.getFirst();
    text.append(
        String.format(
            Locale.ROOT,
            "%n%,d idle clients, %d circuits between others.%n",
            first.clients(),
            first.circuits()));
    document.section("crowd", text.toString());
    return crowds.stream()
        .map(each ->
            new Target(
                each.transport.label + ", a relay's memory for an idle client",
                false,
                10,
                " kB",
                each.both))
        .toList();
  }

  private void row(StringBuilder text, String what, Function<Crowd, String> figure) {
    text.append("| ").append(what).append(" |");
    crowds.forEach(each -> text.append(' ').append(figure.apply(each)).append(" |"));
    text.append('\n');
  }

  List<Target> daemons(Daemons daemons) throws IOException {
    document.section(
        "daemons",
        """
        | application | median (smallest–largest) |
        |---|---:|
        | a java that does nothing, whole process, s | %s |
        | `daemon status`, whole process, s | %s |
        | `--help`, whole process, s | %s |
        | daemon, from its start until it is ready, s | %s |
        | `join`, whole process, s | %s |
        | idle daemon with 10 peers, resident memory, MB | %s |
        | idle relay, resident memory, MB | %s |
        | idle daemon with 10 peers, payload of its connections both ways, kB/h | %s |
        | the same with the headers of TCP and IP, kB/h | %s |
        """
            .formatted(
                daemons.javaSeconds.text(3),
                daemons.statusSeconds.text(3),
                daemons.helpSeconds.text(3),
                daemons.readySeconds.text(3),
                daemons.joinSeconds.text(2),
                daemons.daemonMegabytes.text(1),
                daemons.relayMegabytes.text(1),
                daemons.payloadKilobytes.text(0),
                daemons.wireKilobytes.text(0)));
    return List.of(
        new Target("`daemon status`", false, 0.15, " s", daemons.statusSeconds),
        new Target("`--help`", false, 0.12, " s", daemons.helpSeconds),
        new Target("daemon ready", false, 0.5, " s", daemons.readySeconds),
        new Target("`join`", false, 2, " s", daemons.joinSeconds),
        new Target(
            "idle daemon with 10 peers, resident", false, 64, " MB", daemons.daemonMegabytes),
        new Target(
            "idle daemon with 10 peers, payload an hour",
            false,
            200,
            " kB",
            daemons.payloadKilobytes));
  }

  void machine(Machine machine, Setting setting) throws IOException {
    document.section(
        "machine",
        String.format(
            Locale.ROOT,
            "- machine: %s\n%s- date: %s; %d rounds of %.1f s; processors busy with other work"
                + " between rounds: %s\n",
            Machine.describe(),
            versions,
            LocalDate.now(ZoneOffset.UTC),
            setting.rounds(),
            setting.seconds(),
            machine.others()));
  }

  static void targets(List<Target> targets, Document document) throws IOException {
    StringBuilder text =
        new StringBuilder("| | to reach | measured | reached |\n|---|---|---|---|\n");
    targets.forEach(each -> text.append(each.row()).append('\n'));
    document.section("targets", text.toString());
  }

  private static String head(String... columns) {
    StringBuilder text = new StringBuilder("| |");
    StringBuilder rule = new StringBuilder("|---|");
    for (String column : columns) {
      text.append(' ').append(column).append(" |");
      rule.append("---:|");
    }
    return text.append('\n').append(rule).append('\n').toString();
  }
}
