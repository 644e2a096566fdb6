package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.control.PrivateFiles;
import io.peerup.control.config.ConfigLoader;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.NodeSettings;
import io.peerup.node.invites.Adopted;
import io.peerup.node.network.Memberships;
import io.peerup.pairing.Names;
import io.peerup.relay.server.RelaySettings;
import io.peerup.trust.IdentityCare;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
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

  @Option(
      names = "--force",
      description =
          "With --yes-replace-identity: give this home a new identity although it has one.")
  boolean force;

  @Option(
      names = "--yes-replace-identity",
      description =
          "With --force. The old identity, its groups and its invites move into a backup folder in"
              + " the home; every device must pair with this one again.")
  boolean replaceIdentity;

  /// Who the home is now.
  private record Outcome(
      PeerId self, boolean fresh, Optional<IdentityCare.Replaced> replaced, boolean wasSealed) {}

  @Override
  protected int run(Home home, Voice voice) {
    if (network != null) {
      try {
        Names.checkNamespace(network);
      } catch (MalformedInput e) {
        throw misuse("--network: " + e.getMessage());
      }
    }
    if (force != replaceIdentity) {
      throw misuse("replacing an identity needs both --force and --yes-replace-identity");
    }
    // A damaged file is found before anything is created.
    ConfigLoader.load(home.config(), NodeSettings::check, RelaySettings::check);
    home.ensure();
    Outcome outcome;
    String inForce;
    try (HomeLock _ = HomeLock.acquire(home)) {
      outcome = identity(home);
      writeConfig(home);
      inForce = networkInForce(home, outcome.self());
    }
    List<String> warnings = warnings(home, inForce, outcome);
    if (voice.json()) {
      voice.emit(document(home, outcome, inForce, warnings));
    } else {
      outcome
          .replaced()
          .ifPresent(replaced ->
              voice.say(
                  "Replaced "
                      + replaced.before().map(PeerId::toString).orElse("an unreadable identity")
                      + "; what was its own is in "
                      + replaced.backup()));
      voice.say((outcome.fresh() ? "Created " : "Kept ") + outcome.self() + " in " + home.root());
      warnings.forEach(voice::warn);
      voice.say("Next: peerup join CODE --name laptop");
    }
    return Peerup.DONE;
  }

  private Outcome identity(Home home) {
    KeyRandom random = KeyRandom.secure();
    if (force && Files.exists(home.identityKey())) {
      boolean sealed = isSealed(home);
      IdentityCare.Replaced replaced =
          IdentityCare.replace(home, random, InstantSource.system().instant());
      return new Outcome(replaced.peer(), true, Optional.of(replaced), sealed);
    }
    Optional<PeerId> before = IdentityFile.peerId(home);
    if (before.isPresent()) {
      return new Outcome(before.get(), false, Optional.empty(), false);
    }
    PrivateKey key = IdentityFile.loadOrCreate(home, random, Passphrase.Source.NONE);
    key.destroy();
    return new Outcome(key.peerId(), true, Optional.empty(), false);
  }

  /// Of a file that may be damaged, which is a reason to replace it.
  private static boolean isSealed(Home home) {
    try {
      return IdentityFile.sealed(home).isPresent();
    } catch (Failure e) {
      return false;
    }
  }

  /// As a node of this home would say it: what codes brought it into, else what is configured.
  private static String networkInForce(Home home, PeerId self) {
    try {
      Optional<String> ofGroups =
          new Memberships(home, self)
              .all().stream().findFirst().map(group -> group.namespace().orElse(""));
      Optional<String> adopted = Adopted.networkOf(home);
      if (adopted.or(() -> ofGroups).isPresent()) {
        return adopted.or(() -> ofGroups).get();
      }
    } catch (Failure e) {
      // A relay's home has groups of another kind; damaged files are named when the node starts.
    }
    return ConfigLoader.load(home.config()).discovery().network().value();
  }

  private List<String> warnings(Home home, String inForce, Outcome outcome) {
    List<String> out = new ArrayList<>();
    if (network != null && !network.equals(inForce)) {
      String configured = ConfigLoader.load(home.config()).discovery().network().value();
      out.add(
          configured.equals(inForce)
              ? "config.yaml exists and keeps its network `"
                  + inForce
                  + "`; edit discovery.network there to change it"
              : "this node is in the network `"
                  + inForce
                  + "`, into which a code brought it; a code of another one takes it there");
    }
    if (outcome.replaced().isPresent()) {
      out.add(
          "no device knows the new identity: pair with each again; those in authorized_keys may"
              + " still come in");
      if (outcome.wasSealed()) {
        out.add(
            "a passphrase protected the old identity; nothing protects the new one: peerup secrets"
                + " passphrase set");
      }
    }
    return out;
  }

  private static JsonObject document(
      Home home, Outcome outcome, String inForce, List<String> warnings) {
    JsonObject out = new JsonObject();
    out.addProperty("peerId", outcome.self().toString());
    out.addProperty("home", home.root().toString());
    out.addProperty("network", inForce);
    out.addProperty("created", outcome.fresh());
    outcome
        .replaced()
        .ifPresent(replaced -> {
          replaced.before().ifPresent(old -> out.addProperty("replaced", old.toString()));
          out.addProperty("backup", replaced.backup().toString());
        });
    JsonArray list = new JsonArray();
    warnings.forEach(list::add);
    out.add("warnings", list);
    return out;
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
