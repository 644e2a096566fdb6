package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import java.util.ArrayList;
import java.util.List;
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

  /// For the completion itself.
  static final class Shells extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Shells() {
      super(List.of("bash", "zsh", "fish"));
    }
  }

  @Parameters(
      paramLabel = "SHELL",
      completionCandidates = Shells.class,
      description = "The shell: ${COMPLETION-CANDIDATES}.")
  String shell = "";

  @Override
  protected int run(Home home, Voice voice) {
    String script =
        switch (shell.toLowerCase(Locale.ROOT)) {
          // The generated script is made for bash and turns on zsh's bash emulation by itself.
          case "bash", "zsh" -> AutoComplete.bash("peerup", Peerup.commandLine());
          case "fish" -> FishCompletion.script(Peerup.commandLine().getCommandSpec());
          default ->
              throw misuse(
                  "no completion for `" + Printable.of(shell) + "`: choose bash, zsh or fish");
        };
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.addProperty("shell", shell.toLowerCase(Locale.ROOT));
      out.addProperty("script", script);
      voice.emit(out);
    } else {
      voice.say(script.stripTrailing());
    }
    return Peerup.DONE;
  }
}
