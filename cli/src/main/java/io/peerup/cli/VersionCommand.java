package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Print the version.")
final class VersionCommand extends PeerupCommand {

  @Override
  protected int run(Home home, Voice voice) {
    String java = System.getProperty("java.version", "unknown");
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.addProperty("version", Version.current());
      out.addProperty("java", java);
      voice.emit(out);
    } else {
      voice.say(line());
    }
    return Peerup.DONE;
  }

  static String line() {
    return "peerup "
        + Version.current()
        + " (Java "
        + System.getProperty("java.version", "unknown")
        + ")";
  }
}
