package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.TypedCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two devices pair with a code through a relay that knows only one of them.
class InviteIT {

  @TempDir Path directory;

  private TestNetwork network;
  private TestNode home;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
    home = network.node("home");
    home.join(network.codes(1).getFirst());
    await().atMost(SOON).until(() -> network.reserved().contains(home.id().toString()));
  }

  @AfterEach
  void stop() {
    network.close();
  }

  /// An invite as its maker sees it.
  private record Open(ControlStream lines, String code, String id) implements AutoCloseable {
    String next() {
      return event().get("event").getAsString();
    }

    JsonObject event() {
      return lines.next().orElseThrow();
    }

    @Override
    public void close() {
      lines.close();
    }
  }

  private static Open invite(TestNode node, String form) {
    JsonObject body = new JsonObject();
    body.addProperty("form", form);
    body.addProperty("ttlSeconds", 600);
    body.addProperty("defaultName", node.name());
    ControlStream lines = ControlClient.of(node.home()).open("POST", "/v1/invites", body);
    JsonObject first = lines.next().orElseThrow();
    assertThat(first.get("code")).as("%s", first).isNotNull();
    return new Open(lines, first.get("code").getAsString(), first.get("id").getAsString());
  }

  @Test
  void invitesThatAreMadeAtOneTimeAllGetTheirPlaceAtTheRelay() throws Exception {
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Open>> made = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        made.add(tasks.submit(() -> invite(home, "typed")));
      }
      for (Future<Open> each : made) {
        try (Open invite = each.get()) {
          assertThat(invite.code()).contains("@");
        }
      }
    }
  }

  static String wrong(String code) {
    String relay = code.substring(code.indexOf('@'));
    String selector = code.replace("-", "").substring(0, 7);
    while (true) {
      TypedCode other = TypedCode.generate(KeyRandom.secure());
      // The same invite, another secret, a right check symbol.
      String symbols = selector + other.text().replace("-", "").substring(7, 15);
      for (char check : "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray()) {
        try {
          PairingCode.parse(symbols + check + relay);
          return symbols + check + relay;
        } catch (MalformedInput e) {
          // Another check symbol, then.
        }
      }
    }
  }

  private static void assertPaired(TestNode one, TestNode other) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(one.peer(other)).isPresent();
          assertThat(other.peer(one)).isPresent();
          assertThat(one.peer(other).orElseThrow().get("connected").getAsBoolean()).isTrue();
        });
  }

  @Test
  void whoDialsItsRelayOverQuicTellsOthersWhereItIsOverTcp() {
    Multiaddr relay = network.relayAddressOverQuic().withoutPeer().withPeer(network.relayId());
    TestNode desk =
        network.add(
            "desk",
            "network:\n  listen: [/ip4/127.0.0.1/udp/0/quic-v1]\nrelay:\n  addresses: [\""
                + relay
                + "\"]\n");
    JsonObject allow = new JsonObject();
    allow.addProperty("peer", desk.id().toString());
    allow.addProperty("name", "desk");
    network.askRelay("POST", "/v1/trust/allow", Optional.of(allow));
    await().atMost(SOON).until(() -> network.reserved().contains(desk.id().toString()));
    TestNode laptop = network.node("laptop");
    try (Open invite = invite(desk, "typed")) {
      assertThat(invite.code()).contains("@127.0.0.1:");
      laptop.join(invite.code());
      assertPaired(desk, laptop);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"typed", "spoken", "full"})
  void aFreshDevicePairsWithTheCodeAndNothingElse(String form) {
    TestNode laptop = network.node("laptop");
    try (Open invite = invite(home, form)) {
      JsonObject joined = laptop.join(invite.code());
      assertThat(joined.getAsJsonArray("peers").get(0).getAsJsonObject().get("name").getAsString())
          .isEqualTo("home");
      JsonObject paired = invite.event();
      assertThat(paired.get("event").getAsString()).isEqualTo("paired");
      assertThat(paired.get("peerId").getAsString()).isEqualTo(laptop.id().toString());
      assertThat(paired.get("name").getAsString()).isEqualTo("laptop");
      assertThat(paired.get("peerAcked").getAsBoolean()).isTrue();
    }
    assertPaired(home, laptop);
    assertThat(laptop.status().get("name").getAsString()).isEqualTo("laptop");
    assertThat(home.authorizedKeys()).contains(laptop.id() + " name=laptop tier=invite");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(network.reserved())
                .as("the relay took it in")
                .contains(laptop.id().toString()));
  }

  /// Without its state directory a device can write nothing.
  @Test
  void whenNothingCanBeWrittenNoInviteIsMadeAndAWrongCodeEndsNoSoonerThanAnUnknownOne()
      throws Exception {
    TestNode laptop = network.node("laptop");
    Path state = home.home().stateDirectory();
    Path away = state.resolveSibling("away");
    try (Open invite = invite(home, "typed")) {
      Files.move(state, away);
      long began = System.nanoTime();
      assertThatThrownBy(() -> laptop.join(wrong(invite.code())))
          .isInstanceOfSatisfying(
              Failure.class, e -> assertThat(e.code()).as(e.message()).isEqualTo("pairing-failed"));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(2));
      for (int i = 0; i < 6; i++) {
        assertThatThrownBy(() -> invite(home, "typed")).isInstanceOf(Failure.class);
      }
      Files.move(away, state);
      assertThat(invites()).as("listed").hasSize(1);
      // There is still room for four, here and at the relay, and the first one works.
      for (int i = 0; i < 4; i++) {
        invite(home, "typed").close();
      }
      laptop.join(invite.code());
      assertThat(invite.next()).isEqualTo("paired");
    }
  }

  private List<JsonElement> invites() {
    return ControlClient.of(home.home())
        .call("GET", "/v1/invites", null, Duration.ofSeconds(10))
        .getAsJsonArray("invites")
        .asList();
  }

  @Test
  void devicesThatOnlyTheRelayConnectsPairAndStayReachable() {
    TestNode attic = network.relayedNode("attic");
    attic.join(network.codes(1).getFirst());
    await().atMost(SOON).until(() -> network.reserved().contains(attic.id().toString()));
    TestNode laptop = network.relayedNode("laptop");
    try (Open invite = invite(attic, "typed")) {
      laptop.join(invite.code());
      assertThat(invite.next()).isEqualTo("paired");
    }
    assertPaired(attic, laptop);
    assertThat(attic.path(laptop)).isEqualTo("relayed");
  }

  @Test
  void aWrongCodeFailsAndTheRightOneStillWorksUntilThreeWereWrong() {
    TestNode laptop = network.node("laptop");
    TestNode thief = network.node("thief");
    try (Open invite = invite(home, "typed")) {
      assertFails(thief, wrong(invite.code()));
      assertFails(thief, wrong(invite.code()));
      assertThat(thief.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
      laptop.join(invite.code());
      assertThat(invite.next()).isEqualTo("paired");
    }
    assertThat(home.authorizedKeys()).doesNotContain(thief.id().toString());
    TestNode other = network.node("other");
    try (Open invite = invite(home, "typed")) {
      for (int i = 0; i < 3; i++) {
        assertFails(other, wrong(invite.code()));
      }
      assertThat(invite.next()).isEqualTo("burned");
      assertFails(network.node("late"), invite.code());
    }
  }

  private static void assertFails(TestNode node, String code) {
    assertThatThrownBy(() -> node.join(code))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("pairing failed");
  }

  @Test
  void ofTwoDevicesWithOneCodeOneGetsIn() throws Exception {
    List<TestNode> racers = List.of(network.node("one"), network.node("two"));
    try (Open invite = invite(home, "full");
        var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> runs = new ArrayList<>();
      for (TestNode each : racers) {
        runs.add(tasks.submit(() -> joins(each, invite.code())));
      }
      assertThat(List.of(runs.get(0).get(), runs.get(1).get()))
          .as("who got in")
          .containsExactlyInAnyOrder(true, false);
      assertThat(invite.next()).isEqualTo("paired");
    }
    assertThat(racers.stream().filter(each -> home.peer(each).isPresent())).hasSize(1);
  }

  private static boolean joins(TestNode node, String code) {
    try {
      node.join(code);
      return true;
    } catch (Failure refused) {
      return false;
    }
  }

  @Test
  void anInviteOutlivesARestartOfTheRelayAndOfItsMaker() {
    String code;
    try (Open invite = invite(home, "typed")) {
      code = invite.code();
    }
    home.stop();
    network.stopRelay();
    network.startRelay();
    home.start();
    TestNode laptop = network.node("laptop");
    await()
        .atMost(SOON.multipliedBy(2))
        .pollInterval(Duration.ofSeconds(2))
        .until(() -> joins(laptop, code));
    assertPaired(home, laptop);
  }

  @Test
  void theDeviceThatUsedACodeMayUseItAgainAndNobodyElse() {
    TestNode laptop = network.node("laptop");
    try (Open invite = invite(home, "typed")) {
      laptop.join(invite.code());
      assertThat(invite.next()).isEqualTo("paired");
      String before = home.authorizedKeys();
      laptop.join(invite.code());
      assertThat(home.authorizedKeys()).isEqualTo(before);
      assertFails(network.node("late"), invite.code());
    }
  }

  @Test
  void aRevokedInviteIsWorthNothing() {
    try (Open invite = invite(home, "typed")) {
      home.call("DELETE", "/v1/invites/" + invite.id(), Optional.empty());
      assertThat(invite.next()).isEqualTo("revoked");
      assertFails(network.node("laptop"), invite.code());
    }
  }
}
