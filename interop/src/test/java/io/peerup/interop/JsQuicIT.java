package io.peerup.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
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

/// Ours and js-libp2p over one QUIC connection, each as dialer and as listener.
@Timeout(120)
class JsQuicIT {

  private static final long MIB = 1024 * 1024;

  private record Pair(Stack.Node dialer, Stack.Node listener, JsonObject connection) {

    JsonObject ask(String command, Object... fields) {
      return await(send(command, fields));
    }

    CompletableFuture<JsonObject> send(String command, Object... fields) {
      Object[] all = new Object[fields.length + 2];
      all[0] = "peer";
      all[1] = listener.id();
      System.arraycopy(fields, 0, all, 2, fields.length);
      return dialer.process().send(command, all);
    }

    JsonObject await(CompletableFuture<JsonObject> answer) {
      return dialer.process().await(answer, "answer");
    }
  }

  private static final Map<Stack, Pair> PAIRS = new EnumMap<>(Stack.class);

  @BeforeAll
  static void connectBothWays() {
    Stack.requireJs();
    for (Stack dialing : Stack.values()) {
      PAIRS.put(dialing, connect(dialing, "Ed25519"));
    }
  }

  @AfterAll
  static void stop() {
    PAIRS.values().forEach(JsQuicIT::close);
  }

  private static Pair connect(Stack dialing, String jsKeyType) {
    Stack.Node listener = start(dialing == Stack.OURS ? Stack.JS : Stack.OURS, jsKeyType);
    Stack.Node dialer = start(dialing, jsKeyType);
    return new Pair(dialer, listener, dialer.call("connect", "addr", listener.directAddress()));
  }

  private static Stack.Node start(Stack stack, String jsKeyType) {
    List<String> listen = List.of("/ip4/127.0.0.1/udp/0/quic-v1");
    return stack == Stack.JS
        ? stack.start("listen", listen, "quic", true, "keyType", jsKeyType)
        : stack.start("listen", listen);
  }

  private static void close(Pair pair) {
    pair.dialer.close();
    pair.listener.close();
    pair.dialer.assertNothingLeaked();
    pair.listener.assertNothingLeaked();
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void bothEndsAgreeOnQuicAndWhoTheyAre(Stack dialing) {
    Pair pair = dialing.in(PAIRS);
    assertThat(Json.string(pair.connection, "peerId")).isEqualTo(pair.listener.id());
    assertThat(Json.string(pair.connection, "addr")).contains("/quic-v1");
    // Another dialer of before may not be gone yet.
    JsonObject seen =
        pair.listener.call("connections").getAsJsonArray("connections").asList().stream()
            .map(JsonElement::getAsJsonObject)
            .filter(each -> Json.string(each, "peerId").equals(pair.dialer.id()))
            .findFirst()
            .orElseThrow();
    assertThat(Json.string(seen, "addr")).contains("/quic-v1");
    JsonObject ours = dialing == Stack.OURS ? pair.connection : seen;
    assertThat(Json.string(ours, "security")).isEqualTo("/tls/1.0.0");
    assertThat(Json.string(ours, "muxer")).isEqualTo("/quic-v1");
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void eachIdentifiesTheOther(Stack dialing) {
    Pair pair = dialing.in(PAIRS);
    JsonObject told = pair.ask("identify");
    assertThat(Json.string(told, "peerId")).isEqualTo(pair.listener.id());
    assertThat(Json.strings(told, "listenAddrs")).anyMatch(each -> each.contains("/quic-v1"));
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void sixtyFourMebibytesEachWayArriveWholeWhileManyStreamsEcho(Stack dialing) {
    Pair pair = dialing.in(PAIRS);
    List<CompletableFuture<JsonObject>> bulk =
        List.of(
            pair.send("upload", "bytes", 64 * MIB),
            pair.send("download", "bytes", 64 * MIB),
            pair.send("echo", "streams", 20, "bytes", MIB));
    bulk.forEach(pair::await);
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void halfClosesAndResetsReachTheOtherEnd(Stack dialing) {
    Pair pair = dialing.in(PAIRS);
    assertThat(Json.number(pair.ask("lateReply", "bytes", 600_000), "bytes")).isEqualTo(600_000);
    pair.ask("earlyFin", "bytes", 600_000);
    // js-libp2p shows a QUIC stream that its peer reset as one that has ended.
    String outcome = dialing == Stack.OURS ? "reset" : "fin";
    assertThat(Json.string(pair.ask("resetByListener"), "outcome")).isEqualTo(outcome);
    pair.ask("ping", "count", 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256k1", "RSA"}) // js-libp2p takes no ECDSA with QUIC
  void identitiesOfOtherTypesAreProvenInTheCertificate(String keyType) {
    for (Stack dialing : Stack.values()) {
      Pair pair = connect(dialing, keyType);
      pair.ask("ping", "count", 1);
      close(pair);
    }
  }

  @ParameterizedTest(name = "{0} dials")
  @EnumSource
  void someoneElseAnsweringIsNotAccepted(Stack dialing) {
    Pair pair = dialing.in(PAIRS);
    String another = pair.dialer.id();
    String address = pair.listener.directAddress().replace(pair.listener.id(), another);
    try (Stack.Node third = start(dialing, "Ed25519")) {
      assertThatThrownBy(() -> third.call("connect", "addr", address))
          .isInstanceOf(PeerProcess.CommandFailed.class);
    }
  }
}
