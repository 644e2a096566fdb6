package io.peerup.testkit;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// A port for a server that a test starts later, or stops and starts again. Systems do not give it
/// to somebody who wants just any, as every dialler does: those begin at 32768 or above.
public final class FreePort {

  private static final int FIRST = 20_000;
  private static final int END = 32_000;

  private FreePort() {}

  /// One that nobody has now, neither for TCP nor for UDP.
  public static int choose() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, END);
      try (ServerSocket _ = new ServerSocket(port);
          DatagramSocket _ = new DatagramSocket(port)) {
        return port;
      } catch (IOException taken) {
        // Another one, then.
      }
    }
  }
}
