package io.peerup.bench;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.libp2p.host.HostLimits;
import io.peerup.libp2p.perf.Perf;
import io.peerup.libp2p.ping.Ping;
import io.peerup.node.services.Protocol;
import io.peerup.node.services.Service;
import io.peerup.node.services.ServiceMessages;
import io.peerup.node.services.ServiceProxy;
import io.peerup.node.services.ServiceServer;
import io.peerup.node.services.ServiceStore;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.testkit.Resident;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/// Our stack as a process that is measured; `interop/js/bench.mjs` understands the same commands.
final class OurPeer {

  /// Ping without its limit of two streams a peer.
  private static final String ECHO = "/peerup-bench/echo/1.0.0";

  /// The largest request that is measured.
  private static final int ECHO_BYTES = 1024;

  /// The service behind which a raw peer listens.
  private static final String PROXIED = "raw";

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /// Collections until what is left is what is used: references freed by one are found by the next.
  private static final int COLLECTIONS = 4;

  /// Far above every crowd that is measured.
  private static final int CONNECTIONS_MAX = 20_000;

  private final CompletableFuture<Host> started = new CompletableFuture<>();
  private final List<Connection> held = new ArrayList<>();

  private OurPeer() {}

  public static void main(String[] args) throws IOException {
    OurPeer peer = new OurPeer();
    new Commands(
            Map.of(
                "start", peer::start,
                "connect", peer::connect,
                "transfer", peer::transfer,
                "requests", peer::requests,
                "rate", peer::rate,
                "hold", peer::hold,
                "memory", peer::memory,
                "serve", peer::serve,
                "proxy", peer::proxy))
        .serve();
    System.exit(0);
  }

  private JsonObject start(JsonObject command) {
    List<Multiaddr> all =
        command.has("listen")
            ? Json.strings(command, "listen").stream().map(Multiaddr::parse).toList()
            : List.of();
    List<Multiaddr> circuits = all.stream().filter(Multiaddr::isCircuit).toList();
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    Host host =
        HostBuilder.create()
            .identity(key)
            .security(List.of(Json.string(command, "security")))
            .listen(all.stream().filter(address -> !address.isCircuit()).toList())
            // One peer alone is the load here.
            .limits(
                HostLimits.DEFAULTS
                    .change()
                    .connections(CONNECTIONS_MAX)
                    .connectionsPerPeer(CONNECTIONS_MAX)
                    .dial(TIMEOUT)
                    .inboundUpgrade(TIMEOUT)
                    .build())
            .identify(Json.flag(command, "identify"))
            .agentVersion("peerup-bench")
            .perf(true)
            .build();
    host.handle(ECHO, OurPeer::echo);
    if (Json.flag(command, "relay")) {
      var _ = new CircuitRelay(host, key, RelayPolicy.members(), InstantSource.system());
    }
    CircuitClient client =
        CircuitClient.install(host, CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
    for (Multiaddr circuit : circuits) {
      Multiaddr relay = circuit.relayPart().orElseThrow();
      Connection connection =
          host.connect(relay, PeerExpectation.exactly(relay.peer().orElseThrow()), TIMEOUT);
      host.advertise(client.reserve(connection, TIMEOUT).circuitAddresses());
    }
    started.complete(host);
    return Json.object(
        "peerId",
        host.id().toString(),
        "addrs",
        host.advertisedAddresses().stream()
            .map(each -> each.withPeer(host.id()).toString())
            .toList());
  }

  /// Offers what listens on a port of this machine as a service.
  private JsonObject serve(JsonObject command) throws IOException {
    Path folder = Files.createTempDirectory("peerup-bench-");
    ServiceStore services = new ServiceStore(Home.of(folder).ensure());
    var target =
        io.peerup.node.services.Target.parse("127.0.0.1:" + (int) Json.number(command, "port"));
    services.add(new Service(PROXIED, target, Protocol.TCP, true, Set.of()));
    try (var all = Files.walk(folder)) {
      all.forEach(each -> each.toFile().deleteOnExit());
    }
    ServiceServer server = new ServiceServer(services, _ -> true);
    ServiceMessages.PROTOCOLS.forEach(each -> started.join().handle(each, server));
    return new JsonObject();
  }

  /// Opens a local port that leads to what the peer serves.
  @SuppressWarnings("resource") // it lives as long as the process
  private JsonObject proxy(JsonObject command) throws IOException {
    Connection connection = connectionTo(command);
    ServiceProxy proxy =
        ServiceProxy.open(
            () -> connection.openStream(ServiceMessages.PROTOCOLS, TIMEOUT),
            "peer",
            PROXIED,
            0,
            new ServiceProxy.Events() {
              @Override
              public void finished(long bytesOut, long bytesIn) {}

              @Override
              public void failed(String message, String hint) {
                System.err.println(message);
              }
            });
    return Json.object("port", proxy.address().getPort());
  }

  private static void echo(Stream stream) {
    byte[] buffer = new byte[ECHO_BYTES];
    for (int count = stream.read(buffer, 0, buffer.length);
        count > 0;
        count = stream.read(buffer, 0, buffer.length)) {
      stream.write(buffer, 0, count);
    }
  }

  private Connection dial(JsonObject command) {
    Multiaddr address = Multiaddr.parse(Json.string(command, "addr"));
    return started
        .join()
        .connect(address, PeerExpectation.exactly(address.peer().orElseThrow()), TIMEOUT);
  }

  private JsonObject connect(JsonObject command) {
    Connection connection = dial(command);
    return Json.object(
        "peerId", connection.remotePeer().toString(), "limited", connection.limited());
  }

  private Connection connectionTo(JsonObject command) {
    return started.join().connections(PeerId.parse(Json.string(command, "peer"))).getFirst();
  }

  /// So many bytes each way, on as many streams each; both ways at a time.
  private JsonObject transfer(JsonObject command) throws Exception {
    Connection connection = connectionTo(command);
    int streams = (int) Json.number(command, "streams");
    long upload = (long) Json.number(command, "upload") / streams;
    long download = (long) Json.number(command, "download") / streams;
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        if (upload > 0) {
          all.add(threads.submit(() -> perf(connection, upload, 0)));
        }
        if (download > 0) {
          all.add(threads.submit(() -> perf(connection, 0, download)));
        }
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    return Json.object("seconds", secondsSince(start));
  }

  private static void perf(Connection connection, long upload, long download) {
    var _ = Perf.run(connection, upload, download, TIMEOUT, InstantSource.system());
  }

  /// Requests of some bytes, each answered with the same, one after another on one stream.
  private JsonObject requests(JsonObject command) {
    double seconds = Json.number(command, "seconds");
    byte[] request = new byte[(int) Json.number(command, "bytes")];
    List<Double> micros = new ArrayList<>();
    try (Stream stream = connectionTo(command).openStream(List.of(ECHO), TIMEOUT)) {
      stream.deadline(TIMEOUT);
      for (long start = System.nanoTime(); secondsSince(start) < seconds; ) {
        long sent = System.nanoTime();
        stream.write(request);
        var _ = stream.readExactly(request.length);
        micros.add((System.nanoTime() - sent) / 1000.0);
      }
    }
    return Json.object("micros", micros);
  }

  private JsonObject rate(JsonObject command) throws Exception {
    double seconds = Json.number(command, "seconds");
    int inFlight = (int) Json.number(command, "inFlight");
    Ping ping = new Ping(() -> ThreadLocalRandom.current().nextLong(), System::nanoTime);
    long start = System.nanoTime();
    long count = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> all = new ArrayList<>();
      for (int i = 0; i < inFlight; i++) {
        all.add(
            threads.submit(() -> {
              long mine = 0;
              for (; secondsSince(start) < seconds; mine++) {
                Connection connection = dial(command);
                try (Stream stream = connection.openStream(List.of(ECHO), TIMEOUT)) {
                  stream.deadline(TIMEOUT);
                  var _ = ping.once(stream);
                }
                connection.close();
              }
              return mine;
            }));
      }
      for (Future<Long> each : all) {
        count += each.get();
      }
    }
    return Json.object("count", count, "seconds", secondsSince(start));
  }

  /// Connections that stay and do nothing.
  private JsonObject hold(JsonObject command) {
    for (int left = (int) Json.number(command, "count"); left > 0; left--) {
      held.add(dial(command));
    }
    return Json.object("held", held.size());
  }

  /// What is in use after garbage collection.
  private JsonObject memory(JsonObject command) {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return Json.object(
        "heapBytes",
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        "otherBytes",
        Resident.outsideHeap(),
        "connections",
        started.join().connections().size());
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
