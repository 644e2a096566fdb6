package io.peerup.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// A command that only holds others: `relay`, `peer`, `service`, `config`.
@Command(synopsisSubcommandLabel = "COMMAND")
abstract class GroupCommand implements Runnable, Common.Bearer {

  @Mixin Common common = new Common();

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public final Common common() {
    return common;
  }

  @Override
  public final void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: " + String.join(", ", spec.subcommands().keySet()));
  }
}
