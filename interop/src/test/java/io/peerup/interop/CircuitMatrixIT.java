package io.peerup.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Circuits in every mix of {ours, js-libp2p} for relay, listener and dialer; one line a cell.
@Timeout(120)
class CircuitMatrixIT {

  private static final long MIB = 1024 * 1024;
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";

  /// A relay, and one listener of each stack that has a place there.
  private record Place(Stack.Node relay, Map<Stack, Stack.Node> listeners) {}

  private static final Map<Stack, Place> PLACES = new EnumMap<>(Stack.class);
  private static final Map<Stack, Stack.Node> DIALERS = new EnumMap<>(Stack.class);
  private static final List<Stack.Node> RUNNING = new ArrayList<>();

  @BeforeAll
  static void reserve() {
    Stack.requireJs();
    for (Stack relaying : Stack.values()) {
      Stack.Node relay = run(relaying, "listen", List.of(LOOPBACK), "relay", true);
      String circuit = relay.directAddress() + "/p2p-circuit";
      Map<Stack, Stack.Node> listeners = new EnumMap<>(Stack.class);
      for (Stack listening : Stack.values()) {
        listeners.put(listening, run(listening, "listen", List.of(circuit)));
      }
      PLACES.put(relaying, new Place(relay, listeners));
    }
    for (Stack dialing : Stack.values()) {
      DIALERS.put(dialing, run(dialing));
    }
  }

  private static Stack.Node run(Stack stack, Object... fields) {
    Stack.Node node = stack.start(fields);
    RUNNING.add(node);
    return node;
  }

  @AfterAll
  static void stop() {
    RUNNING.forEach(Stack.Node::close);
    RUNNING.forEach(Stack.Node::assertNothingLeaked);
  }

  static Stream<Arguments> cells() {
    return Stream.of(Stack.values())
        .flatMap(relay ->
            Stream.of(Stack.values())
                .flatMap(listener ->
                    Stream.of(Stack.values())
                        .map(dialer -> Arguments.of(relay, listener, dialer))));
  }

  @ParameterizedTest(name = "relay {0}, listener {1}, dialer {2}")
  @MethodSource("cells")
  void aCircuitCarriesWhatADirectConnectionCarries(Stack relaying, Stack listening, Stack dialing) {
    Stack.Node listener = listening.in(relaying.in(PLACES).listeners());
    Stack.Node dialer = dialing.in(DIALERS);
    String id = listener.id();

    JsonObject connection = dialer.call("connect", "addr", listener.circuitAddress());

    assertThat(Json.string(connection, "peerId")).isEqualTo(id);
    assertThat(Json.string(connection, "addr"))
        .contains(relaying.in(PLACES).relay().id() + "/p2p-circuit");
    boolean bothOurs = listening == Stack.OURS && dialing == Stack.OURS;
    assertThat(Json.string(connection, "security"))
        .isEqualTo(bothOurs ? "/noise-mlkem768-hfs/0.2.0" : "/noise");
    assertThat(Json.flag(connection, "limited")).as("limited").isFalse();
    assertThat(Json.string(dialer.call("identify", "peer", id), "peerId")).isEqualTo(id);
    dialer.call("ping", "peer", id, "count", 3);
    List<CompletableFuture<JsonObject>> bulk =
        List.of(
            dialer.process().send("upload", "peer", id, "bytes", 8 * MIB),
            dialer.process().send("download", "peer", id, "bytes", 8 * MIB),
            dialer.process().send("echo", "peer", id, "streams", 4, "bytes", MIB));
    bulk.forEach(each -> dialer.process().await(each, "bulk transfer"));
    dialer.call("lateReply", "peer", id, "bytes", 600_000);
    dialer.call("earlyFin", "peer", id, "bytes", 600_000);
    assertThat(Json.string(dialer.call("resetByListener", "peer", id), "outcome"))
        .isEqualTo("reset");
    // And the other way, over the same circuit.
    listener.call("echo", "peer", dialer.id(), "streams", 2, "bytes", MIB);

    dialer.call("disconnect", "peer", id);
  }

  @ParameterizedTest(name = "relay {0}")
  @EnumSource
  void whoHasNoPlaceIsNotReached(Stack relaying) {
    Stack.Node relay = relaying.in(PLACES).relay();
    for (Stack dialing : Stack.values()) {
      Stack.Node dialer = dialing.in(DIALERS);
      // A peer that is there and never asked this relay for a place.
      Stack.Node other = (dialing == Stack.OURS ? Stack.JS : Stack.OURS).in(DIALERS);
      String address = relay.directAddress() + "/p2p-circuit/p2p/" + other.id();

      assertThatThrownBy(() -> dialer.call("connect", "addr", address))
          .as("%s dials", dialer)
          .isInstanceOf(PeerProcess.CommandFailed.class);
    }
  }

  @ParameterizedTest(name = "relay {0}")
  @EnumSource
  void aRelaysLimitsAreSeenByBothEndsAndStillLetPingPass(Stack relaying) {
    try (Stack.Node relay =
            relaying.start("listen", List.of(LOOPBACK), "relay", true, "relayLimits", true);
        Stack.Node listener =
            Stack.OURS.start("listen", List.of(relay.directAddress() + "/p2p-circuit"))) {
      for (Stack.Node dialer : DIALERS.values()) {
        JsonObject connection = dialer.call("connect", "addr", listener.circuitAddress());

        assertThat(Json.flag(connection, "limited")).as("limited for %s", dialer).isTrue();
        // A dialer is done one message before the listener is.
        await("limited for the listener")
            .atMost(Duration.ofSeconds(10))
            .until(() -> seenBy(listener, dialer));
        dialer.call("ping", "peer", listener.id());
        dialer.call("disconnect", "peer", listener.id());
      }
    }
  }

  private static boolean seenBy(Stack.Node listener, Stack.Node dialer) {
    return listener.call("connections").getAsJsonArray("connections").asList().stream()
        .map(each -> each.getAsJsonObject())
        .filter(each -> Json.string(each, "peerId").equals(dialer.id()))
        .anyMatch(each -> Json.flag(each, "limited"));
  }
}
