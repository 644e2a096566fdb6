package io.peerup.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Ours and js-libp2p over one TCP connection with Noise and yamux, each as dialer and as listener.
@Timeout(120)
class JsLibp2pIT {

  private static final long MIB = 1024 * 1024;

  /// More than yamux's initial window of 256 KiB, so that credit must flow for it to arrive.
  private static final long BEYOND_WINDOW = 600_000;

  /// A dialer and a listener, connected.
  private record Pair(Stack.Node dialer, Stack.Node listener, JsonObject connection)
      implements AutoCloseable {

    static Pair connect(Stack dialing) {
      Stack listening = dialing == Stack.OURS ? Stack.JS : Stack.OURS;
      Stack.Node listener = listening.start("listen", List.of("/ip4/127.0.0.1/tcp/0"));
      Stack.Node dialer = dialing.start("listen", List.of("/ip4/127.0.0.1/tcp/0"));
      return new Pair(dialer, listener, dialer.call("connect", "addr", listener.directAddress()));
    }

    CompletableFuture<JsonObject> send(String command, Object... fields) {
      return dialer.process().send(command, withPeer(fields));
    }

    JsonObject ask(String command, Object... fields) {
      return dialer.call(command, withPeer(fields));
    }

    private Object[] withPeer(Object... fields) {
      Object[] all = new Object[fields.length + 2];
      all[0] = "peer";
      all[1] = listener.id();
      System.arraycopy(fields, 0, all, 2, fields.length);
      return all;
    }

    /// What the listener says about a stream that it served.
    JsonObject served(String protocol) {
      return listener
          .process()
          .awaitEvent("served", event -> Json.string(event, "protocol").equals(protocol));
    }

    @Override
    public void close() {
      dialer.close();
      listener.close();
    }
  }

  private static final Map<Stack, Pair> PAIRS = new EnumMap<>(Stack.class);

  @BeforeAll
  static void connectBothWays() {
    Stack.requireJs();
    for (Stack dialing : Stack.values()) {
      PAIRS.put(dialing, Pair.connect(dialing));
    }
  }

  @AfterAll
  static void stop() {
    PAIRS.values().forEach(Pair::close);
    PAIRS.values().forEach(pair -> pair.dialer.assertNothingLeaked());
    PAIRS.values().forEach(pair -> pair.listener.assertNothingLeaked());
  }

  private static Pair pair(Stack dialing) {
    return dialing.in(PAIRS);
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void bothEndsAgreeOnNoiseYamuxAndWhoTheyAre(Stack dialing) {
    Pair pair = pair(dialing);

    assertThat(Json.string(pair.connection, "peerId")).isEqualTo(pair.listener.id());
    JsonObject seen =
        pair.listener.call("connections").getAsJsonArray("connections").get(0).getAsJsonObject();
    assertThat(Json.string(seen, "peerId")).isEqualTo(pair.dialer.id());
    assertThat(Json.string(seen, "direction")).isEqualTo("inbound");
    for (JsonObject end : List.of(pair.connection, seen)) {
      assertThat(Json.string(end, "security")).isEqualTo("/noise");
      assertThat(Json.string(end, "muxer")).isEqualTo("/yamux/1.0.0");
    }
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void identifyTellsBothEndsTheTruth(Stack dialing) {
    Pair pair = pair(dialing);

    assertIdentified(pair.ask("identify"), pair.listener);
    assertIdentified(pair.listener.call("identify", "peer", pair.dialer.id()), pair.dialer);
  }

  private static void assertIdentified(JsonObject told, Stack.Node about) {
    assertThat(Json.string(told, "peerId")).isEqualTo(about.id());
    assertThat(Json.string(told, "agent"))
        .startsWith(about.stack() == Stack.OURS ? "peerup-interop" : "js-libp2p/");
    assertThat(Json.strings(told, "protocols"))
        .contains("/ipfs/id/1.0.0", "/ipfs/ping/1.0.0", TestProtocols.ECHO);
    assertThat(Json.strings(told, "listenAddrs"))
        .contains(about.directAddress().replace("/p2p/" + about.id(), ""));
    assertThat(Json.string(told, "observedAddr")).startsWith("/ip4/127.0.0.1/tcp/");
    assertThat(Json.string(told, "signedRecord")).as("signed peer record").isNotEmpty();
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void aNewProtocolIsPushedToBothEnds(Stack dialing) {
    Pair pair = pair(dialing);
    pair.dialer.call("serve", "protocol", "/peerup-test/new-at-dialer/1.0.0");
    pair.listener.call("serve", "protocol", "/peerup-test/new-at-listener/1.0.0");

    awaitKnown(pair.listener, pair.dialer, "/peerup-test/new-at-dialer/1.0.0");
    awaitKnown(pair.dialer, pair.listener, "/peerup-test/new-at-listener/1.0.0");
  }

  private static void awaitKnown(Stack.Node asked, Stack.Node about, String protocol) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(Json.strings(asked.call("known", "peer", about.id()), "protocols"))
                .contains(protocol));
  }

  @ParameterizedTest(name = "js with a key of type {0}")
  @ValueSource(strings = {"RSA", "secp256k1"})
  void keysOfOtherTypesAreProvenBothWays(String keyType) {
    Stack.Node ours = Stack.OURS.in(PAIRS).dialer();
    try (Stack.Node js =
        Stack.JS.start("listen", List.of("/ip4/127.0.0.1/tcp/0"), "keyType", keyType)) {
      JsonObject dialled = ours.call("connect", "addr", js.directAddress());
      assertThat(Json.string(dialled, "peerId")).isEqualTo(js.id());
      assertThat(Json.string(ours.call("identify", "peer", js.id()), "peerId")).isEqualTo(js.id());
      ours.call("disconnect", "peer", js.id());
      awaitConnections(js, 0);

      js.call("connect", "addr", ours.directAddress());
      awaitConnections(js, 1);
      js.call("ping", "peer", ours.id());
      ours.call("echo", "peer", js.id(), "streams", 1, "bytes", 1000);
      js.call("disconnect", "peer", ours.id());
    }
  }

  private static void awaitConnections(Stack.Node node, int count) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(node.call("connections").getAsJsonArray("connections")).hasSize(count));
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void pingsAreAnsweredBothWays(Stack dialing) {
    Pair pair = pair(dialing);

    assertThat(pair.ask("ping", "count", 10).getAsJsonArray("rttMs")).hasSize(10);
    assertThat(
            pair.listener
                .call("ping", "peer", pair.dialer.id(), "count", 10)
                .getAsJsonArray("rttMs"))
        .hasSize(10);
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void sixtyFourMebibytesEachWayArriveWholeWhileManyStreamsEcho(Stack dialing) {
    Pair pair = pair(dialing);

    CompletableFuture<JsonObject> up = pair.send("upload", "bytes", 64 * MIB);
    CompletableFuture<JsonObject> down = pair.send("download", "bytes", 64 * MIB);
    CompletableFuture<JsonObject> echoes = pair.send("echo", "streams", 16, "bytes", MIB);

    // The asking side has compared counts and SHA-256; these only wait and count.
    assertThat(Json.number(pair.dialer.process().await(up, "upload"), "bytes")).isEqualTo(64 * MIB);
    assertThat(Json.number(pair.dialer.process().await(down, "download"), "bytes"))
        .isEqualTo(64 * MIB);
    assertThat(Json.number(pair.dialer.process().await(echoes, "echo"), "streams")).isEqualTo(16);
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void listenerOpensStreamsToo(Stack dialing) {
    Pair pair = pair(dialing);

    JsonObject echoed =
        pair.listener.call("echo", "peer", pair.dialer.id(), "streams", 8, "bytes", BEYOND_WINDOW);
    assertThat(Json.number(echoed, "streams")).isEqualTo(8);
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void dialoguesThatSayEverythingInOnePacketAreAnswered(Stack dialing) {
    Pair pair = pair(dialing);
    // Known by now: negotiation may be optimistic, so proposal, data and end may travel together.
    pair.ask("identify");
    for (int bytes : new int[] {0, 1, 100, 10_000}) {
      for (int i = 0; i < 5; i++) {
        assertThat(Json.number(pair.ask("echo", "streams", 1, "bytes", bytes), "bytes"))
            .isEqualTo(bytes);
      }
    }
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void readingGoesOnAfterOurFin(Stack dialing) {
    assertThat(Json.number(pair(dialing).ask("lateReply", "bytes", BEYOND_WINDOW), "bytes"))
        .isEqualTo(BEYOND_WINDOW);
    assertThat(Json.number(pair(dialing).ask("lateReply", "bytes", 0), "bytes")).isZero();
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void writingGoesOnAfterTheirFin(Stack dialing) {
    Pair pair = pair(dialing);

    JsonObject sent = pair.ask("earlyFin", "bytes", BEYOND_WINDOW);

    JsonObject served = pair.served(TestProtocols.EARLY_FIN);
    assertThat(Json.string(served, "outcome")).isEqualTo("done");
    assertThat(Json.number(served, "bytes")).isEqualTo(BEYOND_WINDOW);
    assertThat(Json.string(served, "sha256")).isEqualTo(Json.string(sent, "sha256"));
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void resetByTheListenerReachesTheDialer(Stack dialing) {
    assertThat(Json.string(pair(dialing).ask("resetByListener"), "outcome")).isEqualTo("reset");
    assertThat(Json.string(pair(dialing).served(TestProtocols.RESET), "outcome")).isEqualTo("done");
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void resetByTheDialerReachesTheListener(Stack dialing) {
    pair(dialing).ask("resetByDialer");
    assertThat(Json.string(pair(dialing).served(TestProtocols.RESET), "outcome"))
        .isEqualTo("reset");
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void perfRunsBothWays(Stack dialing) {
    JsonObject ran = pair(dialing).ask("perf", "upload", 8 * MIB, "download", 8 * MIB);
    assertThat(Json.number(ran, "upload")).isEqualTo(8 * MIB);
    assertThat(Json.number(ran, "download")).isEqualTo(8 * MIB);
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void someoneElseAnsweringIsNotAccepted(Stack dialing) {
    Pair pair = pair(dialing);
    String wrong = pair.listener.directAddress().replace(pair.listener.id(), STRANGER);

    assertThatThrownBy(() -> pair.dialer.call("connect", "addr", wrong))
        .isInstanceOf(PeerProcess.CommandFailed.class);
  }

  /// A peer id that nobody here has (the Ed25519 example of peer-ids.md).
  private static final String STRANGER = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void aProtocolNobodyServesIsRefusedAndTheConnectionLives(Stack dialing) {
    Pair pair = pair(dialing);

    assertThatThrownBy(() -> pair.ask("open", "protocol", "/peerup-test/nobody/1.0.0"))
        .isInstanceOf(PeerProcess.CommandFailed.class);
    assertThat(pair.ask("ping").getAsJsonArray("rttMs")).hasSize(1);
  }
}
