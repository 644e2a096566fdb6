package io.peerup.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Writes `complete` lines for the fish shell from the command tree.
final class FishCompletion {

  private FishCompletion() {}

  static String script(CommandSpec root) {
    StringBuilder out = new StringBuilder("complete -c peerup -f\n");
    commands(root, "__fish_use_subcommand", out);
    for (CommandLine sub : root.subcommands().values()) {
      CommandSpec spec = sub.getCommandSpec();
      String seen = "__fish_seen_subcommand_from " + spec.name();
      commands(spec, seen, out);
      options(spec, seen, out);
      for (CommandLine nested : spec.subcommands().values()) {
        options(
            nested.getCommandSpec(),
            seen + "; and __fish_seen_subcommand_from " + nested.getCommandSpec().name(),
            out);
      }
    }
    return out.toString();
  }

  private static void commands(CommandSpec parent, String condition, StringBuilder out) {
    for (CommandLine sub : parent.subcommands().values()) {
      CommandSpec spec = sub.getCommandSpec();
      if (!spec.usageMessage().hidden()) {
        line(condition, "-a " + spec.name(), describe(spec.usageMessage().description()), out);
      }
    }
  }

  private static void options(CommandSpec spec, String condition, StringBuilder out) {
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        line(
            condition,
            "-l " + option.longestName().replaceFirst("^--?", ""),
            describe(option.description()),
            out);
      }
    }
  }

  private static void line(String condition, String what, String description, StringBuilder out) {
    out.append("complete -c peerup -n '").append(condition).append("' ").append(what);
    out.append(" -d '").append(description.replace("'", "\\'")).append("'\n");
  }

  private static String describe(String[] description) {
    return description.length == 0 ? "" : description[0];
  }
}
