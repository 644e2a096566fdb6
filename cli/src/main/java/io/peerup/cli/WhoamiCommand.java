package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
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
    PrivateKey key = IdentityFile.load(home).orElseThrow(() -> noIdentity(home));
    String peerId = PeerId.of(key.publicKey()).toString();
    key.destroy();
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

  private static Failure noIdentity(Home home) {
    return new Failure(
        "no-identity",
        "there is no identity in " + home.root(),
        "create one with `peerup init`, or join a group: peerup join CODE --name laptop");
  }
}
