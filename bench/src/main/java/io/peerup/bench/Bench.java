package io.peerup.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// `./x bench`: measures everything and writes the figures into `docs/performance.md`.
final class Bench {

  /// The table of targets is written when all of them were measured.
  private static final List<String> WITH_TARGETS =
      List.of("direct", "relayed", "connections", "far", "idle", "crowd", "daemons");

  private static final List<String> PARTS =
      List.of("direct", "relayed", "connections", "far", "idle", "crowd", "daemons", "micro");

  /// Each then has ten peers.
  private static final int DEVICES = 11;

  private static final int CLIENTS = 10_000;

  private static final int WARM_UPS = 3;

  private static final String USAGE =
      """
      ./x bench [PART…] [--rounds N] [--seconds S] [--clients N] [--out FILE]
        PART: %s; all by default. relayed brings direct with it
        --rounds   how often each scenario is measured (5)
        --seconds  how long one measurement lasts (1.5)
        --clients  how many a relay carries in crowd (10000)
        --out      the document to write the figures into (docs/performance.md); - for standard output
      """
          .formatted(String.join(", ", PARTS));

  private Bench() {}

  public static void main(String[] args) throws Exception {
    Set<String> parts = new TreeSet<>();
    int rounds = 5;
    double seconds = 1.5;
    int clients = CLIENTS;
    String out = "";
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--rounds" -> rounds = Integer.parseInt(args[++i]);
        case "--seconds" -> seconds = Double.parseDouble(args[++i]);
        case "--clients" -> clients = Integer.parseInt(args[++i]);
        case "--out" -> out = args[++i];
        case String part when PARTS.contains(part) -> parts.add(part);
        default -> {
          System.err.print(USAGE);
          System.exit(2);
        }
      }
    }
    Path root = Path.of(System.getProperty("peerup.root", ".")).toAbsolutePath().normalize();
    Setting setting =
        new Setting(
            root,
            System.getProperty("peerup.bench.node", "node"),
            System.getProperty("java.class.path"),
            root.resolve("bench/target/logs"),
            WARM_UPS,
            rounds,
            seconds,
            DEVICES,
            clients);
    Document document =
        out.equals("-")
            ? Document.print()
            : Document.file(out.isEmpty() ? root.resolve("docs/performance.md") : Path.of(out));
    if (parts.contains("relayed")) {
      parts.add("direct");
    }
    run(setting, parts.isEmpty() ? new TreeSet<>(PARTS) : parts, document);
    System.exit(0);
  }

  /// Measures the parts and writes each section once its figures are complete. Returns the targets
  /// that were measured.
  static List<Target> run(Setting setting, Set<String> parts, Document document) throws Exception {
    Progress progress = new Progress();
    Machine machine = new Machine();
    List<Target> targets = new ArrayList<>();
    try (SideBySide sides = new SideBySide(setting, machine, progress)) {
      Report report = new Report(sides, document);
      if (parts.contains("direct")) {
        sides.direct();
        targets.addAll(report.direct());
      }
      if (parts.contains("relayed")) {
        sides.relayed();
        targets.addAll(report.relayed());
      }
      if (parts.contains("connections")) {
        sides.rates();
        targets.addAll(report.rates());
      }
      if (parts.contains("far")) {
        sides.far();
        targets.addAll(report.far());
      }
      if (parts.contains("idle")) {
        targets.addAll(report.idle(sides.idle()));
      }
      if (parts.contains("crowd")) {
        // Ten thousand clients that speak QUIC need more memory than the machine of these figures
        // has.
        for (Transport transport : Transport.OVER_TCP) {
          try (Crowd crowd = new Crowd(setting, transport, progress)) {
            crowd.run();
            report.add(crowd);
          }
        }
        targets.addAll(report.crowd());
      }
      if (parts.contains("daemons")) {
        try (Daemons daemons = new Daemons(setting, progress)) {
          daemons.run();
          targets.addAll(report.daemons(daemons));
        }
      }
      report.machine(machine, setting);
      if (parts.contains("micro")) {
        progress.say("micro: small pieces of code under JMH");
        new Micro(document, progress).run();
      }
    }
    Report.targets(targets, parts.containsAll(WITH_TARGETS) ? document : Document.none());
    targets.forEach(target -> progress.say(target.row()));
    return targets;
  }
}
