package io.peerup.interop;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.Reservation;
import io.peerup.relay.circuit.wire.CircuitLimit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Our stack as a process that takes the same commands as `interop/js/peer.mjs`. Each command runs
/// on a virtual thread of its own; the process ends with its standard input.
final class OurPeer {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /// js-libp2p's default, so that both stacks are tested with the same limited relay.
  private static final CircuitLimit LIMITED = new CircuitLimit(Duration.ofMinutes(2), 128 * 1024);

  private record Node(Host host) {}

  private final PrintStream out;
  private final CompletableFuture<Node> started = new CompletableFuture<>();

  private OurPeer(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    // Whatever else prints must not get between the lines.
    System.setOut(System.err);
    OurPeer peer = new OurPeer(out);
    peer.say(Json.object("event", "ready", "implementation", "peerup"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonObject command = JsonParser.parseString(line).getAsJsonObject();
        Thread.ofVirtual().name("command " + command.get("cmd")).start(() -> peer.execute(command));
      }
    }
    // Not halt: closing must work too, and a host that cannot be closed is a finding.
    if (peer.started.isDone() && !peer.started.isCompletedExceptionally()) {
      peer.started.join().host.close();
    }
    System.exit(0);
  }

  private void execute(JsonObject command) {
    JsonObject answer;
    try {
      answer = run(command);
      answer.addProperty("ok", true);
    } catch (Exception | AssertionError failed) {
      failed.printStackTrace();
      answer = Json.object("ok", false, "error", causes(failed));
    }
    answer.add("id", command.get("id"));
    say(answer);
  }

  private static String causes(Throwable failed) {
    StringBuilder all = new StringBuilder();
    for (@Nullable Throwable each = failed; each != null; each = each.getCause()) {
      all.append(all.isEmpty() ? "" : "; ");
      all.append(each.getClass().getSimpleName()).append(": ").append(each.getMessage());
    }
    return all.toString();
  }

  private void say(JsonObject line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }

  private JsonObject run(JsonObject command) throws Exception {
    Duration timeout =
        command.has("timeoutMs") ? Duration.ofMillis(Json.number(command, "timeoutMs")) : TIMEOUT;
    return switch (Json.string(command, "cmd")) {
      case "start" -> start(command);
      case "connect" -> describe(connect(Json.string(command, "addr"), timeout));
      case "identify" -> describe(host().identify(connectionTo(command), timeout));
      case "ping" -> ping(command, timeout);
      case "serve" -> {
        host().handle(Json.string(command, "protocol"), Stream::closeWrite);
        yield new JsonObject();
      }
      case "known" -> {
        PeerId peer = PeerId.parse(Json.string(command, "peer"));
        yield Json.object(
            "protocols", host().info(peer).map(PeerInfo::protocols).orElse(List.of()));
      }
      case "disconnect" -> disconnect(command);
      case "connections" -> connections();
      default -> TestQuestions.ask(connectionTo(command), command, timeout);
    };
  }

  private Host host() {
    return started.join().host;
  }

  private JsonObject start(JsonObject command) {
    List<Multiaddr> listen = new ArrayList<>();
    List<Multiaddr> circuits = new ArrayList<>();
    if (command.has("listen")) {
      for (String text : Json.strings(command, "listen")) {
        Multiaddr address = Multiaddr.parse(text);
        (address.isCircuit() ? circuits : listen).add(address);
      }
    }
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    HostBuilder builder =
        HostBuilder.create().identity(key).listen(listen).agentVersion("peerup-interop").perf(true);
    if (command.has("security")) {
      builder.security(List.of(Json.string(command, "security")));
    }
    Host host = builder.build();
    TestProtocols.serveAll(host, this::served);
    if (Json.flag(command, "relay")) {
      RelayPolicy open = RelayPolicy.members();
      var _ =
          new CircuitRelay(
              host,
              key,
              Json.flag(command, "relayLimits") ? limited(open) : open,
              InstantSource.system());
    }
    CircuitClient client =
        CircuitClient.install(host, CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
    started.complete(new Node(host));
    for (Multiaddr circuit : circuits) {
      Connection relay =
          host.connect(
              circuit.relayPart().orElseThrow(),
              PeerExpectation.exactly(circuit.relayPart().orElseThrow().peer().orElseThrow()),
              TIMEOUT);
      Reservation reservation = client.reserve(relay, TIMEOUT);
      host.advertise(reservation.circuitAddresses());
    }
    JsonArray addresses = new JsonArray();
    host.advertisedAddresses().forEach(each -> addresses.add(each.withPeer(host.id()).toString()));
    return Json.object("peerId", host.id().toString(), "addrs", addresses);
  }

  private static RelayPolicy limited(RelayPolicy from) {
    return new RelayPolicy(
        from.reservationsMax(),
        from.reservationsPerAddressMax(),
        from.reservationsPerNetworkMax(),
        from.reservationTtl(),
        from.circuitsMax(),
        from.circuitsPerPeerMax(),
        LIMITED);
  }

  private void served(String protocol, Stream stream, TestProtocols.Outcome outcome) {
    say(
        Json.object(
            "event", "served",
            "protocol", protocol,
            "peer", stream.connection().remotePeer().toString(),
            "outcome", outcome.kind(),
            "bytes", outcome.bytes(),
            "sha256", outcome.sha256(),
            "message", outcome.message()));
  }

  private Connection connect(String address, Duration timeout) {
    Multiaddr target = Multiaddr.parse(address);
    PeerExpectation expectation =
        target.peer().map(PeerExpectation::exactly).orElse(PeerExpectation.any());
    return host().connect(target, expectation, timeout);
  }

  private Connection connectionTo(JsonObject command) {
    PeerId peer = PeerId.parse(Json.string(command, "peer"));
    return host().connections(peer).stream()
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("not connected to " + peer));
  }

  private JsonObject ping(JsonObject command, Duration timeout) {
    long count = command.has("count") ? Json.number(command, "count") : 1;
    JsonArray all = new JsonArray();
    for (int i = 0; i < count; i++) {
      all.add(host().ping(connectionTo(command), timeout).toNanos() / 1e6);
    }
    return Json.object("rttMs", all);
  }

  private JsonObject disconnect(JsonObject command) {
    host().connections(PeerId.parse(Json.string(command, "peer"))).forEach(Connection::close);
    return new JsonObject();
  }

  private JsonObject connections() {
    JsonArray all = new JsonArray();
    host().connections().forEach(each -> all.add(describe(each)));
    return Json.object("connections", all);
  }

  private static JsonObject describe(Connection connection) {
    return Json.object(
        "peerId", connection.remotePeer().toString(),
        "addr", connection.remoteAddress().toString(),
        "direction", connection.direction().name().toLowerCase(java.util.Locale.ROOT),
        "security", connection.security(),
        "muxer", connection.muxer(),
        "limited", connection.limited());
  }

  private static JsonObject describe(PeerInfo info) {
    return Json.object(
        "peerId", info.peer().toString(),
        "agent", info.agentVersion(),
        "protocolVersion", info.protocolVersion(),
        "protocols", info.protocols(),
        "listenAddrs", info.listenAddresses().stream().map(Multiaddr::toString).toList(),
        "observedAddr", info.observedAddress().map(Multiaddr::toString).orElse(""),
        "signedRecord", info.signedRecord() ? "yes" : "");
  }
}
