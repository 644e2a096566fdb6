package io.peerup.cli;

import io.peerup.control.Home;
import io.peerup.control.Printable;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = {
      "Print a completion script for a shell.",
      "bash, zsh:  source <(peerup completion bash)",
      "fish:       peerup completion fish | source"
    })
final class CompletionCommand extends PeerupCommand {

  @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
  String shell = "";

  @Override
  protected int run(Home home, Voice voice) {
    switch (shell.toLowerCase(Locale.ROOT)) {
      // The generated script is made for bash and turns on zsh's bash emulation by itself.
      case "bash", "zsh" -> voice.say(AutoComplete.bash("peerup", Peerup.commandLine()));
      case "fish" -> voice.say(FishCompletion.script(Peerup.commandLine().getCommandSpec()));
      default ->
          throw misuse("no completion for `" + Printable.of(shell) + "`: choose bash, zsh or fish");
    }
    return Peerup.DONE;
  }
}
