package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Invites that ask for a comparison: neither device trusts the other until both people have said
/// yes to one code.
@Timeout(180)
class HeldIT {

  @TempDir Path directory;

  private TestNetwork network;
  private TestNode home;
  private TestNode laptop;

  @BeforeEach
  void pairWithoutTrust() {
    network = new TestNetwork(directory);
    home = network.node("home");
    home.join(network.codes(1).getFirst());
    await().atMost(SOON).until(() -> network.reserved().contains(home.id().toString()));
    laptop = network.node("laptop");
    JsonObject body = new JsonObject();
    body.addProperty("form", "typed");
    body.addProperty("ttlSeconds", 600);
    body.addProperty("defaultName", "home");
    body.addProperty("requireSas", true);
    try (ControlStream invite = ControlClient.of(home.home()).open("POST", "/v1/invites", body)) {
      JsonObject joined = laptop.join(invite.next().orElseThrow().get("code").getAsString());
      assertThat(joined.get("warnings").toString()).contains("until both have run peerup verify");
      JsonObject paired = invite.next().orElseThrow();
      assertThat(paired.get("event").getAsString()).isEqualTo("paired");
      assertThat(paired.get("held").getAsBoolean()).isTrue();
    }
    for (TestNode each : List.of(home, laptop)) {
      each.addService("web", 9);
      await()
          .atMost(SOON)
          .until(() ->
              each.peer(other(each))
                  .filter(peer -> peer.get("connected").getAsBoolean())
                  .isPresent());
    }
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private TestNode other(TestNode one) {
    return one == home ? laptop : home;
  }

  private void assertHeld() {
    for (TestNode each : List.of(home, laptop)) {
      JsonObject peer = each.peer(other(each)).orElseThrow();
      assertThat(peer.get("tiers").toString()).isEqualTo("[\"held\"]");
      assertThat(peer.get("scopes").toString()).isEqualTo("[\"verify\"]");
      assertThat(each.authorizedKeys())
          .contains(other(each).id() + " name=" + other(each).name() + " tier=held");
      assertThatThrownBy(() -> each.proxy(other(each), "web").close())
          .as("a service of %s", other(each).name())
          .isInstanceOf(Failure.class);
      assertThat(each.status().get("warnings").toString()).contains("may do nothing until both");
    }
  }

  private ControlStream verify(TestNode node) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", other(node).id().toString());
    return ControlClient.of(node.home()).open("POST", "/v1/verify", body);
  }

  private static void answer(TestNode node, JsonObject code, String answer) {
    JsonObject body = new JsonObject();
    body.add("run", code.get("run"));
    body.addProperty("answer", answer);
    node.call("POST", "/v1/verify/answer", Optional.of(body));
  }

  @Test
  void bothTrustEachOtherOnceBothPeopleHaveSaidYes() {
    assertHeld();
    home.stop();
    home.start();
    await()
        .atMost(SOON)
        .until(() ->
            laptop.peer(home).filter(peer -> peer.get("connected").getAsBoolean()).isPresent());
    assertHeld();
    try (ControlStream atHome = verify(home);
        ControlStream atLaptop = verify(laptop)) {
      JsonObject one = atHome.next().orElseThrow();
      JsonObject two = atLaptop.next().orElseThrow();
      assertThat(one.get("digits")).isEqualTo(two.get("digits"));
      answer(home, one, "yes");
      assertHeld();
      answer(laptop, two, "yes");
      assertThat(atHome.next().orElseThrow().get("event").getAsString()).isEqualTo("verified");
      assertThat(atLaptop.next().orElseThrow().get("event").getAsString()).isEqualTo("verified");
    }
    for (TestNode each : List.of(home, laptop)) {
      JsonObject peer = each.peer(other(each)).orElseThrow();
      assertThat(peer.get("tiers").toString()).isEqualTo("[\"invite\"]");
      assertThat(peer.get("verified").getAsBoolean()).isTrue();
      each.proxy(other(each), "web").close();
    }
  }

  @Test
  void aMismatchLeavesNeitherInTheOthersFile() {
    assertHeld();
    try (ControlStream atHome = verify(home);
        ControlStream atLaptop = verify(laptop)) {
      JsonObject one = atHome.next().orElseThrow();
      assertThat(atLaptop.next()).isPresent();
      answer(home, one, "no");
      assertThat(atHome.next().orElseThrow().get("event").getAsString()).isEqualTo("mismatch");
      assertThat(atLaptop.next().orElseThrow().get("event").getAsString()).isEqualTo("mismatch");
    }
    for (TestNode each : List.of(home, laptop)) {
      await().atMost(SOON).until(() -> each.peer(other(each)).isEmpty());
      assertThat(each.authorizedKeys()).doesNotContain(other(each).id().toString());
    }
  }

  @Test
  void theSafetyNumberMarksAndDoesNotEndTheWait() {
    JsonObject body = new JsonObject();
    body.addProperty("peer", laptop.id().toString());
    JsonObject number = home.call("POST", "/v1/verify/number", Optional.of(body));
    body.add("brought", number.get("digits"));
    assertThat(
            home.call("POST", "/v1/verify/number", Optional.of(body))
                .get("verified")
                .getAsBoolean())
        .isTrue();
    assertThat(home.peer(laptop).orElseThrow().get("tiers").toString()).isEqualTo("[\"held\"]");
  }
}
