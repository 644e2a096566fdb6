package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.IdentityFile;
import picocli.CommandLine.Command;

@Command(
    name = "whoami",
    description = "Print this node's peer id. Works without a running daemon.")
final class WhoamiCommand extends PeerupCommand {

  @Override
  protected int run(Home home, Voice voice) {
    if (!home.exists()) {
      throw noIdentity(home);
    }
    String peerId =
        IdentityFile.peerId(home).map(PeerId::toString).orElseThrow(() -> noIdentity(home));
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.addProperty("peerId", peerId);
      out.addProperty("home", home.root().toString());
      voice.emit(out);
    } else {
      voice.say(peerId);
    }
    return Peerup.DONE;
  }

  static Failure noIdentity(Home home) {
    return new Failure(
        "no-identity",
        "there is no identity in " + home.root(),
        "create one with `peerup init`, or join a group: peerup join CODE --name laptop");
  }
}
