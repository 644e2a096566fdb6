package io.peerup.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.Needs;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// That the benchmarks run; what they measure in so short a time means nothing.
@Timeout(300)
class BenchIT {

  private static final Path ROOT =
      Path.of(System.getProperty("peerup.root", "..")).toAbsolutePath().normalize();

  @TempDir private Path folder;

  @Test
  void oneShortRoundFillsEverySectionWithFiguresAboveZero() throws Exception {
    Map<String, String> sections = new HashMap<>();
    Setting setting =
        new Setting(ROOT, node(), classPath(), folder.resolve("logs"), 1, 1, 0.05, 0, 0);

    List<Target> targets =
        Bench.run(setting, Set.of("direct", "relayed", "connections", "far"), sections::put);

    assertThat(sections)
        .containsOnlyKeys("direct", "proxied", "relayed", "connections", "far", "machine");
    for (Transport transport : Transport.ALL) {
      assertThat(sections.get("direct"))
          .contains("ours, " + transport.label, "js, " + transport.label);
    }
    assertThat(targets)
        .filteredOn(each -> each.atLeast())
        .allSatisfy(each -> assertThat(each.reached().median()).isPositive());
  }

  @Test
  void aSmallCrowdAtARelayIsCountedAndItsCircuitsMoveData() throws Exception {
    Map<String, String> sections = new HashMap<>();
    Setting setting =
        new Setting(ROOT, "node", classPath(), folder.resolve("logs"), 1, 1, 0.2, 0, 4);

    List<Target> targets = Bench.run(setting, Set.of("crowd"), sections::put);

    assertThat(sections.get("crowd")).contains("4 idle clients, 4 circuits");
    assertThat(targets)
        .hasSize(Transport.OVER_TCP.size())
        .allSatisfy(each -> assertThat(each.reached().count()).isOne());
  }

  @Test
  void fairnessIsOneForEqualSharesAndAnNthIfOneHasAll() {
    assertThat(Crowd.jain(List.of(3.0, 3.0, 3.0, 3.0))).isEqualTo(1);
    assertThat(Crowd.jain(List.of(5.0, 0.0, 0.0, 0.0))).isEqualTo(0.25);
  }

  @Test
  void aSectionIsReplacedAndTheProseAroundItStays() throws IOException {
    Path file = folder.resolve("page.md");
    Files.writeString(file, "before\n<!-- a -->\nold\n<!-- end a -->\nafter\n");
    Document.file(file).section("a", "new\n");
    assertThat(file).hasContent("before\n<!-- a -->\nnew\n<!-- end a -->\nafter\n");
  }

  @Test
  void everySectionThatIsMeasuredHasItsPlaceInTheDocument() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/performance.md"));
    for (String name :
        List.of(
            "machine",
            "targets",
            "direct",
            "relayed",
            "connections",
            "far",
            "idle",
            "crowd",
            "daemons",
            "micro")) {
      assertThat(page).contains("<!-- " + name + " -->", "<!-- end " + name + " -->");
    }
  }

  @Test
  void everySmallBenchmarkRuns() throws RunnerException {
    var results =
        new Runner(
                new OptionsBuilder()
                    .include("io\\.peerup\\.bench\\.jmh\\..*")
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(5))
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    assertThat(results)
        .hasSizeGreaterThanOrEqualTo(20)
        .allSatisfy(each -> assertThat(each.getPrimaryResult().getScore()).isPositive());
  }

  /// Surefire hides the real class path behind a manifest; it keeps it in a property of its own.
  private static String classPath() {
    String hidden = System.getProperty("surefire.test.class.path");
    return hidden != null ? hidden : System.getProperty("java.class.path");
  }

  /// The node binary, once js-libp2p is installed beside the interop tests.
  private String node() throws IOException, InterruptedException {
    File said = folder.resolve("install.log").toFile();
    Process install =
        new ProcessBuilder(ROOT.resolve("interop/js/install").toString())
            .redirectError(said)
            .redirectInput(new File("/dev/null"))
            .start();
    String last = "";
    try (var lines = install.inputReader()) {
      last = lines.lines().reduce("", (before, line) -> line);
    }
    boolean done = install.waitFor(5, TimeUnit.MINUTES) && install.exitValue() == 0;
    Needs.that(done, "js-libp2p cannot run here: " + Files.readString(said.toPath()));
    return last;
  }
}
