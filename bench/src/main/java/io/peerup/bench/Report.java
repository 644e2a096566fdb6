package io.peerup.bench;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/// Turns samples into the tables of the document and into [Target]s.
final class Report {

  private final SideBySide sides;
  private final Document document;
  private final StringBuilder versions = new StringBuilder();

  Report(SideBySide sides, Document document) {
    this.sides = sides;
    this.document = document;
  }

  List<Target> direct() throws IOException {
    StringBuilder text = new StringBuilder(head("MB/s up", "MB/s down", "round trip, µs"));
    for (String pair : List.of("raw", "ours-ours", "js-js", "ours-js", "js-ours")) {
      text.append(line(pair));
    }
    document.section("direct", text.toString());
    versions
        .append("- our processes: ")
        .append(sides.versions("ours"))
        .append("\n- js: ")
        .append(sides.versions("js"))
        .append('\n');
    Samples up = sides.samples("ours-ours up");
    return List.of(
        new Target(
            "direct, one stream, over js", true, 2.5, "×", up.dividedBy(sides.samples("js-js up"))),
        new Target(
            "direct, one stream, of plain TCP",
            true,
            0.3,
            "×",
            up.dividedBy(sides.samples("raw up"))),
        new Target(
            "median round trip, of js's",
            false,
            0.5,
            "×",
            sides.samples("ours-ours ping").dividedBy(sides.samples("js-js ping"))));
  }

  List<Target> relayed() throws IOException {
    StringBuilder text = new StringBuilder(head("MB/s up", "MB/s down", "round trip, µs"));
    for (String way : List.of("ours-ours-ours", "js-js-js", "ours-js-ours", "js-ours-js")) {
      text.append(line(way));
    }
    document.section("relayed", text.toString());
    return List.of(
        new Target(
            "relayed up, over js",
            true,
            3,
            "×",
            sides.samples("ours-ours-ours up").dividedBy(sides.samples("js-js-js up"))),
        new Target(
            "relayed down, over js",
            true,
            3,
            "×",
            sides.samples("ours-ours-ours down").dividedBy(sides.samples("js-js-js down"))));
  }

  List<Target> rates() throws IOException {
    StringBuilder text = new StringBuilder("| dialler–listener | connections/s |\n|---|---:|\n");
    for (String pair : List.of("ours-ours", "js-js", "ours-js", "js-ours")) {
      text.append("| ")
          .append(named(pair))
          .append(" | ")
          .append(sides.samples(pair + " rate").text(0))
          .append(" |\n");
    }
    document.section("connections", text.toString());
    return List.of(
        new Target(
            "connections a second, over js",
            true,
            4,
            "×",
            sides.samples("ours-ours rate").dividedBy(sides.samples("js-js rate"))));
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

  List<Target> daemons(Daemons daemons) throws IOException {
    document.section(
        "daemons",
        """
        | application | median (smallest–largest) |
        |---|---:|
        | idle daemon, resident memory, MB | %s |
        | idle relay, resident memory, MB | %s |
        | `daemon status`, whole process, s | %s |
        | `join`, whole process, s | %s |
        """
            .formatted(
                daemons.daemonMegabytes.text(1),
                daemons.relayMegabytes.text(1),
                daemons.statusSeconds.text(2),
                daemons.joinSeconds.text(2)));
    return List.of(
        new Target("idle daemon, resident", false, 96, " MB", daemons.daemonMegabytes),
        new Target("`daemon status`", false, 0.4, " s", daemons.statusSeconds),
        new Target("`join`", false, 2, " s", daemons.joinSeconds));
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

  private String line(String key) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s |%n",
        named(key),
        sides.samples(key + " up").text(0),
        sides.samples(key + " down").text(0),
        sides.samples(key + " ping").text(0));
  }

  private static String named(String key) {
    return key.equals("raw") ? "plain TCP" : key.replace("-", " – ");
  }
}
