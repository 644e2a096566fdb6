package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// The demo's processes and folders: everything it starts, it also ends, on every way out of the
/// program.
final class DemoWorld implements AutoCloseable {

  private static final Duration COMMAND_MAX = Duration.ofSeconds(60);

  /// For one process to end after it was asked to.
  private static final Duration END_MAX = Duration.ofSeconds(5);

  private final Path folder;
  // Written by one thread under the lock while not ending, read by the one that cleans up.
  private final Map<String, Home> homes = new ConcurrentHashMap<>();
  private final List<Process> processes = new CopyOnWriteArrayList<>();
  private final Thread hook;
  private boolean keep;
  private volatile boolean ending;

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
      if (ending) {
        process.destroy();
      }
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
    synchronized (this) {
      if (ending) {
        throw new Failure("interrupted", "interrupted", "");
      }
      Process process =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      processes.add(process);
      return process;
    }
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

  /// Whether this program is ending; what fails now fails because of that.
  boolean isEnding() {
    return ending;
  }

  /// From here on nothing new starts, and everything that was started ends: commands by a signal,
  /// daemons, which `join` started and which are not our children, by a request.
  private void cleanUp() {
    synchronized (this) {
      if (ending || keep) {
        return;
      }
      ending = true;
    }
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        if (!process.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
      }
    }
    for (Home home : homes.values()) {
      try {
        DaemonProcess.stop(home);
      } catch (Failure e) {
        // It has ended already, or never started.
      }
    }
    delete();
  }

  /// Tries again for a while: a daemon that ends may still write.
  private void delete() {
    long deadline = System.nanoTime() + END_MAX.toNanos();
    while (!deleted() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private boolean deleted() {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
      return true;
    } catch (NoSuchFileException e) {
      return !Files.exists(folder);
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }
}
