package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.UrlInvites;
import io.peerup.pairing.mailbox.Limits;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two devices pair with a link through the mailbox of a relay that knows only one of them.
@Timeout(300)
class LinkIT {

  @TempDir Path directory;

  private TestNetwork network;
  private TestNode home;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
    home = network.node("home");
    home.join(network.codes(1).getFirst());
    awaitReserved(home.id());
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private void awaitReserved(PeerId peer) {
    await().atMost(SOON).until(() -> network.reserved().contains(peer.toString()));
  }

  private JsonObject mint(int uses) {
    JsonObject body = new JsonObject();
    body.addProperty("ttlSeconds", 3600);
    body.addProperty("uses", uses);
    body.addProperty("defaultName", "home");
    return home.call("POST", "/v1/links", Optional.of(body));
  }

  private static String url(JsonObject minted) {
    return minted.get("url").getAsString();
  }

  private static JsonObject accept(TestNode node, String url, int waitSeconds) {
    JsonObject body = new JsonObject();
    body.addProperty("code", url);
    body.addProperty("name", node.name());
    body.addProperty("waitSeconds", waitSeconds);
    return node.call("POST", "/v1/join", Optional.of(body));
  }

  private static String refusal(TestNode node, String url) {
    try {
      accept(node, url, 20);
      return "";
    } catch (Failure e) {
      return e.code();
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

  private static JsonArray waiting(TestNode node) {
    return node.status().getAsJsonArray("waitingFor");
  }

  private JsonObject link(String id) {
    for (JsonElement each :
        home.call("GET", "/v1/invites", Optional.empty()).getAsJsonArray("invites")) {
      if (each.getAsJsonObject().get("id").getAsString().equals(id)) {
        return each.getAsJsonObject();
      }
    }
    throw new AssertionError("no link " + id);
  }

  private String refused() {
    return home.call("GET", "/v1/invites", Optional.empty()).getAsJsonArray("refused").toString();
  }

  @Test
  void aFreshDevicePairsWithTheLinkAndNothingElse() throws IOException {
    TestNode laptop = network.node("laptop");
    JsonObject minted = mint(1);
    JsonObject accepted = accept(laptop, "<" + url(minted) + ">.", 30);
    assertThat(accepted.get("status").getAsString()).isEqualTo("paired");
    assertThat(accepted.get("peerAcked").getAsBoolean()).isTrue();
    assertThat(accepted.get("peerId").getAsString()).isEqualTo(home.id().toString());
    assertThat(accepted.get("name").getAsString()).isEqualTo("home");
    assertPaired(home, laptop);
    assertThat(home.authorizedKeys()).contains(laptop.id() + " name=laptop tier=invite via=url");
    assertThat(laptop.authorizedKeys()).contains(home.id() + " name=home tier=invite via=url");
    awaitReserved(laptop.id());
    assertThat(waiting(laptop)).isEmpty();
    assertThat(laptop.status().get("name").getAsString()).isEqualTo("laptop");
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonObject link = link(minted.get("id").getAsString());
          assertThat(link.get("state").getAsString()).isEqualTo("consumed");
          JsonObject user = link.getAsJsonArray("usedBy").get(0).getAsJsonObject();
          assertThat(user.get("name").getAsString()).isEqualTo("laptop");
          assertThat(user.get("peerAcked").getAsBoolean()).isTrue();
        });
    for (TestNode each : List.of(home, laptop)) {
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(each.home().state("links.json"))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void theInviterMayBeOfflineAndNobodyIsTrustedBeforeItAnswers() {
    String url = url(mint(1));
    home.stop();
    TestNode laptop = network.node("laptop");
    JsonObject accepted = accept(laptop, url, 0);
    assertThat(accepted.get("status").getAsString()).isEqualTo("drop_sent");
    assertThat(accepted.get("peerAcked").getAsBoolean()).isFalse();
    JsonObject waiting = waiting(laptop).get(0).getAsJsonObject();
    assertThat(waiting.get("name").getAsString()).isEqualTo("home");
    assertThat(waiting.get("status").getAsString()).isEqualTo("drop_sent");
    assertThat(laptop.authorizedKeysOrEmpty()).doesNotContain("12D3");
    // Over a restart of everybody: the relay keeps the drop, the joiner what it needs to know.
    laptop.stop();
    network.stopRelay();
    network.startRelay();
    home.start();
    laptop.start();
    assertPaired(home, laptop);
    assertThat(waiting(laptop)).isEmpty();
  }

  @Test
  void ofTwoDevicesWithOneLinkOneGetsInAndTheOtherIsTold() throws Exception {
    List<TestNode> racers = List.of(network.node("one"), network.node("two"));
    String url = url(mint(1));
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> runs = new ArrayList<>();
      for (TestNode each : racers) {
        Callable<String> run = () -> refusal(each, url);
        runs.add(tasks.submit(run));
      }
      assertThat(List.of(runs.get(0).get(), runs.get(1).get()))
          .as("who got in, and what the other was told")
          .containsExactlyInAnyOrder("", "link-refused");
    }
    assertThat(racers.stream().filter(each -> home.peer(each).isPresent())).hasSize(1);
    TestNode late = network.node("late");
    assertThatThrownBy(() -> accept(late, url, 20))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("already used");
    assertThat(late.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
    assertThat(waiting(late)).isEmpty();
  }

  @Test
  void anInviterWhoseRelayLostItsMailboxesTellsItAgainAndRefusesOneDropTooMany() throws Exception {
    JsonObject minted = mint(1);
    TestNode laptop = network.node("laptop");
    accept(laptop, url(minted), 30);
    assertPaired(home, laptop);
    network.stopRelay();
    network.forgetMailboxes();
    network.startRelay();
    awaitReserved(home.id());
    TestNode late = network.node("late");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(refusal(late, url(minted))).isEqualTo("link-used"));
    assertThat(waiting(late).get(0).getAsJsonObject().get("status").getAsString())
        .isEqualTo("already_used");
    assertThat(home.peer(late)).isEmpty();
    assertThat(refused()).contains("used up").contains(late.id().toString());
  }

  @Test
  void theSameDeviceMayAcceptAgainAndNothingChanges() {
    String url = url(mint(1));
    TestNode laptop = network.node("laptop");
    accept(laptop, url, 30);
    assertPaired(home, laptop);
    String before = home.authorizedKeys();
    assertThat(accept(laptop, url, 0).get("status").getAsString()).isEqualTo("paired");
    assertThat(home.authorizedKeys()).isEqualTo(before);
  }

  @Test
  void aRevokedLinkIsWorthNothingAlsoForADropThatCameBefore() {
    JsonObject minted = mint(2);
    String revoke = "/v1/invites/" + minted.get("id").getAsString();
    home.stop();
    TestNode early = network.node("early");
    assertThat(accept(early, url(minted), 0).get("status").getAsString()).isEqualTo("drop_sent");
    network.stopRelay();
    home.start();
    home.call("DELETE", revoke, Optional.empty());
    network.startRelay();
    awaitReserved(home.id());
    // The relay learns of it when the inviter is back; until then the drop is taken for nobody.
    TestNode late = network.node("late");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(refusal(late, url(minted))).isEqualTo("link-refused"));
    assertThat(home.peer(early)).isEmpty();
    assertThat(home.peer(late)).isEmpty();
    assertThat(early.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
  }

  @Test
  void whatIsWrongWithALinkIsSaidBeforeAnythingIsSent() {
    JsonObject minted = mint(1);
    String url = url(minted);
    int connections = network.connections();
    TestNode laptop = network.node("laptop");
    int middle = url.length() / 2;
    char other = url.charAt(middle) == 'A' ? 'B' : 'A';
    String altered = url.substring(0, middle) + other + url.substring(middle + 1);
    assertThatThrownBy(() -> accept(laptop, altered, 0))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("damaged or forged");
    assertThatThrownBy(() -> accept(home, url, 0))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("your own invite");
    assertThatThrownBy(() -> accept(laptop, expired(), 0))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("link-expired"));
    assertThat(network.connections()).isEqualTo(connections);
    assertThat(laptop.home().state("links.json")).doesNotExist();
  }

  /// A link that home signed, and whose hour is over since an hour.
  private String expired() {
    PrivateKey key = IdentityFile.load(home.home(), Passphrase.Source.NONE).orElseThrow();
    UrlInvites.Spec spec =
        new UrlInvites.Spec(
            List.of(network.relayAddress()), new byte[Limits.CAPABILITY_BYTES], "", "home");
    Instant then = InstantSource.system().instant().minus(Duration.ofHours(2));
    return new UrlInvites()
        .create(key, spec, 1, Duration.ofHours(1), KeyRandom.secure(), then)
        .text();
  }

  @Test
  void aBlockedPeersDropAdmitsNobodyAndCostsNoUse() {
    JsonObject minted = mint(1);
    TestNode thief = network.node("thief");
    home.stop();
    assertThat(accept(thief, url(minted), 0).get("status").getAsString()).isEqualTo("drop_sent");
    PrivateFiles.write(
        home.home().blockedPeers(), (thief.id() + "\n").getBytes(StandardCharsets.UTF_8));
    home.start();
    await().atMost(SOON).untilAsserted(() -> assertThat(refused()).contains("blocked here"));
    assertThat(home.peer(thief)).isEmpty();
    assertThat(link(minted.get("id").getAsString()).getAsJsonArray("usedBy")).isEmpty();
    assertThat(waiting(thief)).hasSize(1);
  }

  @Test
  void aRemovedDeviceDoesNotComeBackByItsOldDrop() throws IOException {
    String url = url(mint(1));
    TestNode laptop = network.node("laptop");
    accept(laptop, url, 30);
    assertPaired(home, laptop);
    home.remove(laptop);
    laptop.stop();
    network.stopRelay();
    network.forgetMailboxes();
    network.startRelay();
    awaitReserved(home.id());
    // As if it had never heard the answer.
    laptop.editAuthorizedKeys("");
    Path links = laptop.home().state("links.json");
    PrivateFiles.write(
        links,
        Files.readString(links)
            .replace("\"state\":\"paired\"", "\"state\":\"drop_sent\"")
            .getBytes(StandardCharsets.UTF_8));
    laptop.start();
    await().atMost(SOON).untilAsserted(() -> assertThat(refused()).contains("removed since"));
    assertThat(home.peer(laptop)).isEmpty();
    assertThat(laptop.authorizedKeysOrEmpty()).doesNotContain(home.id().toString());
  }
}
