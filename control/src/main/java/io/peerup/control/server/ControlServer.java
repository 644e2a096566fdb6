package io.peerup.control.server;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import java.util.List;

/// Answers requests on a home's control socket until closed.
public final class ControlServer implements AutoCloseable {
  private ControlServer() {}

  /// Writes a new cookie and listens.
  ///
  /// @throws Failure `socket-unsafe` when the socket's place is taken by something that is not a
  ///   dead socket of ours, or its directory is not safe; `already-running` when a live server
  ///   answers there
  public static ControlServer start(Home home, List<Route> routes) {
    throw new UnsupportedOperationException(home + " " + routes);
  }

  /// Stops listening, interrupts running handlers, removes socket and cookie.
  @Override
  public void close() {}
}
