package io.peerup.cli.p2p;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.perf.Perf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `peerup p2p perf`. Uploads first and downloads then, so that neither slows the other.
@Command(
    name = "perf",
    header = "Measure throughput to a peer that serves /perf/1.0.0.",
    description = {
      "Prints {\"event\":\"perf\",\"uploadMBps\",\"downloadMBps\",…}; a MB is 1 000 000 bytes. An"
          + " upload counts as done when the far side confirms that it has everything."
    })
final class PerfCommand extends ToolCommand {

  @Parameters(
      paramLabel = "MULTIADDR",
      description = "Whom to measure with.",
      converter = Converters.Address.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private Multiaddr target;

  @Option(
      names = "--upload-bytes",
      paramLabel = "N",
      defaultValue = "100000000",
      converter = Converters.Bytes.class,
      description = "Bytes to send, over all streams; 0 for none. Default: ${DEFAULT-VALUE}.")
  private long uploadBytes;

  @Option(
      names = "--download-bytes",
      paramLabel = "N",
      defaultValue = "100000000",
      converter = Converters.Bytes.class,
      description = "Bytes to ask for, over all streams; 0 for none. Default: ${DEFAULT-VALUE}.")
  private long downloadBytes;

  @Option(
      names = "--streams",
      paramLabel = "N",
      defaultValue = "1",
      converter = Converters.Streams.class,
      description = "Streams at once, on one connection. Default: ${DEFAULT-VALUE}.")
  private int streams;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      converter = Converters.Count.class,
      description = "Runs, one line each. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Override
  void run(Lines out) throws InterruptedException {
    try (ToolNode node = ToolNode.dialer(options)) {
      Deadline deadline = node.deadline(options);
      Connection connection = node.connect(target, deadline);
      for (int run = 1; run <= count; run++) {
        Duration upload = measure(node, connection, deadline, true);
        Duration download = measure(node, connection, deadline, false);
        out.print(
            Lines.event("perf")
                .with("uploadMBps", megabytesPerSecond(uploadBytes, upload))
                .with("downloadMBps", megabytesPerSecond(downloadBytes, download))
                .with("uploadBytes", uploadBytes)
                .with("uploadSeconds", upload.toNanos() / 1e9)
                .with("downloadBytes", downloadBytes)
                .with("downloadSeconds", download.toNanos() / 1e9)
                .with("streams", streams)
                .with("path", connection.relay().isPresent() ? "relayed" : "direct"));
      }
    }
  }

  /// Runs one direction on all streams at once; the slowest stream's time is the run's.
  private Duration measure(ToolNode node, Connection connection, Deadline deadline, boolean upload)
      throws InterruptedException {
    long total = upload ? uploadBytes : downloadBytes;
    if (total == 0) {
      return Duration.ZERO;
    }
    Duration left = deadline.left("perf with " + target);
    List<Future<Duration>> running = new ArrayList<>();
    try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < streams; i++) {
        long share = total / streams + (i < total % streams ? 1 : 0);
        running.add(
            tasks.submit(() -> {
              Perf.Result result =
                  Perf.run(connection, upload ? share : 0, upload ? 0 : share, left, node.clock());
              return result.upload().plus(result.download());
            }));
      }
      Duration slowest = Duration.ZERO;
      for (Future<Duration> each : running) {
        Duration taken = each.get();
        slowest = slowest.compareTo(taken) < 0 ? taken : slowest;
      }
      return slowest;
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof OverlayException reason) {
        throw reason;
      }
      throw new IllegalStateException("internal error in perf", failed.getCause());
    }
  }

  private static double megabytesPerSecond(long bytes, Duration time) {
    double seconds = Math.max(time.toNanos() / 1e9, 1e-6);
    return Math.round(bytes / seconds / 1e6 * 1000) / 1000.0;
  }
}
