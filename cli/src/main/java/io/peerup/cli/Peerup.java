package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `peerup` command. Exit status: 0 done, 1 failed, 2 wrong usage.
@Command(
    name = "peerup",
    description = "A private network of your own devices.",
    subcommands = {
      DemoCommand.class,
      InitCommand.class,
      JoinCommand.class,
      StatusCommand.class,
      PingCommand.class,
      PeersCommand.class,
      PeerCommand.class,
      ServiceCommand.class,
      ProxyCommand.class,
      DaemonCommand.class,
      RelayCommand.class,
      ConfigCommand.class,
      WhoamiCommand.class,
      VersionCommand.class,
      CompletionCommand.class,
      io.peerup.cli.p2p.P2pCommand.class,
      PairingHelp.class,
    },
    footer = {
      "",
      "Start here:  peerup demo            see all of it work on this machine",
      "             peerup relay serve     on your server; then: peerup relay pair --count 3",
      "             peerup join CODE       on each device",
      "",
      "Every command has --help and --json. PEERUP_HOME or --home selects the node."
    })
public final class Peerup implements Runnable {

  /// Exit status of a command that did what it should.
  static final int DONE = 0;

  /// Exit status of a command that failed.
  static final int FAILED = 1;

  /// Exit status of wrong usage.
  static final int USAGE = 2;

  @Spec CommandSpec spec = CommandSpec.create();

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  /// Runs one command and ends the process with its exit status.
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /// The whole command tree with our rules for errors.
  static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Peerup());
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExecutionExceptionHandler(new Executed());
    root.setParameterExceptionHandler(new Misused());
    root.setUsageHelpAutoWidth(true);
    root.setAbbreviatedOptionsAllowed(false);
    return root;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /// Turns failures into words.
  private static final class Executed implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
      Voice voice = Voice.ofProcess(wantsJson(parsed));
      switch (thrown) {
        case Failure failure -> voice.fail(failure);
        case OverlayException e ->
            voice.fail(new Failure(code(e), String.valueOf(e.getMessage()), e.hint(), e));
        case InterruptedException _ -> voice.fail(new Failure("interrupted", "interrupted", ""));
        default -> voice.fail(Internal.failure(thrown));
      }
      return FAILED;
    }

    private static String code(OverlayException e) {
      return e.getClass()
          .getSimpleName()
          .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
          .toLowerCase(java.util.Locale.ROOT);
    }

    private static boolean wantsJson(ParseResult parsed) {
      ParseResult last = parsed;
      while (last.hasSubcommand()) {
        last = last.subcommand();
      }
      return last.hasMatchedOption("--json");
    }
  }

  /// Explains wrong usage: the problem, what was perhaps meant, and where the help is.
  private static final class Misused implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] args) {
      CommandLine command = e.getCommandLine();
      PrintWriter err = command.getErr();
      String name = command.getCommandSpec().qualifiedName();
      StringBuilder hint = new StringBuilder();
      if (e instanceof UnmatchedArgumentException unmatched) {
        List<String> near = unmatched.getSuggestions();
        if (!near.isEmpty()) {
          hint.append("did you mean ").append(String.join(" or ", near)).append("? ");
        }
      }
      hint.append("see: ").append(name).append(" --help");
      String message = firstLine(String.valueOf(e.getMessage()));
      if (List.of(args).contains("--json")) {
        Voice.ofProcess(true).fail(new Failure("usage", message, hint.toString()));
      } else {
        err.println("error: " + io.peerup.control.Printable.of(message));
        err.println("hint: " + hint);
      }
      return USAGE;
    }

    private static String firstLine(String text) {
      return text.lines().findFirst().orElse("wrong usage");
    }
  }
}
