package io.peerup.cli.p2p;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `peerup p2p ping`.
@Command(
    name = "ping",
    header = "Measure round trips to a peer.",
    description = "Prints {\"event\":\"ping\",\"seq\",\"rttMs\",…} for each, one after another.")
final class PingCommand extends ToolCommand {

  @Parameters(
      paramLabel = "MULTIADDR",
      description = "Whom to ping.",
      converter = Converters.Address.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private Multiaddr target;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "4",
      converter = Converters.Count.class,
      description = "How many pings. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Override
  void run(Lines out) {
    try (ToolNode node = ToolNode.dialer(options)) {
      Deadline deadline = node.deadline(options);
      Connection connection = node.connect(target, deadline);
      for (int seq = 1; seq <= count; seq++) {
        Duration rtt = node.host().ping(connection, deadline.left("ping " + seq + " to " + target));
        out.print(
            Lines.event("ping")
                .with("seq", seq)
                .with("rttMs", rtt.toNanos() / 1e6)
                .with("peerId", connection.remotePeer().toString())
                .with("path", connection.relay().isPresent() ? "relayed" : "direct"));
      }
    }
  }
}
