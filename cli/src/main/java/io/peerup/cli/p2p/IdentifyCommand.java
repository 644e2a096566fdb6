package io.peerup.cli.p2p;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerInfo;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `peerup p2p identify`.
@Command(
    name = "identify",
    header = "Ask a peer what it says of itself.",
    description =
        "Prints {\"event\":\"identify\",\"peerId\",\"agent\",\"protocols\",\"listenAddrs\","
            + "\"observedAddr\",…}. Only the peer id is proven; the rest is what the peer claims.")
final class IdentifyCommand extends ToolCommand {

  @Parameters(
      paramLabel = "MULTIADDR",
      description = "Whom to ask.",
      converter = Converters.Address.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  private Multiaddr target;

  @Override
  void run(Lines out) {
    try (ToolNode node = ToolNode.dialer(options)) {
      Deadline deadline = node.deadline(options);
      Connection connection = node.connect(target, deadline);
      PeerInfo info = node.host().identify(connection, deadline.left("identify with " + target));
      out.print(
          Lines.event("identify")
              .with("peerId", connection.remotePeer().toString())
              .with("agent", info.agentVersion())
              .with("protocolVersion", info.protocolVersion())
              .with("protocols", info.protocols())
              .with("listenAddrs", info.listenAddresses())
              .with("observedAddr", text(info.observedAddress()))
              .with("signedRecord", info.signedRecord())
              .with("security", connection.security())
              .with("muxer", connection.muxer()));
    }
  }

  private static JsonElement text(Optional<Multiaddr> address) {
    return address
        .<JsonElement>map(value -> new JsonPrimitive(value.toString()))
        .orElse(JsonNull.INSTANCE);
  }
}
