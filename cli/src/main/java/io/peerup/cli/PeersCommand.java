package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import picocli.CommandLine.Command;

@Command(
    name = "peers",
    description = "List the peers that may talk to this node, and their paths.")
final class PeersCommand extends PeerupCommand {

  @Override
  protected int run(Home home, Voice voice) {
    JsonObject reply = Running.node(home).call("GET", "/v1/peers", null);
    if (voice.json()) {
      voice.emit(reply);
    } else {
      new StatusView(voice).peers(reply);
    }
    return Peerup.DONE;
  }
}
