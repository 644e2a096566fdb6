package io.peerup.cli.p2p;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What every tool has: the options of its host, and how it says that it failed.
abstract class ToolCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  NodeOptions options;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before call()
  CommandSpec spec;

  // Everything here is JSON; the flag is accepted because every other command has it.
  @Option(names = "--json", description = "Print JSON, which these commands do in any case.")
  @SuppressWarnings("UnusedVariable")
  private boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable")
  private boolean help;

  /// Does the work; blocks. Throws [OverlayException] or [Failure].
  abstract void run(Lines out) throws InterruptedException;

  @Override
  public final Integer call() {
    Lines out = new Lines(spec.commandLine().getOut());
    try {
      run(out);
      return 0;
    } catch (OverlayException failed) {
      out.error(String.valueOf(failed.getMessage()), failed.hint());
    } catch (Failure failed) {
      out.error(failed.message(), failed.hint());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      out.error("interrupted", "");
    } catch (ParameterException wrongUsage) {
      throw wrongUsage;
    } catch (RuntimeException bug) {
      out.error(
          "internal error: " + bug,
          "this is a bug in peerup; please report it with the command you typed");
      bug.printStackTrace(spec.commandLine().getErr());
    }
    return 1;
  }
}
