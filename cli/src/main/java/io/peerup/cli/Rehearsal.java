package io.peerup.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Short commands one after the other in one process, of which the launcher makes the cache of
/// loaded classes that later commands start from (`caches.sh`). Takes a peer's name and the home to
/// ask.
final class Rehearsal {

  private Rehearsal() {}

  public static void main(String[] args) {
    String peer = args[0];
    String home = args[1];
    List<List<String>> commands =
        List.of(
            List.of("--help"),
            List.of("version"),
            List.of("daemon", "status"),
            List.of("daemon", "status", "--json"),
            List.of("status"),
            List.of("peers"),
            List.of("ping", peer, "--count", "2", "--interval", "20"),
            List.of("service", "list"),
            List.of("daemon", "nonsense"));
    for (List<String> command : commands) {
      List<String> words = new ArrayList<>(command);
      words.addAll(List.of("--home", home));
      String[] typed = words.toArray(String[]::new);
      OptionalInt status = Shortcut.run(typed);
      if (status.isEmpty()) {
        int _ = Peerup.commandLine(typed).execute(typed);
      }
    }
  }
}
