package io.peerup.bench;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs the JMH benchmarks and writes one table.
final class Micro {

  private final Document document;
  private final Progress progress;

  Micro(Document document, Progress progress) {
    this.document = document;
    this.progress = progress;
  }

  void run() throws IOException {
    try {
      Collection<RunResult> results =
          new Runner(
                  new OptionsBuilder()
                      .include("io\\.peerup\\.bench\\.jmh\\..*")
                      .verbosity(VerboseMode.SILENT)
                      .build())
              .run();
      document.section("micro", table(results));
    } catch (RunnerException failed) {
      throw new IllegalStateException("JMH failed", failed);
    }
  }

  private String table(Collection<RunResult> results) {
    StringBuilder text =
        new StringBuilder("| what | with | score ± error | |\n|---|---|---:|---|\n");
    results.stream()
        .sorted(Comparator.comparing(Micro::name).thenComparing(Micro::parameters))
        .forEach(each -> {
          String row =
              String.format(
                  Locale.ROOT,
                  "| %s | %s | %,.1f ± %,.1f | %s |",
                  name(each),
                  parameters(each),
                  each.getPrimaryResult().getScore(),
                  each.getPrimaryResult().getScoreError(),
                  each.getPrimaryResult().getScoreUnit().replace("us", "µs"));
          text.append(row).append('\n');
          progress.say("  " + row);
        });
    return text.toString();
  }

  private static String name(RunResult result) {
    return result
        .getParams()
        .getBenchmark()
        .replaceFirst(".*[.]([^.]*)Benchmark[.]([^.]*)$", "$1 $2");
  }

  private static String parameters(RunResult result) {
    StringBuilder all = new StringBuilder();
    for (String key : result.getParams().getParamsKeys()) {
      all.append(all.isEmpty() ? "" : ", ").append(result.getParams().getParam(key));
    }
    return all.toString();
  }
}
