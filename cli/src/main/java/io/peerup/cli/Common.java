package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// Options that every command has. They may stand before or after the command's name.
public final class Common {

  /// A command that has them.
  interface Bearer {
    Common common();
  }

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "The folder that holds this node's whole world (default: $PEERUP_HOME, else ~/.config/peerup).")
  @Nullable String home;

  @Option(names = "--json", description = "Print JSON for scripts; docs/json.md has the fields.")
  boolean json;

  @Option(
      names = "--non-interactive",
      description = "Never ask anything: fail, and say which option answers the question.")
  boolean nonInteractive;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /// What was typed with this command and with those it belongs to; the innermost wins.
  static Common inForce(CommandSpec command) {
    Common out = new Common();
    for (CommandSpec at = command; at != null; at = at.parent()) {
      if (at.userObject() instanceof Bearer bearer) {
        out.home = out.home == null ? bearer.common().home : out.home;
        out.json |= bearer.common().json;
        out.nonInteractive |= bearer.common().nonInteractive;
      }
    }
    return out;
  }

  /// The home that the option, the environment or the default selects. Touches nothing.
  public Home home() {
    return home(System.getenv("PEERUP_HOME"));
  }

  /// As [#home()], with the environment's say.
  Home home(@Nullable String environment) {
    String chosen = home != null ? home : environment;
    if (home != null && home.isBlank()) {
      throw new Failure("bad-home", "--home names no folder", "write --home DIR, or leave it out");
    }
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
    return Voice.ofProcess(json, !nonInteractive);
  }
}
