package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.config.Config;
import io.peerup.control.config.ConfigLoader;
import io.peerup.control.config.ConfigText;
import io.peerup.node.NodeSettings;
import io.peerup.relay.server.RelaySettings;
import java.nio.file.Files;
import picocli.CommandLine.Command;

@Command(
    name = "config",
    description = "Look at and check config.yaml.",
    subcommands = {ConfigCommand.Show.class, ConfigCommand.Validate.class})
final class ConfigCommand extends GroupCommand {

  /// With every problem that a node or a relay would find, all at once.
  private static Config load(Home home) {
    return ConfigLoader.load(home.config(), NodeSettings::check, RelaySettings::check);
  }

  @Command(name = "show", description = "Print every setting in force, defaults included.")
  static final class Show extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      Config config = load(home);
      if (voice.json()) {
        voice.emit(ConfigJson.of(config));
      } else {
        voice.say(
            "# " + home.config() + (Files.exists(home.config()) ? "" : " (missing: all defaults)"));
        voice.say(ConfigText.of(config).stripTrailing());
      }
      return Peerup.DONE;
    }
  }

  @Command(name = "validate", description = "Check config.yaml and report every problem at once.")
  static final class Validate extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      load(home);
      if (voice.json()) {
        JsonObject out = new JsonObject();
        out.addProperty("file", home.config().toString());
        out.addProperty("exists", Files.exists(home.config()));
        out.addProperty("valid", true);
        voice.emit(out);
      } else if (Files.exists(home.config())) {
        voice.say(home.config() + " is valid");
      } else {
        voice.say(home.config() + " does not exist; every setting has its default");
      }
      return Peerup.DONE;
    }
  }
}
