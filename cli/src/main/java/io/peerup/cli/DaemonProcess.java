package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.FileTrouble;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.control.Jsons;
import io.peerup.control.Printable;
import io.peerup.control.client.ControlClient;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Starts daemons and relays as processes of their own and waits until they are ready.
///
/// What the process says until then comes through a pipe and not through a file, so that the reason
/// of a failed start arrives even when the disk is full. Afterwards it speaks through its log.
final class DaemonProcess {

  /// A start takes a second; a small machine under load gets thirty.
  static final Duration START_MAX = Duration.ofSeconds(30);

  /// A stop says good-bye to peers and closes files.
  static final Duration STOP_MAX = Duration.ofSeconds(10);

  /// How much of what a failed start printed is shown, when it is not an error of ours.
  private static final int OUTPUT_LENGTH_MAX = 4096;

  /// Gives a process a session of its own: Ctrl-C in the terminal, or its end, is not for it.
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private DaemonProcess() {}

  /// Starts `peerup <arguments> --home <home>` detached from this terminal, and returns once it is
  /// ready. When this program is interrupted before that, the process ends, too.
  ///
  /// @throws Failure what the process itself said when it ended early, or `start-timeout`
  static Process start(Home home, List<String> arguments) {
    return start(home, arguments, Optional.empty());
  }

  /// Starts this home's node in the background. A passphrase that it needs is found here, where
  /// somebody can be asked, and goes to it through a pipe.
  static void startNode(Home home, PassphraseOptions options, Voice voice) {
    if (IdentityFile.sealed(home).isEmpty()) {
      voice.progress("Starting the daemon…");
      start(home, List.of("daemon"));
      return;
    }
    try (Passphrase passphrase = options.source(home, voice).ask(home.identityKey().toString())) {
      voice.progress("Starting the daemon…");
      start(home, List.of("daemon", "--passphrase-stdin"), Optional.of(passphrase));
    }
  }

  private static Process start(Home home, List<String> arguments, Optional<Passphrase> passphrase) {
    home.ensure();
    Process process;
    try {
      process =
          new ProcessBuilder(command(home, arguments))
              .directory(home.root().toFile())
              .redirectInput(
                  passphrase.isPresent()
                      ? ProcessBuilder.Redirect.PIPE
                      : ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw FileTrouble.failure("start-failed", "cannot start a process in", home.root(), e);
    }
    Thread hook = Thread.ofPlatform().name("end-start").unstarted(() -> end(process));
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      passphrase.ifPresent(secret -> hand(process, secret));
      awaitReady(home, process);
    } catch (IllegalStateException e) {
      end(process);
      throw new Failure("interrupted", "interrupted", "", e);
    } catch (RuntimeException e) {
      process.destroy();
      throw e;
    } finally {
      removeHook(hook);
    }
    return process;
  }

  private static void hand(Process process, Passphrase passphrase) {
    byte[] secret = passphrase.bytes();
    try (OutputStream in = process.getOutputStream()) {
      in.write(secret);
      in.write('\n');
    } catch (IOException e) {
      // It ended before it read; what it said says why.
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /// Asks the daemon or relay of this home to stop and waits until it has: until it has given up
  /// the home, so that the next one can start.
  static void stop(Home home) {
    ControlClient client = ControlClient.of(home);
    OptionalLong holder = HomeLock.holder(home);
    client.call("POST", "/v1/shutdown", null, STOP_MAX);
    long deadline = System.nanoTime() + STOP_MAX.toNanos();
    while (client.isRunning() || holds(home, holder)) {
      if (System.nanoTime() > deadline) {
        throw new Failure(
            "stop-timeout",
            "what runs the home "
                + Printable.of(home.root().toString())
                + " has not stopped within "
                + Voice.time(STOP_MAX),
            "see its log: peerup daemon logs");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static boolean holds(Home home, OptionalLong process) {
    return process.isPresent()
        && HomeLock.holder(home).equals(process)
        && ProcessHandle.of(process.getAsLong()).map(ProcessHandle::isAlive).orElse(false);
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
        absolute(System.getProperty("java.class.path")),
        Peerup.class.getName());
  }

  private static String absolute(String classPath) {
    List<String> parts = new ArrayList<>();
    for (String part : classPath.split(File.pathSeparator, -1)) {
      parts.add(Path.of(part).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, parts);
  }

  private static List<String> command(Home home, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString());
    }
    command.addAll(self());
    command.addAll(arguments);
    command.addAll(List.of("--json", "--home", home.root().toString()));
    return command;
  }

  private static void awaitReady(Home home, Process process) {
    CompletableFuture<@Nullable Failure> end = new CompletableFuture<>();
    Thread.ofVirtual().name("start-output").start(() -> read(process, end));
    Failure failure;
    try {
      failure = end.get(START_MAX.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new Failure(
          "start-timeout",
          "the process was not ready within " + Voice.time(START_MAX),
          "see its log: " + Printable.of(home.log().toString()),
          e);
    } catch (ExecutionException e) {
      throw Internal.failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", "interrupted", "", e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  /// Completes with null when the process says that it is ready, else with why it is not.
  private static void read(Process process, CompletableFuture<@Nullable Failure> end) {
    StringBuilder other = new StringBuilder();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        JsonObject said = parse(line);
        if (said != null && said.has("event")) {
          end.complete(null);
          return;
        }
        Failure failure = said == null ? null : Failure.fromJson(said);
        if (failure != null) {
          end.complete(failure);
          return;
        }
        if (other.length() < OUTPUT_LENGTH_MAX) {
          other.append(line).append('\n');
        }
      }
    } catch (IOException e) {
      other.append(e.getMessage());
    }
    end.complete(endedWith(other.toString()));
  }

  /// Why a process failed that said nothing in our own form.
  static Failure endedWith(String text) {
    String said = text.substring(0, Math.min(text.length(), OUTPUT_LENGTH_MAX)).strip();
    return new Failure(
        "start-failed",
        "the process ended before it was ready"
            + (said.isEmpty() ? " and said nothing" : "; it said: " + said.replace("\n", " | ")),
        "try it in the foreground: peerup daemon");
  }

  private static @Nullable JsonObject parse(String line) {
    try {
      return line.startsWith("{") ? Jsons.parseObject(line) : null;
    } catch (Failure e) {
      return null;
    }
  }

  private static void end(Process process) {
    process.destroy();
    try {
      process.waitFor(STOP_MAX.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This program is ending, and the hook does its work.
    }
  }
}
