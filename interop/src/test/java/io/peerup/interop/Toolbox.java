package io.peerup.interop;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `./peerup p2p …` as its users run it.
final class Toolbox {

  /// A launcher, a JVM and some work on two busy cores.
  private static final int SECONDS_MAX = 60;

  private Toolbox() {}

  /// What a command printed, and its exit status.
  record Result(int status, List<JsonObject> lines) {

    /// The lines of this kind.
    List<JsonObject> events(String kind) {
      return lines.stream().filter(line -> Json.string(line, "event").equals(kind)).toList();
    }

    /// The only line, which is of this kind.
    JsonObject only(String kind) {
      if (lines.size() != 1 || events(kind).size() != 1) {
        throw new AssertionError("expected one line '" + kind + "', got " + this);
      }
      return lines.getFirst();
    }
  }

  /// Runs a command to its end.
  static Result run(String... arguments) {
    try {
      Process process =
          new ProcessBuilder(command(arguments))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectInput(new File("/dev/null"))
              .start();
      Thread.ofVirtual()
          .start(() -> {
            try {
              if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
              }
            } catch (InterruptedException stopped) {
              process.destroyForcibly();
            }
          });
      try (var lines = process.inputReader()) {
        List<JsonObject> objects =
            lines.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
        return new Result(process.waitFor(), objects);
      }
    } catch (IOException cannot) {
      throw new UncheckedIOException(cannot);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  /// Starts a command that stays, and waits for its first line of this kind.
  static PeerProcess.Started stay(String firstEvent, String... arguments) {
    return PeerProcess.start("p2p-" + arguments[0], command(arguments), firstEvent);
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Stack.root().resolve("peerup").toString());
    command.add("p2p");
    command.addAll(List.of(arguments));
    return command;
  }
}
