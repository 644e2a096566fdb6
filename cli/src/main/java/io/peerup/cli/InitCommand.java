package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.control.PrivateFiles;
import io.peerup.control.config.ConfigLoader;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.node.NodeSettings;
import io.peerup.pairing.Names;
import io.peerup.relay.server.RelaySettings;
import io.peerup.trust.IdentityFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "init",
    description = {
      "Create this node's home: an identity and a config.yaml.",
      "Safe to repeat: what exists is kept. `join` does this by itself."
    })
final class InitCommand extends PeerupCommand {

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "A private network's name, a DNS label; the default is the common network.")
  @Nullable String network;

  @Override
  protected int run(Home home, Voice voice) {
    if (network != null) {
      try {
        Names.checkNamespace(network);
      } catch (MalformedInput e) {
        throw misuse("--network: " + e.getMessage());
      }
    }
    // A damaged file is found before anything is created.
    ConfigLoader.load(home.config(), NodeSettings::check, RelaySettings::check);
    home.ensure();
    boolean fresh;
    PeerId self;
    try (HomeLock _ = HomeLock.acquire(home)) {
      Optional<PeerId> before = IdentityFile.load(home).map(key -> PeerId.of(key.publicKey()));
      self =
          before.orElseGet(
              () -> PeerId.of(IdentityFile.loadOrCreate(home, KeyRandom.secure()).publicKey()));
      fresh = before.isEmpty();
      writeConfig(home);
    }
    String inForce = ConfigLoader.load(home.config()).discovery().network().value();
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.addProperty("peerId", self.toString());
      out.addProperty("home", home.root().toString());
      out.addProperty("network", inForce);
      out.addProperty("created", fresh);
      voice.emit(out);
    } else {
      voice.say((fresh ? "Created " : "Kept ") + self + " in " + home.root());
      if (network != null && !network.equals(inForce)) {
        voice.warn(
            "config.yaml exists and keeps its network `"
                + inForce
                + "`; edit discovery.network there to change it");
      }
      voice.say("Next: peerup join CODE --name laptop");
    }
    return Peerup.DONE;
  }

  private void writeConfig(Home home) {
    if (Files.exists(home.config())) {
      return;
    }
    String text =
        """
        # Settings of this node; config.yaml.example in the distribution shows every key.
        version: 1
        """
            + (network == null ? "" : "discovery:\n  network: \"" + network + "\"\n");
    PrivateFiles.write(home.config(), text.getBytes(StandardCharsets.UTF_8));
  }
}
