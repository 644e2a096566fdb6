package io.peerup.cli;

import io.peerup.cli.p2p.P2pCommand;
import io.peerup.control.Failure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `peerup` command. Exit status: 0 done, 1 failed, 2 wrong usage.
@Command(
    name = "peerup",
    description = "A private network of your own devices.",
    versionProvider = Peerup.VersionLine.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Start here:  peerup demo            see all of it work on this machine",
      "             peerup relay serve     on your server, then:",
      "             peerup relay pair      one code for each device (--count 3)",
      "             peerup join CODE       on each device",
      "",
      "Every command has --help and --json. PEERUP_HOME or --home selects the node.",
      "Exit status: 0 done, 1 failed, 2 wrong usage."
    })
public final class Peerup implements Runnable, Common.Bearer {

  /// Exit status of a command that did what it should.
  static final int DONE = 0;

  /// Exit status of a command that failed.
  static final int FAILED = 1;

  /// Exit status of wrong usage.
  static final int USAGE = 2;

  @Mixin Common common = new Common();

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version.")
  boolean version;

  /// Every command, in the order in which help lists them.
  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> out = new LinkedHashMap<>();
    out.put("demo", DemoCommand.class);
    out.put("init", InitCommand.class);
    out.put("join", JoinCommand.class);
    out.put("accept", AcceptCommand.class);
    out.put("invite", InviteCommand.class);
    out.put("status", StatusCommand.class);
    out.put("ping", PingCommand.class);
    out.put("peers", PeersCommand.class);
    out.put("peer", PeerCommand.class);
    out.put("verify", VerifyCommand.class);
    out.put("trust", TrustCommand.class);
    out.put("service", ServiceCommand.class);
    out.put("proxy", ProxyCommand.class);
    out.put("daemon", DaemonCommand.class);
    out.put("secrets", SecretsCommand.class);
    out.put("relay", RelayCommand.class);
    out.put("config", ConfigCommand.class);
    out.put("whoami", WhoamiCommand.class);
    out.put("version", VersionCommand.class);
    out.put("completion", CompletionCommand.class);
    out.put("p2p", P2pCommand.class);
    out.put("help", HelpCommand.class);
    return out;
  }

  /// Runs one command and ends the process with its exit status.
  public static void main(String[] args) {
    OptionalInt status = Shortcut.run(args);
    if (status.isPresent()) {
      // Not System.exit: it looks for loggers in every jar, and there is nothing left to end.
      System.out.flush();
      System.err.flush();
      Runtime.getRuntime().halt(status.getAsInt());
    }
    System.exit(commandLine(args).execute(args));
  }

  /// The command tree that is needed to understand these words. Reading a command's annotations is
  /// what a short command spends most of its time with, so of one command when they name it, names
  /// and descriptions only when there is nothing but options, such as `--help`, else the whole.
  static CommandLine commandLine(String... args) {
    String first = command(args);
    boolean optionsOnly = args.length > 0 && first.isEmpty();
    Map<String, Class<?>> commands = commands();
    boolean whole = !commands.containsKey(first) || first.equals("help");
    CommandLine root = new CommandLine(new Peerup());
    commands.forEach((name, command) -> {
      if (optionsOnly) {
        root.addSubcommand(name, described(command));
      } else if (whole || name.equals(first)) {
        root.addSubcommand(name, new CommandLine(command));
      }
    });
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExecutionExceptionHandler(new Executed());
    root.setParameterExceptionHandler(new Misused());
    root.setUsageHelpAutoWidth(true);
    root.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            Voice.colourWanted() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
    root.setAbbreviatedOptionsAllowed(false);
    return root;
  }

  /// The first word that is neither an option nor an option's value; empty if there is none.
  private static String command(String... args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--home")) {
        i++;
      } else if (!args[i].startsWith("-")) {
        return args[i];
      }
    }
    return "";
  }

  /// What the list of commands shows of one.
  private static CommandSpec described(Class<?> command) {
    CommandSpec out = CommandSpec.create();
    Command annotation = command.getAnnotation(Command.class);
    if (annotation != null) {
      out.usageMessage().description(annotation.description());
    }
    return out;
  }

  @Override
  public Common common() {
    return common;
  }

  /// Without a command: everything there is.
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), NO_COMMAND);
  }

  private static final String NO_COMMAND = "a command is missing";

  /// For `--version`; what `version` prints, too.
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {VersionCommand.line()};
    }
  }

  /// Turns failures into words.
  private static final class Executed implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
      return Shortcut.explain(thrown, Common.inForce(command.getCommandSpec()).voice());
    }
  }

  /// Explains wrong usage: the problem, what was perhaps meant, and where the help is.
  private static final class Misused implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] args) {
      CommandLine command = e.getCommandLine();
      boolean json = List.of(args).contains("--json");
      if (args.length == 0) {
        command.usage(command.getErr());
        return USAGE;
      }
      String name = command.getCommandSpec().qualifiedName();
      Failure failure =
          new Failure("usage", problem(e, name), suggestion(e) + "see: " + name + " --help");
      if (json) {
        Voice.ofProcess(true, false).fail(failure);
      } else {
        Voice.lines(failure, "error: ", "hint: ").forEach(command.getErr()::println);
      }
      return USAGE;
    }

    private static String problem(ParameterException e, String command) {
      if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
        String typed = unmatched.getUnmatched().getFirst();
        return e.getCommandLine().getSubcommands().isEmpty()
            ? "`" + command + "` takes no further argument `" + typed + "`"
            : "there is no command `" + command + " " + typed + "`";
      }
      return String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong usage");
    }

    private static String suggestion(ParameterException e) {
      List<String> near =
          e instanceof UnmatchedArgumentException unmatched
              ? unmatched.getSuggestions()
              : List.of();
      return near.isEmpty() ? "" : "did you mean " + String.join(" or ", near) + "? ";
    }
  }
}
