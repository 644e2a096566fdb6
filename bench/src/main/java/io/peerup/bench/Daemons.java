package io.peerup.bench;

import static java.lang.ProcessBuilder.Redirect.DISCARD;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The real application, started by its launcher: one relay, some devices that join, each command a
/// process of its own, timed whole.
final class Daemons implements AutoCloseable {

  private static final int COMMAND_SECONDS_MAX = 60;

  /// From the last join until a daemon counts as idle.
  private static final int IDLE_AFTER_SECONDS = 20;

  private static final int RUNS = 20;

  /// How long traffic is counted; long enough for a few keep-alives of every connection.
  private static final int TRAFFIC_SECONDS = 240;

  private final Setting setting;
  private final Progress progress;
  private final Path folder;
  final Samples joinSeconds = new Samples();
  final Samples statusSeconds = new Samples();
  final Samples helpSeconds = new Samples();
  final Samples javaSeconds = new Samples();
  final Samples readySeconds = new Samples();
  final Samples payloadKilobytes = new Samples();
  final Samples wireKilobytes = new Samples();
  final Samples daemonMegabytes = new Samples();
  final Samples relayMegabytes = new Samples();

  Daemons(Setting setting, Progress progress) throws IOException {
    this.setting = setting;
    this.progress = progress;
    this.folder = Files.createTempDirectory("peerup-bench-");
  }

  void run() throws IOException, InterruptedException {
    progress.say("daemons: " + setting.joins() + " devices join");
    String listen = "/ip4/127.0.0.1/tcp/" + freePort();
    awaitListening(launch("relay", "relay", "serve", "--listen", listen));
    for (String code : codes(setting.joins())) {
      int number = joinSeconds.count() + 1;
      joinSeconds.add(timed("device" + number, "join", code, "--name", "device" + number));
    }
    progress.say("  join " + joinSeconds.text(2) + " s");
    TimeUnit.SECONDS.sleep(IDLE_AFTER_SECONDS);
    for (int device = 1; device <= setting.joins(); device++) {
      daemonMegabytes.add(residentMegabytes("device" + device));
    }
    relayMegabytes.add(residentMegabytes("relay"));
    progress.say("  idle daemon " + daemonMegabytes.text(1) + " MB resident");
    commands();
    traffic();
  }

  /// Short commands, a start, and a java that does nothing, in turns: what else the machine does
  /// meets all of them.
  private void commands() throws IOException, InterruptedException {
    exitValue("alone", "init");
    for (int i = 0; i < RUNS; i++) {
      javaSeconds.add(timed(nothing()));
      statusSeconds.add(timed("device1", "daemon", "status"));
      helpSeconds.add(timed("device1", "--help"));
      readySeconds.add(start());
    }
    progress.say("  a java that does nothing " + javaSeconds.text(3) + " s");
    progress.say("  daemon status " + statusSeconds.text(3) + " s");
    progress.say("  --help " + helpSeconds.text(3) + " s");
    progress.say("  daemon ready after " + readySeconds.text(3) + " s");
  }

  private static ProcessBuilder nothing() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--version")
        .redirectErrorStream(true);
  }

  /// From the start of a daemon until it says that it is ready.
  private double start() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Process daemon = launch("alone", "daemon", "--json");
    String line = daemon.inputReader(StandardCharsets.UTF_8).readLine();
    double seconds = (System.nanoTime() - begin) / 1e9;
    daemon.destroy();
    if (!String.valueOf(line).contains("\"ready\"")) {
      throw new IllegalStateException("the daemon did not start: " + line);
    }
    daemon.waitFor();
    return seconds;
  }

  /// What the kernel counted on every daemon's connections, as of an hour.
  private void traffic() throws IOException, InterruptedException {
    progress.say("  counting bytes for " + TRAFFIC_SECONDS + " s");
    List<Long> daemons = new ArrayList<>();
    for (int device = 1; device <= setting.joins(); device++) {
      daemons.add(running("device" + device).pid());
    }
    Sockets before = Sockets.now();
    TimeUnit.SECONDS.sleep(TRAFFIC_SECONDS);
    Sockets after = Sockets.now();
    double hours = TRAFFIC_SECONDS / 3600.0;
    // Nothing else speaks UDP here, and each datagram is of two daemons.
    Sockets.Count udp = after.udpSince(before);
    for (long daemon : daemons) {
      Sockets.Count tcp = after.since(before, daemon);
      double share = 2.0 / daemons.size();
      payloadKilobytes.add((tcp.payload() + udp.payload() * share) / hours / 1000);
      wireKilobytes.add((tcp.withHeaders() + udp.withHeaders() * share) / hours / 1000);
    }
    progress.say("  an hour's payload " + payloadKilobytes.text(0) + " kB");
  }

  private static void awaitListening(Process relay) throws IOException {
    BufferedReader lines = relay.inputReader(StandardCharsets.UTF_8);
    for (String line = lines.readLine(); !String.valueOf(line).startsWith("Listening"); ) {
      if (line == null) {
        throw new IllegalStateException("the relay did not start");
      }
      line = lines.readLine();
    }
  }

  private List<String> codes(int count) throws IOException, InterruptedException {
    Process made = launch("relay", "relay", "pair", "--count", "" + count, "--ttl", "1h", "--json");
    String text = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (made.waitFor() != 0) {
      throw new IllegalStateException("no codes: " + text);
    }
    JsonObject answer = JsonParser.parseString(text).getAsJsonObject();
    JsonArray codes = answer.getAsJsonArray("codes");
    return codes.asList().stream()
        .map(each -> each.isJsonObject() ? each.getAsJsonObject().get("code") : each)
        .map(each -> each.getAsString())
        .toList();
  }

  private double timed(String home, String... arguments) throws IOException, InterruptedException {
    return timed(command(home, arguments));
  }

  private static double timed(ProcessBuilder command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    int exit = exitValue(command);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (exit != 0) {
      throw new IllegalStateException(command.command() + " ended with " + exit);
    }
    return seconds;
  }

  private int exitValue(String home, String... arguments) throws IOException, InterruptedException {
    return exitValue(command(home, arguments));
  }

  private static int exitValue(ProcessBuilder command) throws IOException, InterruptedException {
    // Not read here: a daemon that a command starts would keep a pipe open.
    Process process = command.redirectOutput(DISCARD).start();
    if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(command.command() + " did not end");
    }
    return process.exitValue();
  }

  private Process launch(String home, String... arguments) throws IOException {
    return command(home, arguments).start();
  }

  private ProcessBuilder command(String home, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(setting.root().resolve("peerup").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(Files.createDirectories(setting.logs()).resolve("app.log").toFile());
    builder.environment().put("PEERUP_HOME", folder.resolve(home).toString());
    builder.environment().put("PEERUP_JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  private double residentMegabytes(String home) throws IOException {
    return Machine.residentMegabytes(running(home).pid());
  }

  /// A home's process has its folder in its environment.
  private ProcessHandle running(String home) {
    String wanted = folder.resolve(home).toString();
    for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
      if (environment(each.pid()).contains("PEERUP_HOME=" + wanted + "\0")) {
        return each;
      }
    }
    throw new IllegalStateException("no process of " + home);
  }

  private static String environment(long pid) {
    try {
      byte[] all = Files.readAllBytes(Path.of("/proc/" + pid + "/environ"));
      return new String(all, StandardCharsets.ISO_8859_1);
    } catch (IOException goneOrNotOurs) {
      return "";
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @Override
  public void close() {
    try (Stream<Path> homes = Files.list(folder)) {
      for (Path home : homes.toList()) {
        int _ = exitValue(home.getFileName().toString(), "daemon", "stop");
      }
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    } catch (IOException cannot) {
      progress.say("could not clean up " + folder + ": " + cannot);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
