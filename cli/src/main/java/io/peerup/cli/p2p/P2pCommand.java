package io.peerup.cli.p2p;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `peerup p2p`: names its sub-commands, does nothing itself.
@Command(
    name = "p2p",
    header = "Tools for people who speak libp2p.",
    description = {
      "Speaks to any libp2p peer (TCP or QUIC, Noise or TLS; directly or through a circuit relay), apart from"
          + " any daemon and with a throw-away identity unless --key is given. One JSON object a"
          + " line; a failure is a line {\"event\":\"error\",\"message\",\"hint\"} and exit status 1."
    },
    subcommands = {
      ListenCommand.class,
      PingCommand.class,
      IdentifyCommand.class,
      PerfCommand.class,
      ReserveCommand.class
    })
public final class P2pCommand implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before run()
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable")
  private boolean help;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "Missing sub-command: listen, ping, identify, perf or reserve");
  }
}
