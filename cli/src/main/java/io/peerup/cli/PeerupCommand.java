package io.peerup.cli;

import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/// What every command is: something that runs with a home and a voice, and ends with 0 or throws a
/// [io.peerup.control.Failure], which [Peerup] turns into words and exit status 1.
public abstract class PeerupCommand implements Callable<Integer> {

  @Mixin protected Common common = new Common();

  @Override
  public final Integer call() throws Exception {
    return run(common.home(), common.voice());
  }

  /// Does the work. Returns the exit status.
  protected abstract int run(Home home, Voice voice) throws Exception;

  /// The running node or relay of this home.
  protected static ControlClient client(Home home) {
    return ControlClient.of(home);
  }
}
