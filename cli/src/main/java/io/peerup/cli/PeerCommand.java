package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "peer",
    description = "Manage single peers.",
    subcommands = {PeerCommand.ListPeers.class, PeerCommand.Rename.class, PeerCommand.Remove.class})
final class PeerCommand extends GroupCommand {

  @Command(name = "list", description = "List peers, as `peerup peers` does.")
  static final class ListPeers extends PeerupCommand {
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

  @Command(name = "rename", description = "Give a peer another name on this device.")
  static final class Rename extends PeerupCommand {
    @Parameters(index = "0", paramLabel = "PEER", description = "Its name or peer id.")
    String peer = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The new name.")
    String name = "";

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject request = new JsonObject();
      request.addProperty("name", name);
      JsonObject reply =
          Running.node(home)
              .call("POST", "/v1/peers/" + ControlClient.segment(peer) + "/rename", request);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("Renamed to " + StatusView.text(reply, "name"));
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "remove",
      description = {
        "Remove a peer: it may no longer talk to this device, and its connections end at once.",
        "The peer itself, and other devices, are not told."
      })
  static final class Remove extends PeerupCommand {
    @Parameters(paramLabel = "PEER", description = "Its name or peer id.")
    String peer = "";

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply =
          Running.node(home).call("DELETE", "/v1/peers/" + ControlClient.segment(peer), null);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say(
            "Removed " + StatusView.text(reply, "name") + "  " + StatusView.text(reply, "peerId"));
      }
      return Peerup.DONE;
    }
  }
}
