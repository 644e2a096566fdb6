package io.peerup.bench;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Our stack and js-libp2p in every pairing, direct and through a relay, and plain TCP beside them:
/// all processes live through the whole run, the scenarios take turns in short rounds, so that
/// whatever else the machine does hits all of them alike.
final class SideBySide implements AutoCloseable {

  private static final String ANY_PORT = "/ip4/127.0.0.1/tcp/0";

  /// Connections that a dialler sets up at a time.
  private static final int IN_FLIGHT = 16;

  private static final int IDLE_CONNECTIONS = 1000;

  /// A process with a running node.
  private record Node(PeerProcess process, String id, List<String> addresses) {
    String address(boolean circuit) {
      return addresses.stream()
          .filter(each -> each.contains("/p2p-circuit") == circuit)
          .findFirst()
          .orElseThrow();
    }
  }

  private final Setting setting;
  private final Machine machine;
  private final Progress progress;
  private final List<PeerProcess> processes = new ArrayList<>();
  private final Map<String, Scenario> scenarios = new HashMap<>();
  private final Map<String, String> versions = new HashMap<>();

  SideBySide(Setting setting, Machine machine, Progress progress) {
    this.setting = setting;
    this.machine = machine;
    this.progress = progress;
  }

  Samples samples(String key) {
    return Objects.requireNonNull(scenarios.get(key), key).samples;
  }

  String versions(String stack) {
    return Objects.requireNonNull(versions.get(stack));
  }

  // ------------------------------------------------------------------------------------- scenarios

  /// Throughput and round trips without a relay. Keys: `raw|ours-ours|…` × `up|down|ping`.
  void direct() {
    PeerProcess rawListener = remember(PeerProcess.java(RawPeer.class, setting), "raw");
    PeerProcess rawDialer = remember(PeerProcess.java(RawPeer.class, setting), "raw");
    long port = (long) Json.number(rawListener.call("start"), "port");
    List<Scenario> all = new ArrayList<>();
    all.add(Scenario.transfer("raw up", rawDialer, true, "port", port));
    all.add(Scenario.transfer("raw down", rawDialer, false, "port", port));
    all.add(Scenario.ping("raw ping", rawDialer, "port", port));
    Map<String, Node> listeners = eachStack("listen", List.of(ANY_PORT));
    Map<String, Node> dialers = eachStack();
    for (String from : List.of("ours", "js")) {
      for (String to : List.of("ours", "js")) {
        String address = of(listeners, to).address(false);
        all.addAll(pair(from + "-" + to, of(dialers, from).process(), address));
      }
    }
    alternate("direct", all);
    closeAll();
  }

  /// The same through a relay of each stack. Keys: `ours-RELAY-ours` and so on, where the middle
  /// names the relay's stack.
  void relayed() {
    List<Scenario> all = new ArrayList<>();
    for (String by : List.of("ours", "js")) {
      Node relay = start(by, "listen", List.of(ANY_PORT), "relay", true, "identify", true);
      String via = relay.address(false) + "/p2p-circuit";
      for (String ends : List.of("ours", "js")) {
        Node listener = start(ends, "listen", List.of(ANY_PORT, via), "identify", true);
        Node dialer = start(ends, "identify", true);
        String address = listener.address(true);
        all.addAll(pair(ends + "-" + by + "-" + ends, dialer.process(), address));
      }
    }
    alternate("relayed", all);
    closeAll();
  }

  /// New connections: TCP, negotiation, Noise, yamux, one stream with one ping, close; no identify.
  /// Keys: `ours-ours rate` and so on.
  void rates() {
    Map<String, Node> listeners = eachStack("listen", List.of(ANY_PORT));
    Map<String, Node> dialers = eachStack();
    List<Scenario> all = new ArrayList<>();
    for (String from : List.of("ours", "js")) {
      for (String to : List.of("ours", "js")) {
        String key = from + "-" + to + " rate";
        String address = of(listeners, to).address(false);
        all.add(Scenario.rate(key, of(dialers, from).process(), IN_FLIGHT, address));
      }
    }
    alternate("connections", all);
    closeAll();
  }

  /// What an idle connection holds, on each side.
  ///
  /// @param dialing KiB of heap on the side that dialled
  /// @param listening KiB of heap on the other
  /// @param residentMegabytes the whole process on the listening side
  record Idle(Samples dialing, Samples listening, Samples residentMegabytes) {}

  Idle idle() throws IOException {
    Idle idle = new Idle(new Samples(), new Samples(), new Samples());
    Node listener = start("ours", "listen", List.of(ANY_PORT), "identify", true);
    Node dialer = start("ours", "identify", true);
    // One first, so that what is loaded and allocated once is not counted.
    var _ = dialer.process().call("hold", "addr", listener.address(false), "count", 20);
    settle(2);
    double[] before = {heap(dialer), heap(listener)};
    progress.say("idle: " + IDLE_CONNECTIONS + " connections");
    var _ =
        dialer.process().call("hold", "addr", listener.address(false), "count", IDLE_CONNECTIONS);
    settle(3);
    idle.dialing.add((heap(dialer) - before[0]) / 1024 / IDLE_CONNECTIONS);
    idle.listening.add((heap(listener) - before[1]) / 1024 / IDLE_CONNECTIONS);
    idle.residentMegabytes.add(Machine.residentMegabytes(listener.process().pid()));
    progress.say("  dialling " + idle.dialing.text(2) + ", listening " + idle.listening.text(2));
    closeAll();
    return idle;
  }

  private static double heap(Node node) {
    JsonObject memory = node.process().call("memory");
    return Json.number(memory, "heapBytes");
  }

  private static void settle(int seconds) {
    try {
      Thread.sleep(seconds * 1000L);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // --------------------------------------------------------------------------------------- helpers

  private static List<Scenario> pair(String key, PeerProcess dialer, String address) {
    JsonObject connected = dialer.call("connect", "addr", address);
    String peer = Json.string(connected, "peerId");
    return List.of(
        Scenario.transfer(key + " up", dialer, true, "peer", peer),
        Scenario.transfer(key + " down", dialer, false, "peer", peer),
        Scenario.ping(key + " ping", dialer, "peer", peer));
  }

  private void alternate(String title, List<Scenario> all) {
    progress.say(title + ": warming up " + all.size() + " scenarios");
    all.forEach(each -> each.warmUp(setting.seconds()));
    for (int round = 1; round <= setting.rounds(); round++) {
      machine.listen();
      all.forEach(each -> each.round(setting.seconds()));
      progress.say(title + ": round " + round + " of " + setting.rounds());
    }
    for (Scenario each : all) {
      scenarios.put(each.key, each);
      progress.say(String.format("  %-24s %s", each.key, each.samples.text(0)));
    }
  }

  private Map<String, Node> eachStack(Object... fields) {
    Map<String, Node> nodes = new HashMap<>();
    nodes.put("ours", start("ours", fields));
    nodes.put("js", start("js", fields));
    return nodes;
  }

  private static Node of(Map<String, Node> nodes, String stack) {
    return Objects.requireNonNull(nodes.get(stack));
  }

  private Node start(String stack, Object... fields) {
    PeerProcess process =
        remember(
            stack.equals("js") ? PeerProcess.js(setting) : PeerProcess.java(OurPeer.class, setting),
            stack);
    JsonObject started = process.call("start", fields);
    return new Node(process, Json.string(started, "peerId"), Json.strings(started, "addrs"));
  }

  private PeerProcess remember(PeerProcess process, String stack) {
    processes.add(process);
    versions.put(stack, process.versions());
    return process;
  }

  private void closeAll() {
    processes.forEach(PeerProcess::close);
    processes.clear();
  }

  @Override
  public void close() {
    closeAll();
  }
}
