package io.peerup.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// Writes `complete` lines for the fish shell from the command tree.
final class FishCompletion {

  /// The words typed so far, options left out, compared with a command: `is` for exactly it, `in`
  /// for it and its arguments.
  private static final String HELPERS =
      """
      function __peerup_words
          set -l words (commandline -opc | string match -v -- '-*')
          set -e words[1]
          echo "$words "
      end
      function __peerup_is
          test (__peerup_words) = "$argv "
      end
      function __peerup_in
          string match -q -- "$argv *" (__peerup_words)
      end
      complete -c peerup -f
      """;

  private FishCompletion() {}

  static String script(CommandSpec root) {
    StringBuilder out = new StringBuilder(HELPERS);
    command(root, "", out);
    return out.toString();
  }

  private static void command(CommandSpec spec, String path, StringBuilder out) {
    for (CommandLine sub : spec.subcommands().values()) {
      CommandSpec each = sub.getCommandSpec();
      line("__peerup_is " + path, "-a " + each.name(), summary(each), out);
      command(each, path.isEmpty() ? each.name() : path + " " + each.name(), out);
    }
    String inside = path.isEmpty() ? "__peerup_is" : "__peerup_in " + path;
    for (OptionSpec option : spec.options()) {
      StringBuilder what = new StringBuilder();
      for (String name : option.names()) {
        what.append(what.isEmpty() ? "" : " ");
        what.append(name.startsWith("--") ? "-l " : "-s ").append(name.replaceFirst("^--?", ""));
      }
      what.append(option.arity().max() > 0 ? " -r" : "");
      line(inside, what.toString(), first(option.description()), out);
    }
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      if (parameter.completionCandidates() != null) {
        for (String value : parameter.completionCandidates()) {
          line("__peerup_is " + path, "-a " + value, "", out);
        }
      }
    }
  }

  private static void line(String condition, String what, String description, StringBuilder out) {
    out.append("complete -c peerup -n '").append(condition.strip()).append("' ").append(what);
    if (!description.isEmpty()) {
      String quoted = description.replace("\\", "\\\\").replace("'", "\\'");
      out.append(" -d '").append(quoted).append("'");
    }
    out.append('\n');
  }

  /// What the list of commands says.
  private static String summary(CommandSpec spec) {
    String header = first(spec.usageMessage().header());
    return header.isEmpty() ? first(spec.usageMessage().description()) : header;
  }

  private static String first(String[] lines) {
    return lines.length == 0 ? "" : lines[0].replace("%n", " ");
  }
}
