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
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The block list against devices that come with a right code, and what speaks for those that came
/// with one.
class BlockedGuestsIT {

  @TempDir Path directory;

  private TestNetwork network;
  private TestNode home;
  private TestNode laptop;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
    home = network.relayedNode("home");
    home.join(network.codes(1).getFirst());
    await().atMost(SOON).until(() -> network.reserved().contains(home.id().toString()));
    laptop = network.relayedNode("laptop");
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private String invite() {
    JsonObject body = new JsonObject();
    body.addProperty("form", "full");
    body.addProperty("ttlSeconds", 600);
    body.addProperty("defaultName", home.name());
    try (ControlStream lines = ControlClient.of(home.home()).open("POST", "/v1/invites", body)) {
      return lines.next().orElseThrow().get("code").getAsString();
    }
  }

  private JsonObject madeInvite() {
    return home.call("GET", "/v1/invites", Optional.empty())
        .getAsJsonArray("invites")
        .get(0)
        .getAsJsonObject();
  }

  private JsonObject say(String verb) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", laptop.id().toString());
    return home.call("POST", "/v1/trust/" + verb, Optional.of(body));
  }

  @Test
  void whoIsBlockedPairsByNoCodeAndSpendsNone() {
    String code = invite();
    say("block");
    assertThatThrownBy(() -> laptop.join(code)).isInstanceOf(Failure.class);
    assertThat(home.authorizedKeysOrEmpty()).doesNotContain(laptop.id().toString());
    assertThat(laptop.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
    assertThat(madeInvite().get("state").getAsString()).isEqualTo("open");
    assertThat(madeInvite().get("wrongCodes").getAsInt()).isZero();
    say("unblock");
    laptop.join(code);
    assertThat(home.authorizedKeys()).contains(laptop.id().toString());
  }

  @Test
  void whoPairedByACodeAndIsBlockedIsCutWithinASecondAndTheCodeDoesNotBringItBack() {
    String code = invite();
    laptop.join(code);
    await().atMost(SOON).until(() -> laptop.path(home).equals("relayed"));
    say("block");
    await().atMost(Duration.ofSeconds(1)).until(() -> home.path(laptop).equals("none"));
    assertThatThrownBy(() -> laptop.join(code)).isInstanceOf(Failure.class);
    assertThat(home.path(laptop)).isEqualTo("none");
    assertThat(say("explain").get("allowed").getAsBoolean()).isFalse();
    say("unblock");
    await().atMost(SOON.multipliedBy(2)).until(() -> laptop.path(home).equals("relayed"));
  }

  @Test
  void explainAndDenySayThatAnInviteSpeaksForAPeerAndRemoveTakesThatToo() {
    laptop.join(invite());
    assertTrust(say("explain"), "[\"invite\"]", true, false);
    assertTrust(say("allow"), "[\"local\",\"invite\"]", true, false);
    assertTrust(say("deny"), "[\"invite\"]", true, false);
    assertTrust(say("block"), "[\"invite\"]", false, true);
    assertTrust(say("unblock"), "[\"invite\"]", true, false);
    home.remove(laptop);
    assertThat(home.authorizedKeysOrEmpty()).doesNotContain(laptop.id().toString());
    assertTrust(say("explain"), "[]", false, false);
  }

  private static void assertTrust(JsonObject said, String tiers, boolean allowed, boolean blocked) {
    assertThat(said.getAsJsonArray("tiers").toString()).as("%s", said).isEqualTo(tiers);
    assertThat(said.get("allowed").getAsBoolean()).as("%s", said).isEqualTo(allowed);
    assertThat(said.get("blocked").getAsBoolean()).as("%s", said).isEqualTo(blocked);
  }
}
