package io.peerup.bench;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Our stack and js-libp2p over every transport, direct and through a relay, and plain TCP and the
/// ciphers alone beside them: all processes of a table live through the whole run, the scenarios
/// take turns in short rounds, so that whatever else the machine does hits all of them alike.
final class SideBySide implements AutoCloseable {

  static final List<String> STACKS = List.of("ours", "js");

  private static final int MANY_STREAMS = 16;

  /// The round trip of the long path.
  private static final int FAR_MILLIS = 60;

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

  /// The 99th percentiles, of requests.
  Samples tail(String key) {
    return Objects.requireNonNull(scenarios.get(key), key).tail;
  }

  String versions(String stack) {
    return Objects.requireNonNull(versions.get(stack));
  }

  // ------------------------------------------------------------------------------------- scenarios

  /// Throughput and requests without a relay. Keys: `raw` or `STACK TRANSPORT`, then
  /// `up|down|many|both|1|1024`; `chacha` and `aes` for the ciphers alone; `proxied ours TRANSPORT`
  /// for plain TCP through a service's proxy.
  void direct() {
    PeerProcess rawListener = remember(PeerProcess.java(RawPeer.class, setting), "raw");
    PeerProcess rawDialer = remember(PeerProcess.java(RawPeer.class, setting), "raw");
    long port = (long) Json.number(rawListener.call("start"), "port");
    List<Scenario> all = new ArrayList<>();
    all.add(AeadAlone.chacha("chacha"));
    all.add(AeadAlone.aes("aes"));
    all.addAll(transfers("raw", rawDialer, "port", port));
    all.addAll(requests("raw", rawDialer, "port", port));
    for (String stack : STACKS) {
      for (Transport transport : Transport.ALL) {
        Node listener = start(stack, transport, "listen", List.of(transport.anyPort));
        Node dialer = start(stack, transport);
        String key = stack + " " + transport.key();
        String peer = connect(dialer.process(), listener.address(false));
        all.addAll(transfers(key, dialer.process(), "peer", peer));
        all.add(
            Scenario.transfer(
                key + " many", dialer.process(), Scenario.Way.UP, MANY_STREAMS, "peer", peer));
        all.add(
            Scenario.transfer(key + " both", dialer.process(), Scenario.Way.BOTH, 1, "peer", peer));
        all.addAll(requests(key, dialer.process(), "peer", peer));
        if (stack.equals("ours")) {
          var _ = listener.process().call("serve", "port", port);
          long proxy = (long) Json.number(dialer.process().call("proxy", "peer", peer), "port");
          String proxied = "proxied " + key;
          all.addAll(transfers(proxied, rawDialer, "port", proxy));
          all.addAll(requests(proxied, rawDialer, "port", proxy));
        }
      }
    }
    alternate("direct", all);
    closeAll();
  }

  /// The same through a relay, everything by one stack. Keys as in [#direct], after `relayed`; and
  /// `spliced up|…` for one connection of ours whose bytes another process only carries.
  void relayed() {
    List<Scenario> all = new ArrayList<>();
    for (String stack : STACKS) {
      for (Transport transport : Transport.ALL) {
        Node relay =
            start(
                stack,
                transport,
                "listen",
                List.of(transport.anyPort),
                "relay",
                true,
                "identify",
                true);
        String via = relay.address(false) + "/p2p-circuit";
        Node listener =
            start(stack, transport, "listen", List.of(transport.anyPort, via), "identify", true);
        Node dialer = start(stack, transport, "identify", true);
        String key = "relayed " + stack + " " + transport.key();
        String peer = connect(dialer.process(), listener.address(true));
        all.addAll(transfers(key, dialer.process(), "peer", peer));
        all.addAll(requests(key, dialer.process(), "peer", peer));
      }
    }
    Node listener = start("ours", Transport.NOISE, "listen", List.of(Transport.NOISE.anyPort));
    Node dialer = start("ours", Transport.NOISE);
    PeerProcess splice = remember(PeerProcess.java(RawPeer.class, setting), "raw");
    String address = listener.address(false);
    String port = portOf(address);
    JsonObject spliced = splice.call("splice", "port", Integer.parseInt(port));
    String through = address.replace("/tcp/" + port, "/tcp/" + (int) Json.number(spliced, "port"));
    String peer = connect(dialer.process(), through);
    all.addAll(transfers("spliced", dialer.process(), "peer", peer));
    all.addAll(requests("spliced", dialer.process(), "peer", peer));
    alternate("relayed", all);
    closeAll();
  }

  /// New connections: transport, negotiation, handshake, one stream with one ping, close; no
  /// identify. Keys: `STACK TRANSPORT rate`.
  void rates() {
    List<Scenario> all = new ArrayList<>();
    for (String stack : STACKS) {
      for (Transport transport : Transport.ALL) {
        Node listener = start(stack, transport, "listen", List.of(transport.anyPort));
        Node dialer = start(stack, transport);
        String key = stack + " " + transport.key() + " rate";
        all.add(Scenario.rate(key, dialer.process(), IN_FLIGHT, listener.address(false)));
      }
    }
    alternate("connections", all);
    closeAll();
  }

  /// One stream over a long path. Keys: `far STACK TRANSPORT up`.
  void far() throws Exception {
    List<Scenario> all = new ArrayList<>();
    List<AutoCloseable> paths = new ArrayList<>();
    try {
      for (String stack : STACKS) {
        for (Transport transport : Transport.ALL) {
          Node listener = start(stack, transport, "listen", List.of(transport.anyPort));
          Node dialer = start(stack, transport);
          String peer =
              connect(dialer.process(), throughFar(transport, listener.address(false), paths));
          String key = "far " + stack + " " + transport.key() + " up";
          all.add(Scenario.transfer(key, dialer.process(), Scenario.Way.UP, 1, "peer", peer));
        }
      }
      alternate("far", all);
    } finally {
      for (AutoCloseable path : paths) {
        path.close();
      }
      closeAll();
    }
  }

  /// The address of the near end of a new long path to there.
  private static String throughFar(Transport transport, String address, List<AutoCloseable> paths)
      throws IOException {
    String port = portOf(address);
    int near;
    if (transport == Transport.QUIC) {
      DelayedDatagrams path = new DelayedDatagrams(Integer.parseInt(port), FAR_MILLIS);
      paths.add(path);
      near = path.port();
    } else {
      DelayedPath path = new DelayedPath(Integer.parseInt(port), FAR_MILLIS);
      paths.add(path);
      near = path.port();
    }
    return address.replace("/" + port, "/" + near);
  }

  /// What an idle connection holds, on each side.
  ///
  /// @param dialing KiB of heap on the side that dialled
  /// @param listening KiB of heap on the other
  /// @param residentMegabytes the whole process on the listening side
  record Idle(Samples dialing, Samples listening, Samples residentMegabytes) {}

  Idle idle() throws IOException {
    Idle idle = new Idle(new Samples(), new Samples(), new Samples());
    Node listener =
        start(
            "ours", Transport.NOISE, "listen", List.of(Transport.NOISE.anyPort), "identify", true);
    Node dialer = start("ours", Transport.NOISE, "identify", true);
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

  private static String portOf(String address) {
    return address.replaceAll(".*/(?:tcp|udp)/([0-9]+).*", "$1");
  }

  /// Returns the peer there.
  private static String connect(PeerProcess dialer, String address) {
    return Json.string(dialer.call("connect", "addr", address), "peerId");
  }

  private static List<Scenario> transfers(String key, PeerProcess dialer, Object... target) {
    return List.of(
        Scenario.transfer(key + " up", dialer, Scenario.Way.UP, 1, target),
        Scenario.transfer(key + " down", dialer, Scenario.Way.DOWN, 1, target));
  }

  private static List<Scenario> requests(String key, PeerProcess dialer, Object... target) {
    return List.of(
        Scenario.requests(key + " 1", dialer, 1, target),
        Scenario.requests(key + " 1024", dialer, 1024, target));
  }

  private void alternate(String title, List<Scenario> all) {
    progress.say(title + ": warming up " + all.size() + " scenarios");
    all.forEach(each -> each.warmUp(setting.warmUps(), setting.seconds()));
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

  private Node start(String stack, Transport transport, Object... more) {
    PeerProcess process =
        remember(
            stack.equals("js") ? PeerProcess.js(setting) : PeerProcess.java(OurPeer.class, setting),
            stack);
    Object[] fields = new Object[more.length + 2];
    fields[0] = "security";
    fields[1] = transport.security;
    System.arraycopy(more, 0, fields, 2, more.length);
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
