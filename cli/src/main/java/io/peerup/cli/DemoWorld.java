package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.client.ControlClient;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The demo's processes and folders: everything it starts, it also ends, on every way out of the
/// program.
final class DemoWorld implements AutoCloseable {

  private static final Duration COMMAND_MAX = Duration.ofSeconds(60);

  private final Path folder;
  private final Map<String, Home> homes = new LinkedHashMap<>();
  private final List<Process> processes = new ArrayList<>();
  private final Thread hook;
  private boolean keep;
  private boolean closed;

  DemoWorld() throws IOException {
    folder = Files.createTempDirectory("peerup-demo-");
    hook = Thread.ofPlatform().name("demo-clean-up").unstarted(this::cleanUp);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  Path folder() {
    return folder;
  }

  Home home(String name) {
    return homes.computeIfAbsent(name, each -> Home.of(folder.resolve(each)));
  }

  /// Starts a long-running command in this home and waits until its control socket answers.
  void start(String name, String... arguments) {
    Process process = DaemonProcess.start(home(name), List.of(arguments));
    synchronized (this) {
      processes.add(process);
    }
  }

  /// Runs a command of this home to its end, as a process of its own, and returns what `--json`
  /// printed last.
  ///
  /// @throws Failure what the command itself said when it failed
  JsonObject run(String name, String... arguments) throws IOException, InterruptedException {
    List<String> lines = lines(name, arguments);
    return Jsons.parseObject(lines.getLast());
  }

  /// As [#run], with every line.
  List<String> lines(String name, String... arguments) throws IOException, InterruptedException {
    Process process = launch(name, arguments);
    String text;
    try (InputStream in = process.getInputStream()) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (!process.waitFor(COMMAND_MAX.toSeconds(), TimeUnit.SECONDS)) {
      process.destroy();
      throw new Failure(
          "demo-timeout",
          "`peerup "
              + String.join(" ", arguments)
              + "` took longer than "
              + Voice.time(COMMAND_MAX),
          "is this machine very busy? try again");
    }
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    if (process.exitValue() != 0) {
      Failure said = lines.isEmpty() ? null : Failure.fromJson(Jsons.parseObject(lines.getLast()));
      throw said != null
          ? said
          : new Failure(
              "demo-failed",
              "`peerup " + String.join(" ", arguments) + "` ended with " + process.exitValue(),
              "try it by hand with PEERUP_HOME=" + home(name).root());
    }
    return lines;
  }

  /// Starts a command of this home and leaves it running.
  Process launch(String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(DaemonProcess.self());
    command.addAll(List.of(arguments));
    command.add("--json");
    command.add("--home");
    command.add(home(name).root().toString());
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    synchronized (this) {
      processes.add(process);
    }
    return process;
  }

  /// Everything that runs stays, and its folders with it.
  synchronized void keep() {
    keep = true;
  }

  @Override
  public void close() {
    cleanUp();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook is what called this.
    }
  }

  private synchronized void cleanUp() {
    if (closed || keep) {
      return;
    }
    closed = true;
    for (Home home : homes.values()) {
      try {
        ControlClient.of(home).call("POST", "/v1/shutdown", null, Duration.ofSeconds(3));
      } catch (Failure e) {
        // It has ended already, or never started.
      }
    }
    for (Process process : processes) {
      try {
        if (!process.waitFor(3, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
      }
    }
    awaitDaemons();
    delete();
  }

  /// Daemons that `join` started are not our children; they have been asked to stop.
  private void awaitDaemons() {
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    for (Home home : homes.values()) {
      while (ControlClient.of(home).isRunning() && System.nanoTime() < deadline) {
        java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  private void delete() {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(path -> {
            try {
              Files.deleteIfExists(path);
            } catch (IOException e) {
              // A file that a stopping daemon still writes; the folder is temporary in any case.
            }
          });
    } catch (IOException e) {
      // The folder is gone already.
    }
  }
}
