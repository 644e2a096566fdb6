package io.peerup.cli.p2p;

import io.peerup.control.Home;
import java.nio.file.Path;

final class Homes {

  private Homes() {}

  static Home current() {
    String named = System.getenv("PEERUP_HOME");
    return Home.of(
        named != null && !named.isEmpty()
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".config", "peerup"));
  }
}
