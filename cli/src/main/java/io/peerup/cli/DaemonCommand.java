package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.node.NodeDaemon;
import io.peerup.node.NodeSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "daemon",
    description = {
      "Run this node in the foreground, for a service manager.",
      "It ends on SIGTERM, Ctrl-C, or `peerup daemon stop`. The commands below manage one in the"
          + " background."
    },
    subcommands = {
      DaemonCommand.Start.class,
      DaemonCommand.Stop.class,
      DaemonCommand.Status.class,
      DaemonCommand.Logs.class
    })
final class DaemonCommand extends PeerupCommand {

  @Mixin PassphraseOptions passphrase = new PassphraseOptions();

  @Override
  protected int run(Home home, Voice voice) throws Exception {
    refuseMissing(home);
    Logging.toFile(home, NodeSettings::check);
    try (NodeDaemon daemon =
            NodeDaemon.start(home, Version.current(), passphrase.source(home, voice));
        Shutdown _ = Shutdown.onSignal(daemon)) {
      if (voice.json()) {
        JsonObject ready = new JsonObject();
        ready.addProperty("event", "ready");
        ready.addProperty("peerId", daemon.peerId().toString());
        ready.addProperty("home", home.root().toString());
        voice.emit(ready);
      } else {
        voice.say("Running as " + daemon.peerId());
        daemon.listenAddresses().forEach(address -> voice.say("Listening on " + address));
        voice.say("Log: " + home.log());
      }
      daemon.awaitClose();
    }
    return Peerup.DONE;
  }

  /// A mistyped home must not become a new node; `join` and `init` are what creates one.
  private static void refuseMissing(Home home) {
    if (!home.exists()) {
      throw new Failure(
          "no-home",
          "there is no home at " + Printable.of(home.root().toString()),
          "create it with `peerup init` or `peerup join CODE --name laptop`, or name another with"
              + " --home DIR or PEERUP_HOME");
    }
  }

  @Command(name = "start", description = "Start this node in the background.")
  static final class Start extends PeerupCommand {
    @Mixin PassphraseOptions passphrase = new PassphraseOptions();

    @Override
    protected int run(Home home, Voice voice) {
      refuseMissing(home);
      boolean wasRunning = Running.node(home).isRunning();
      if (!wasRunning) {
        DaemonProcess.startNode(home, passphrase, voice);
      }
      if (voice.json()) {
        JsonObject out = new JsonObject();
        out.addProperty("daemon", wasRunning ? "running" : "started");
        voice.emit(out);
      } else {
        voice.say(wasRunning ? "The daemon is running already" : "The daemon runs");
      }
      return Peerup.DONE;
    }
  }

  @Command(name = "stop", description = "Stop what runs this home: the node, or the relay.")
  static final class Stop extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      Running running = Running.node(home);
      running.refuseNothing();
      voice.progress("Stopping…");
      DaemonProcess.stop(home);
      if (voice.json()) {
        JsonObject out = new JsonObject();
        out.addProperty("daemon", "stopped");
        voice.emit(out);
      } else {
        voice.say("It has stopped");
      }
      return Peerup.DONE;
    }
  }

  @Command(name = "status", description = "Show everything the running node knows of itself.")
  static final class Status extends PeerupCommand {
    @Option(names = "--watch", description = "Show it again whenever it changes.")
    boolean watch;

    @Override
    protected int run(Home home, Voice voice) {
      Running node = Running.node(home);
      if (!watch) {
        show(node.call("GET", "/v1/status", null), voice);
        return Peerup.DONE;
      }
      node.stream(
          "GET",
          "/v1/status/stream",
          null,
          status -> {
            show(status, voice);
            if (!voice.json()) {
              voice.say("");
            }
          });
      return Peerup.DONE;
    }

    private static void show(JsonObject status, Voice voice) {
      if (voice.json()) {
        voice.emit(status);
      } else {
        new StatusView(voice).full(status);
      }
    }
  }

  @Command(
      name = "logs",
      description = "Print the end of the log. Works after the node has stopped.")
  static final class Logs extends PeerupCommand {
    private static final int LINES_MAX = 100_000;

    @Option(
        names = {"-n", "--lines"},
        paramLabel = "N",
        description = "How many lines (default: ${DEFAULT-VALUE}).")
    int lines = 50;

    @Option(
        names = {"-f", "--follow"},
        description = "Go on with new lines until interrupted.")
    boolean follow;

    @Override
    protected int run(Home home, Voice voice) throws IOException {
      if (lines < 0 || lines > LINES_MAX) {
        throw misuse("--lines must be 0 to " + LINES_MAX);
      }
      if (!Files.exists(home.log())) {
        throw new Failure(
            "no-log",
            "there is no log at " + Printable.of(home.log().toString()),
            "nothing has run in this home yet; name another with --home DIR or PEERUP_HOME, or start"
                + " this one: peerup daemon start");
      }
      long end;
      try (RandomAccessFile file = new RandomAccessFile(home.log().toFile(), "r")) {
        ArrayDeque<String> last = new ArrayDeque<>();
        for (String line = file.readLine(); line != null; line = file.readLine()) {
          last.addLast(line);
          if (last.size() > lines) {
            last.removeFirst();
          }
        }
        end = file.getFilePointer();
        last.forEach(line -> print(line, voice));
      }
      while (follow) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(250));
        end = printFrom(home, end, voice);
      }
      return Peerup.DONE;
    }

    private static long printFrom(Home home, long from, Voice voice) throws IOException {
      try (RandomAccessFile file = new RandomAccessFile(home.log().toFile(), "r")) {
        // A shorter file is a new one: the old one was rotated away.
        file.seek(file.length() < from ? 0 : from);
        for (String line = file.readLine(); line != null; line = file.readLine()) {
          print(line, voice);
        }
        return file.getFilePointer();
      }
    }

    private static void print(String latin1, Voice voice) {
      // RandomAccessFile reads bytes as Latin-1; the log is UTF-8.
      String line =
          new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      if (voice.json()) {
        JsonObject out = new JsonObject();
        out.addProperty("line", line);
        voice.emit(out);
      } else {
        voice.say(Printable.of(line));
      }
    }
  }
}
