package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Starts daemons and relays as processes of their own and waits until they answer.
final class DaemonProcess {

  /// A start takes a second; a small machine under load gets thirty.
  static final Duration START_MAX = Duration.ofSeconds(30);

  /// A stop says good-bye to peers and closes files.
  static final Duration STOP_MAX = Duration.ofSeconds(10);

  /// How much of what a failed start printed is shown.
  private static final int OUTPUT_BYTES_MAX = 4096;

  private DaemonProcess() {}

  /// Starts `peerup <arguments> --home <home>` detached from this terminal, and returns once its
  /// control socket answers.
  ///
  /// @throws Failure what the process itself said when it ended early, or `start-timeout`
  static Process start(Home home, List<String> arguments) {
    home.ensure();
    Path output = home.root().resolve("logs").resolve("start.log");
    List<String> command = new ArrayList<>(self());
    command.addAll(arguments);
    command.add("--home");
    command.add(home.root().toString());
    Process process;
    try {
      Files.deleteIfExists(output);
      process =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start();
    } catch (IOException e) {
      throw new Failure(
          "start-failed",
          "cannot start a process: " + e.getMessage(),
          "check that " + home.root() + " can be written and the disk is not full",
          e);
    }
    awaitAnswer(home, process, output);
    return process;
  }

  /// Asks the daemon or relay of this home to stop and waits until it has.
  static void stop(Home home) {
    ControlClient client = ControlClient.of(home);
    client.call("POST", "/v1/shutdown", null, STOP_MAX);
    long deadline = System.nanoTime() + STOP_MAX.toNanos();
    while (client.isRunning()) {
      if (System.nanoTime() > deadline) {
        throw new Failure(
            "stop-timeout",
            "the daemon of " + home.root() + " has not stopped within " + Voice.time(STOP_MAX),
            "see its log: peerup daemon logs");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static void awaitAnswer(Home home, Process process, Path output) {
    ControlClient client = ControlClient.of(home);
    long deadline = System.nanoTime() + START_MAX.toNanos();
    while (!client.isRunning()) {
      if (!process.isAlive()) {
        throw ended(output);
      }
      if (System.nanoTime() > deadline) {
        process.destroy();
        throw new Failure(
            "start-timeout",
            "the process did not answer within " + Voice.time(START_MAX),
            "see " + output + " and " + home.log());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  /// The child printed its own error in our form; pass it on as it is.
  private static Failure ended(Path output) {
    String said = "";
    try {
      byte[] bytes = Files.readAllBytes(output);
      said = new String(bytes, 0, Math.min(bytes.length, OUTPUT_BYTES_MAX), StandardCharsets.UTF_8);
    } catch (IOException e) {
      // Then there is nothing more to say than that it ended.
    }
    StringBuilder message = new StringBuilder();
    String hint = "";
    for (String line : said.lines().toList()) {
      if (line.startsWith("error: ")) {
        message.append(message.isEmpty() ? "" : "\n").append(line.substring("error: ".length()));
      } else if (line.startsWith("hint: ")) {
        hint = line.substring("hint: ".length());
      }
    }
    return new Failure(
        "start-failed",
        message.isEmpty()
            ? "the daemon ended at once; it printed: " + said.strip()
            : message.toString(),
        hint.isEmpty() ? "try it in the foreground: peerup daemon" : hint);
  }

  /// How this program was started: by its launcher, or directly by a java command.
  static List<String> self() {
    String launcher = System.getenv("PEERUP_LAUNCHER");
    if (launcher != null && Files.isExecutable(Path.of(launcher))) {
      return List.of(launcher);
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx512m",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        Peerup.class.getName());
  }
}
