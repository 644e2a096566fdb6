package io.peerup.cli;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends a process that runs in the foreground cleanly on SIGTERM and Ctrl-C, with exit status 0: it
/// did what it should, and a service manager need not call that a failure.
final class Shutdown implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  private final Thread hook;

  private Shutdown(AutoCloseable part) {
    hook = Thread.ofPlatform().name("shutdown").unstarted(() -> end(part));
  }

  /// From now until [#close] a signal closes `part`.
  static Shutdown onSignal(AutoCloseable part) {
    Shutdown out = new Shutdown(part);
    Runtime.getRuntime().addShutdownHook(out.hook);
    return out;
  }

  private static void end(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.atWarn().setCause(e).log("not everything stopped cleanly");
    }
    Runtime.getRuntime().halt(Peerup.DONE);
  }

  /// The process ends by itself.
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // A signal came first; the hook ends the process.
    }
  }
}
