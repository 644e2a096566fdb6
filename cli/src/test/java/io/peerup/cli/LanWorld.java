package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.FileFacts;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.testkit.Needs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A local network that exists only here: machines as network namespaces on one bridge, with
/// private addresses, and no way out of it. Each machine has a home and runs real processes.
final class LanWorld implements AutoCloseable {

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final String NET = "10.77.0.";

  /// Of the network that leads nowhere.
  private static final String ROUTER = "10.99.0.1";

  private final Path folder;
  private final String prefix = "pu" + ProcessHandle.current().pid() + "-";
  private final Deque<String> namespaces = new ArrayDeque<>();
  private final List<Process> processes = new ArrayList<>();
  private final Map<String, Integer> hosts = new HashMap<>();

  LanWorld(Path folder) {
    this.folder = folder;
    Needs.that(FileFacts.ourUid() == 0, "only root can make network namespaces");
    Needs.that(run("ip", "-V").status() == 0, "ip of iproute2 is not here");
    Ran made = run("ip", "netns", "add", space("hub"));
    Needs.that(made.status() == 0, "this system gives us no network namespaces: " + made.output());
    namespaces.push(space("hub"));
    ip("-n", space("hub"), "link", "add", "br0", "type", "bridge");
    ip("-n", space("hub"), "link", "set", "br0", "up");
    ip("-n", space("hub"), "route", "add", "blackhole", "default");
  }

  private record Ran(int status, String output) {}

  private static Ran run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ran(process.onExit().join().exitValue(), output);
    } catch (IOException e) {
      return new Ran(127, String.valueOf(e.getMessage()));
    }
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Ran ran = run(command.toArray(String[]::new));
    assertThat(ran.status()).as("%s: %s", command, ran.output()).isZero();
  }

  private String space(String name) {
    return prefix + name;
  }

  /// One more machine on the network.
  void plug(String name) {
    String space = space(name);
    int host = hosts.size() + 1;
    hosts.put(name, host);
    ip("netns", "add", space);
    namespaces.push(space);
    ip("-n", space, "link", "set", "lo", "up");
    plugAgain(name, address(name));
  }

  /// Takes the machine off the network: its interface, its address and its routes are gone.
  void unplug(String name) {
    ip("-n", space(name), "link", "del", "eth0");
  }

  /// Puts a machine that is not on the network into it, with this address.
  void plugAgain(String name, String address) {
    cable(name, address);
    ip("-n", space("hub"), "link", "set", port(name), "master", "br0", "up");
  }

  /// Puts a machine that is not on the network into one with a router that forwards nothing and
  /// says nothing.
  void plugIntoNowhere(String name, String address) {
    cable(name, address);
    ip("-n", space("hub"), "link", "set", port(name), "up");
    ip("-n", space("hub"), "addr", "add", ROUTER + "/32", "dev", port(name));
    ip("-n", space("hub"), "route", "replace", address + "/32", "dev", port(name));
    ip("-n", space(name), "route", "replace", NET + "0/24", "via", ROUTER, "onlink", "dev", "eth0");
  }

  private String port(String name) {
    return "p" + Objects.requireNonNull(hosts.get(name));
  }

  private void cable(String name, String address) {
    String space = space(name);
    String port = port(name);
    ip(
        "-n",
        space,
        "link",
        "add",
        "eth0",
        "type",
        "veth",
        "peer",
        "name",
        port,
        "netns",
        space("hub"));
    ip("-n", space, "addr", "add", address + "/16", "dev", "eth0");
    ip("-n", space, "link", "set", "eth0", "up");
  }

  String address(String name) {
    return NET + Objects.requireNonNull(hosts.get(name));
  }

  Home home(String name) {
    return Home.of(folder.resolve(name));
  }

  void configure(String name, String yaml) {
    PrivateFiles.write(home(name).ensure().config(), yaml.getBytes(StandardCharsets.UTF_8));
  }

  /// Starts a Java program on this machine.
  Process java(String name, Class<?> main, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", space(name)));
    command.addAll(TestJava.command(main));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".err").toFile()))
            .start();
    processes.add(process);
    return process;
  }

  /// Starts a command on this machine with `--json`.
  Process peerup(String name, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--json", "--home", home(name).ensure().root().toString()));
    return java(name, Peerup.class, all);
  }

  /// Starts the daemon and waits until it is ready.
  Process daemon(String name) throws IOException {
    Process daemon = peerup(name, "daemon");
    assertThat(line(daemon)).contains("\"event\"");
    return daemon;
  }

  /// What the process says next.
  static String line(Process process) throws IOException {
    // Unbuffered by intent: nothing that belongs to the next line is taken.
    StringBuilder line = new StringBuilder();
    for (int c = process.getInputStream().read();
        c >= 0 && c != '\n';
        c = process.getInputStream().read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  /// What a process that goes on has said and nobody has read.
  static String saidSoFar(Process process) throws IOException {
    InputStream out = process.getInputStream();
    return new String(out.readNBytes(out.available()), StandardCharsets.ISO_8859_1);
  }

  /// Waits for the end of a command; what it said, if it succeeded.
  JsonObject result(Process command) throws Exception {
    String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(command.waitFor()).as(said).isZero();
    return Jsons.parseObject(said.lines().toList().getLast());
  }

  JsonObject call(String name, String method, String path) {
    return ControlClient.of(home(name)).call(method, path, null, CALL);
  }

  JsonObject join(String name, String code) {
    JsonObject request = new JsonObject();
    request.addProperty("code", code);
    request.addProperty("name", name);
    return ControlClient.of(home(name)).call("POST", "/v1/join", request, CALL);
  }

  String authorized(String name) throws IOException {
    Path file = home(name).authorizedKeys();
    return Files.exists(file) ? Files.readString(file) : "";
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    for (Process each : processes) {
      each.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }
    // What commands started in the background.
    for (String name : hosts.keySet()) {
      if (ControlClient.of(home(name)).isRunning()) {
        DaemonProcess.stop(home(name));
      }
    }
    while (!namespaces.isEmpty()) {
      run("ip", "netns", "del", namespaces.pop());
    }
  }
}
