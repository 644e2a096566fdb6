package io.peerup.cli;

import io.peerup.control.Home;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What every command is: something that runs with a home and a voice, and ends with 0 or throws a
/// [io.peerup.control.Failure], which [Peerup] turns into words and exit status 1.
public abstract class PeerupCommand implements Callable<Integer>, Common.Bearer {

  @Mixin Common common = new Common();

  @Spec
  @SuppressWarnings(
      "NullAway.Init") // picocli sets it before call(), and only call() and misuse() need it
  CommandSpec spec;

  @Override
  public final Common common() {
    return common;
  }

  @Override
  public final Integer call() throws Exception {
    Common inForce = Common.inForce(spec);
    return run(inForce.home(), inForce.voice());
  }

  /// Does the work. Returns the exit status.
  protected abstract int run(Home home, Voice voice) throws Exception;

  /// What was typed cannot be meant: exit status 2.
  protected final ParameterException misuse(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
