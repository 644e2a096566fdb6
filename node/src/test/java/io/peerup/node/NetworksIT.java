package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import io.peerup.pairing.GroupCode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A code leads into its maker's network, and nobody goes from one network to another unasked.
class NetworksIT {

  @TempDir Path directory;

  private TestNetwork network;
  private TestNode home;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
    home = network.node("home");
    home.join(network.codes(1, 0, "crew").getFirst());
    await().atMost(SOON).until(() -> network.reserved().contains(home.id().toString()));
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private TestNode inNetwork(String name, String label) {
    return network.add(
        name,
        "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\ndiscovery:\n  network: \"" + label + "\"\n");
  }

  /// With an invite of this form open at home.
  private void invited(String form, Consumer<ControlStream> lines, Consumer<String> code) {
    JsonObject body = new JsonObject();
    body.addProperty("form", form);
    body.addProperty("ttlSeconds", 600);
    body.addProperty("defaultName", "home");
    try (ControlStream open = ControlClient.of(home.home()).open("POST", "/v1/invites", body)) {
      code.accept(open.next().orElseThrow().get("code").getAsString());
      lines.accept(open);
    }
  }

  private static void assertOtherNetwork(ThrowingCallable join, String theirs, String ours) {
    assertThatThrownBy(join)
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo("other-network");
              assertThat(failure.message()).contains("`" + theirs + "`").contains(ours);
              assertThat(failure.fact("network")).isEqualTo(theirs);
              assertThat(failure.hint()).contains("--network " + theirs).contains("--home");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"typed", "spoken", "full"})
  void aFreshJoinerEndsInTheInvitersNetwork(String form) {
    TestNode laptop = network.node("laptop");
    invited(
        form,
        lines -> {},
        code -> assertThat(laptop.join(code).get("network").getAsString()).isEqualTo("crew"));
    assertThat(laptop.network()).isEqualTo("crew");
    laptop.stop();
    laptop.start();
    assertThat(laptop.network()).as("after a restart").isEqualTo("crew");
  }

  @ParameterizedTest
  @ValueSource(strings = {"typed", "spoken", "full"})
  void whoIsInAnotherNetworkIsRefusedBeforeItTrustsAnybodyAndMayRepeatWithTheNameOfTheNewOne(
      String form) {
    TestNode laptop = inNetwork("laptop", "mine");
    invited(
        form,
        lines -> {
          JsonObject paired = lines.next().orElseThrow();
          assertThat(paired.get("event").getAsString()).isEqualTo("paired");
          assertThat(paired.get("peerId").getAsString()).isEqualTo(laptop.id().toString());
        },
        code -> {
          assertOtherNetwork(() -> laptop.join(code), "crew", "`mine`");
          assertOtherNetwork(() -> laptop.join(code, "cruw"), "crew", "`cruw`");
          assertThat(laptop.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
          assertThat(laptop.network()).isEqualTo("mine");
          JsonObject joined = laptop.join(code, "crew");
          assertThat(joined.get("network").getAsString()).isEqualTo("crew");
        });
    assertThat(laptop.network()).isEqualTo("crew");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(home.peer(laptop).orElseThrow().get("connected").getAsBoolean()).isTrue());
    laptop.stop();
    laptop.start();
    assertThat(laptop.network()).as("after a restart").isEqualTo("crew");
  }

  @Test
  void theInviterOfSomebodyWhoThenDeclinesKeepsItAsPendingOnly() {
    TestNode laptop = inNetwork("laptop", "mine");
    invited(
        "typed",
        lines -> {
          JsonObject paired = lines.next().orElseThrow();
          assertThat(paired.get("peerAcked").getAsBoolean()).isFalse();
        },
        code -> assertOtherNetwork(() -> laptop.join(code), "crew", "`mine`"));
    assertThat(laptop.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
    assertThat(laptop.network()).isEqualTo("mine");
  }

  @Test
  void aGroupsCodeIsNotSpentOnWhoIsInAnotherNetwork() {
    List<GroupCode> codes = network.codes(1, 0, "club");
    String code = codes.getFirst().text();
    assertOtherNetwork(() -> home.join(code), "club", "`crew`");
    TestNode laptop = network.node("laptop");
    laptop.join(code);
    assertThat(laptop.network()).isEqualTo("club");
  }

  @Test
  void aNodeMovesWithAGroupsCodeAndStaysWhereItMoved() {
    String code = network.codes(1, 0, "club").getFirst().text();
    assertThat(home.join(code, "club").get("network").getAsString()).isEqualTo("club");
    assertThat(home.network()).isEqualTo("club");
    home.stop();
    home.start();
    assertThat(home.network()).as("after a restart, with groups of both").isEqualTo("club");
    TestNode laptop = network.node("laptop");
    invited("typed", lines -> {}, invite -> laptop.join(invite));
    assertThat(laptop.network()).as("who pairs with it").isEqualTo("club");
  }

  @Test
  void theCommonNetworkIsOneThatANodeBelongsToOnceItHasPairedInIt() {
    TestNode laptop = network.node("laptop");
    laptop.join(network.codes(1).getFirst());
    String code = network.codes(1, 0, "crew").getFirst().text();
    assertOtherNetwork(() -> laptop.join(code), "crew", "the default network");
    assertThat(laptop.join(code, "crew").get("network").getAsString()).isEqualTo("crew");
  }

  @Test
  void aFreshNodeThatExpectsAnotherNetworkIsNotTakenElsewhere() {
    TestNode laptop = network.node("laptop");
    String code = network.codes(1, 0, "crew").getFirst().text();
    assertOtherNetwork(() -> laptop.join(code, "club"), "crew", "`club`");
    assertThat(laptop.network()).isEmpty();
  }
}
