package io.peerup.cli.p2p;

import com.google.gson.JsonObject;
import io.peerup.libp2p.Multiaddr;
import io.peerup.relay.circuit.Reservation;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `peerup p2p reserve`.
@Command(
    name = "reserve",
    header = "Ask a circuit relay for a place.",
    description = {
      "Prints {\"event\":\"reserved\",\"addrs\",\"expiresAt\",…}: where others reach us through the"
          + " relay for as long as we stay connected to it, which without --hold is until that line."
    })
final class ReserveCommand extends ToolCommand {

  @Parameters(
      paramLabel = "RELAY_MULTIADDR",
      description = "The relay.",
      converter = Converters.Address.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private Multiaddr relay;

  @Option(
      names = "--hold",
      description =
          "Stay, keep the place and serve ping, identify and perf through it, until --timeout or a"
              + " signal.")
  private boolean hold;

  @Override
  void run(Lines out) throws InterruptedException {
    try (ToolNode node = ToolNode.dialer(options)) {
      Reservation place = node.reserve(relay, node.deadline(options));
      if (hold) {
        node.keep(place, relay);
      }
      List<String> addresses = place.circuitAddresses().stream().map(node::dialable).toList();
      JsonObject limit = new JsonObject();
      limit.addProperty("durationSeconds", place.limit().duration().toSeconds());
      limit.addProperty("bytesEachWay", place.limit().bytesEachWay());
      out.print(
          Lines.event("reserved")
              .with("peerId", node.host().id().toString())
              .with("relay", place.relay().toString())
              .with("addrs", addresses)
              .with("expiresAt", place.expires().toString())
              .with("limit", limit));
      if (hold) {
        Staying.until(options.timeout());
      }
    }
  }
}
