package io.peerup.bench;

import com.google.gson.JsonObject;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.libp2p.host.HostLimits;
import io.peerup.relay.circuit.CircuitClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Many clients of one relay as one process, each a host with an identity, an event loop, a
/// connection and a reservation of its own.
final class CrowdPeer {

  /// Takes all bytes.
  private static final String SINK = "/peerup-bench/sink/1.0.0";

  private static final int CHUNK_BYTES = 64 * 1024;

  /// Handshakes of this process at a time: a relay takes 64 unfinished ones of one address.
  private static final int ARRIVALS_AT_A_TIME = 4;

  private static final int FAREWELLS_AT_A_TIME = 64;

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private record Client(Host host, Connection relay, AtomicLong received) {}

  private final List<Client> clients = new CopyOnWriteArrayList<>();
  private volatile boolean pumping;

  private CrowdPeer() {}

  public static void main(String[] args) throws IOException {
    CrowdPeer peer = new CrowdPeer();
    new Commands(
            Map.of(
                "arrive", peer::arrive,
                "leave", peer::leave,
                "pings", peer::pings,
                "received", peer::received,
                "pump", peer::pump,
                "stop", peer::stop))
        .serve();
    System.exit(0);
  }

  /// So many clients more. Returns the peer ids of all.
  private JsonObject arrive(JsonObject command) throws Exception {
    Multiaddr relay = Multiaddr.parse(Json.string(command, "relay"));
    String security = Json.string(command, "security");
    Semaphore places = new Semaphore(ARRIVALS_AT_A_TIME);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int left = (int) Json.number(command, "count"); left > 0; left--) {
        all.add(
            threads.submit(() -> {
              places.acquire();
              try {
                clients.add(client(relay, security));
              } finally {
                places.release();
              }
              return true;
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    return Json.object(
        "peers", clients.stream().map(client -> client.host().id().toString()).toList());
  }

  private static Client client(Multiaddr relay, String security) {
    AtomicLong received = new AtomicLong();
    Host host =
        HostBuilder.create()
            .identity(PrivateKey.generate(KeyRandom.secure()))
            .security(List.of(security))
            .limits(HostLimits.DEFAULTS.change().dial(TIMEOUT).build())
            .agentVersion("peerup-bench")
            .build();
    host.handle(SINK, stream -> take(stream, received));
    CircuitClient circuits =
        CircuitClient.install(host, CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
    Connection connection =
        host.connect(relay, PeerExpectation.exactly(relay.peer().orElseThrow()), TIMEOUT);
    host.advertise(circuits.reserve(connection, TIMEOUT).circuitAddresses());
    return new Client(host, connection, received);
  }

  private static void take(Stream stream, AtomicLong received) {
    byte[] buffer = new byte[CHUNK_BYTES];
    for (int count = stream.read(buffer, 0, buffer.length);
        count > 0;
        count = stream.read(buffer, 0, buffer.length)) {
      received.addAndGet(count);
    }
  }

  /// All clients close.
  private JsonObject leave(JsonObject command) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(FAREWELLS_AT_A_TIME)) {
      clients.forEach(client -> threads.execute(client.host()::close));
    }
    clients.clear();
    return Json.object();
  }

  /// Pings of one client after the other, chosen by chance, with pauses.
  private JsonObject pings(JsonObject command) throws Exception {
    double seconds = Json.number(command, "seconds");
    long pauseMillis = (long) Json.number(command, "pauseMillis");
    List<Double> micros = new ArrayList<>();
    long start = System.nanoTime();
    do {
      Client client = clients.get(ThreadLocalRandom.current().nextInt(clients.size()));
      long sent = System.nanoTime();
      var _ = client.host().ping(client.relay(), TIMEOUT);
      micros.add((System.nanoTime() - sent) / 1000.0);
      Thread.sleep(pauseMillis);
    } while ((System.nanoTime() - start) / 1e9 < seconds);
    return Json.object("micros", micros);
  }

  /// What each client has received so far, in the order of [#arrive].
  private JsonObject received(JsonObject command) {
    return Json.object("bytes", clients.stream().map(client -> client.received().get()).toList());
  }

  /// Each client connects to the peer of its number through the relay and sends to it until
  /// [#stop].
  private JsonObject pump(JsonObject command) {
    String relay = Json.string(command, "relay");
    List<String> peers = Json.strings(command, "peers");
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < peers.size(); i++) {
      Multiaddr circuit = Multiaddr.parse(relay + "/p2p-circuit/p2p/" + peers.get(i));
      Connection connection =
          clients
              .get(i)
              .host()
              .connect(circuit, PeerExpectation.exactly(circuit.peer().orElseThrow()), TIMEOUT);
      streams.add(connection.openStream(List.of(SINK), TIMEOUT));
    }
    pumping = true;
    for (Stream stream : streams) {
      var _ = Thread.ofVirtual().name("pump").start(() -> pump(stream));
    }
    return Json.object();
  }

  private void pump(Stream stream) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (stream) {
      while (pumping) {
        stream.write(chunk);
      }
    } catch (OverlayException cut) {
      // Its figure tells: it stops growing.
    }
  }

  private JsonObject stop(JsonObject command) {
    pumping = false;
    return Json.object();
  }
}
