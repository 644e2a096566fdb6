package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options that every command has.
public final class Common {

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "The folder that holds this node's whole world (default: $PEERUP_HOME, else ~/.config/peerup).")
  @Nullable String home;

  @Option(names = "--json", description = "Print JSON for scripts; docs/json.md has the fields.")
  boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /// The home that the option, the environment or the default selects. Touches nothing.
  public Home home() {
    String chosen = home != null ? home : System.getenv("PEERUP_HOME");
    try {
      if (chosen != null && !chosen.isBlank()) {
        return Home.of(Path.of(chosen));
      }
      return Home.of(Path.of(System.getProperty("user.home"), ".config", "peerup"));
    } catch (InvalidPathException e) {
      throw new Failure(
          "bad-home",
          "the home folder's name cannot be used: " + e.getReason(),
          "choose another",
          e);
    }
  }

  public Voice voice() {
    return Voice.ofProcess(json);
  }
}
