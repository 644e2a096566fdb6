package io.peerup.interop;

import com.google.gson.JsonObject;
import io.peerup.testkit.Needs;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The implementations that are tested against each other.
enum Stack {
  OURS,
  JS;

  /// This stack's entry.
  <T> T in(Map<Stack, T> map) {
    return Objects.requireNonNull(map.get(this), () -> this + " did not start");
  }

  /// A process that has just started and has no node yet.
  PeerProcess launch() {
    return switch (this) {
      case OURS -> PeerProcess.start("ours", OUR_COMMAND.get());
      case JS -> PeerProcess.start("js", jsCommand());
    };
  }

  /// A process with a running node; `fields` as for the `start` command.
  Node start(Object... fields) {
    PeerProcess process = launch();
    try {
      JsonObject started = process.call("start", fields);
      return new Node(
          this, process, Json.string(started, "peerId"), Json.strings(started, "addrs"));
    } catch (RuntimeException | AssertionError failed) {
      process.close();
      throw failed;
    }
  }

  /// A running node.
  ///
  /// @param addresses where it listens, each with `/p2p/<id>` at the end
  record Node(Stack stack, PeerProcess process, String id, List<String> addresses)
      implements AutoCloseable {

    /// The first address without a relay.
    String directAddress() {
      return addresses.stream().filter(each -> !each.contains("/p2p-circuit")).findFirst().get();
    }

    /// The first address through a relay.
    String circuitAddress() {
      return addresses.stream().filter(each -> each.contains("/p2p-circuit")).findFirst().get();
    }

    JsonObject call(String command, Object... fields) {
      return process.call(command, fields);
    }

    /// Ours run with paranoid leak detection, which reports on standard error.
    void assertNothingLeaked() {
      if (process.errors().contains("LEAK:")) {
        throw new AssertionError(this + " leaked buffers: " + process.errors());
      }
    }

    @Override
    public void close() {
      process.close();
    }

    @Override
    public String toString() {
      return stack.toString();
    }
  }

  /// Skips the test, saying why, if js-libp2p cannot be run here; fails instead under `CI=true`.
  static void requireJs() {
    Optional<String> obstacle = JS_INSTALLATION.get().obstacle();
    Needs.that(obstacle.isEmpty(), "js-libp2p cannot run here: " + obstacle.orElse(""));
  }

  private static List<String> jsCommand() {
    requireJs();
    return List.of(JS_INSTALLATION.get().node(), jsFolder().resolve("peer.mjs").toString());
  }

  private static Path jsFolder() {
    return root().resolve("interop").resolve("js");
  }

  /// The folder of the whole build.
  static Path root() {
    return Path.of(System.getProperty("peerup.root", "..")).toAbsolutePath().normalize();
  }

  private record Installation(String node, Optional<String> obstacle) {}

  private static final Supplier<Installation> JS_INSTALLATION = once(Stack::installJs);

  private static final Supplier<List<String>> OUR_COMMAND =
      once(() ->
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:-UsePerfData",
              "--enable-native-access=ALL-UNNAMED",
              "-Dio.netty.leakDetection.level=paranoid",
              "-cp",
              classPath(),
              OurPeer.class.getName()));

  /// Surefire hides the real class path behind a manifest; it keeps it in a property of its own.
  private static String classPath() {
    String hidden = System.getProperty("surefire.test.class.path");
    return hidden != null ? hidden : System.getProperty("java.class.path");
  }

  private static Installation installJs() {
    Path script = jsFolder().resolve("install");
    Path output = Path.of("target", "interop", "install.log");
    try {
      Files.createDirectories(output.getParent());
      Process process =
          new ProcessBuilder(script.toString())
              .redirectErrorStream(false)
              .redirectError(output.toFile())
              .redirectInput(new File("/dev/null"))
              .start();
      try (var lines = process.inputReader()) {
        String node = lines.lines().reduce("", (before, line) -> line);
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
          process.destroyForcibly();
          return new Installation("", Optional.of(script + " did not end within five minutes"));
        }
        String said = Files.readString(output).strip();
        return process.exitValue() == 0
            ? new Installation(node, Optional.empty())
            : new Installation("", Optional.of(said));
      }
    } catch (IOException cannot) {
      return new Installation("", Optional.of(cannot.toString()));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new Installation("", Optional.of("interrupted during installation"));
    }
  }

  private static <T> Supplier<T> once(Supplier<T> source) {
    return new Supplier<>() {
      private final FutureTask<T> task = new FutureTask<>(source::get);

      @Override
      public T get() {
        task.run();
        try {
          return task.get();
        } catch (InterruptedException | ExecutionException failed) {
          throw new IllegalStateException(failed);
        }
      }
    };
  }
}
