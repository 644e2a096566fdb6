package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.RecordedRun;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
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

/// Two daemons pair through a relay that is the attacker.
class HostileRelayIT {

  /// As long as the shortest thing that would mean something to somebody.
  private static final int WINDOW = 6;

  private static final int DICTIONARY = 2_000;

  @TempDir Path directory;

  private HostileRelay relay;
  private TestNode home;
  private TestNode laptop;

  @BeforeEach
  void start() {
    relay = new HostileRelay();
    home =
        new TestNode(
            directory.resolve("home"),
            "secretname-home",
            "discovery:\n  network: secretcrew\nnetwork:\n  listen: []\nrelay:\n  addresses: ["
                + relay.address()
                + "]\n");
    laptop =
        new TestNode(
            directory.resolve("laptop"),
            "secretname-laptop",
            "network:\n  listen: []\nrelay:\n  direct: false\n");
    await().atMost(SOON).until(() -> relay.hasReservationOf(home.id()));
  }

  @AfterEach
  void stop() {
    laptop.close();
    home.close();
    relay.close();
  }

  private String invite(String form) {
    JsonObject body = new JsonObject();
    body.addProperty("form", form);
    body.addProperty("ttlSeconds", 600);
    body.addProperty("defaultName", home.name());
    try (ControlStream lines = ControlClient.of(home.home()).open("POST", "/v1/invites", body)) {
      return lines.next().orElseThrow().get("code").getAsString();
    }
  }

  private JsonObject invite() {
    return home.call("GET", "/v1/invites", Optional.empty())
        .getAsJsonArray("invites")
        .get(0)
        .getAsJsonObject();
  }

  private static PairingSecret secret(String code) {
    return switch (PairingCode.parse(code)) {
      case PairingCode.Typed typed -> typed.code().secret();
      case PairingCode.Spoken spoken -> spoken.code().secret();
      case PairingCode.Full full -> full.code().secret();
      case PairingCode.Group _, PairingCode.Link _ -> throw new AssertionError("not a code");
    };
  }

  private static JsonObject stateOf(TestNode node, String file) throws IOException {
    return Jsons.parseObject(Files.readString(node.home().state(file)));
  }

  private static int attempts(TestNode node) throws IOException {
    int count = 0;
    for (JsonElement each :
        stateOf(node, "invites.json").getAsJsonObject("attempts").getAsJsonArray("attempts")) {
      count += each.getAsJsonObject().getAsJsonArray("at").size();
    }
    return count;
  }

  private void assertJoinFails(String code, String why) {
    assertThatThrownBy(() -> laptop.join(code))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo(why));
  }

  private void assertNobodyLetIn() {
    assertThat(laptop.authorizedKeysOrEmpty()).doesNotContain("12D3");
    assertThat(home.authorizedKeysOrEmpty()).doesNotContain("12D3");
  }

  @Test
  void inTheMiddleItGetsOneGuessAnAttemptAtEachSideAndThreeInAll() throws Exception {
    String code = invite("typed");
    String wrong = InviteIT.wrong(code);
    PairingSecret guess = secret(wrong);
    relay.standInFor(guess);
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertJoinFails(code, "pairing-failed");
      assertThat(attempts(laptop)).isEqualTo(attempt);
      assertThat(relay.joins(home.id(), guess)).isFalse();
      assertThat(relay.heardOfTheInviter()).as("nonce and share, no proof").isEqualTo(2);
      assertThat(invite().get("wrongCodes").getAsInt()).isEqualTo(attempt);
    }
    assertThat(invite().get("state").getAsString()).isEqualTo("burned");
    assertThat(relay.joins(home.id(), secret(code))).as("the right one, too late").isFalse();
    relay.standInFor(secret(code));
    assertJoinFails(code, "too-many-attempts");
    laptop.stop();
    laptop.start();
    assertJoinFails(code, "too-many-attempts");
    assertNobodyLetIn();
  }

  @Test
  void aLookupThatItLeavesUnansweredIsGivenUpAfterTenSeconds() {
    String code = invite("typed");
    relay.leavesUnanswered(RendezvousMessages.Find.class);
    long start = System.nanoTime();
    assertJoinFails(code, "pairing-failed");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(10));
    assertThat(relay.ignored()).isEqualTo(1);
    assertNobodyLetIn();
  }

  @Test
  void devicesPairThoughItLeavesTheWordForTheNewcomerUnanswered() {
    String code = invite("typed");
    relay.leavesUnanswered(RendezvousMessages.Vouch.class);
    laptop.join(code);
    assertThat(laptop.authorizedKeys()).contains(home.id().toString());
    assertThat(home.authorizedKeys()).contains(laptop.id().toString());
    await().atMost(SOON).until(() -> relay.ignored() == 1);
  }

  /// It has all the time it wants, a dictionary in which the secret is, and nothing to stretch.
  @Test
  void whatItRecordedInAJoinersRunConfirmsOfflineTheOneGuessThatItMadeAndNoOther()
      throws Exception {
    String code = invite("typed");
    List<PairingSecret> dictionary = new ArrayList<>();
    SeededRandom random = SeededRandom.of(HostileRelayIT.class);
    for (int i = 0; i < DICTIONARY; i++) {
      dictionary.add(RecordedRun.candidate(random.bytes(PairingSecret.PRS_BYTES)));
    }
    PairingSecret guess = secret(InviteIT.wrong(code));
    PairingSecret right = RecordedRun.candidate(prs());
    dictionary.add(guess);
    dictionary.add(right);

    relay.standInFor(guess);
    assertJoinFails(code, "pairing-failed");
    relay.standInFor(secret(code));
    laptop.join(code);

    assertThat(relay.recorded()).hasSize(2);
    assertThat(dictionary.stream().filter(relay.recorded().get(0)::confirms)).isEmpty();
    assertThat(dictionary.stream().filter(relay.recorded().get(1)::confirms))
        .as("control: the guess that was right when it was made")
        .containsExactly(right);
  }

  @Test
  void twoRunsThatItJoinsByPassingOnTheirFramesFailAndAreCountedOnceOnEachSide() throws Exception {
    String code = invite("typed");
    relay.passOnTo(home.id());
    assertJoinFails(code, "pairing-failed");
    assertThat(attempts(laptop)).isEqualTo(1);
    assertThat(invite().get("wrongCodes").getAsInt()).isEqualTo(1);
    assertNobodyLetIn();
  }

  @Test
  void withTheCodeItPairsInItsOwnNameAndPassesForNeitherOfTheTwo() {
    String code = invite("typed");
    relay.standInFor(secret(code));
    laptop.join(code);
    assertThat(relay.joins(home.id(), secret(code))).isTrue();
    assertThat(laptop.authorizedKeys())
        .contains(relay.puppet().toString())
        .doesNotContain(home.id().toString());
    assertThat(home.authorizedKeys())
        .contains(relay.puppet().toString())
        .doesNotContain(laptop.id().toString());
    assertThat(laptop.peer(home)).isEmpty();
    assertThat(home.peer(laptop)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"typed", "spoken", "full"})
  void ofAWholePairingItSeesNoWindowOfTheSecretNorOfACardNorAName(String form) throws Exception {
    String code = invite(form);
    byte[] prs = prs();
    PairingSecret secret = secret(code);
    laptop.join(code);
    assertThat(laptop.authorizedKeys()).contains(home.id().toString());

    assertThat(relay.saw(secret.selector())).as("what it must get, it got").isTrue();
    assertThat(relay.saw(ascii("/noise"))).as("circuits are looked into").isTrue();
    assertThat(prs).hasSizeGreaterThanOrEqualTo(16);
    assertUnseen("the secret", prs);
    for (String word : words(code, new String(secret.selector(), StandardCharsets.US_ASCII))) {
      assertUnseen("the code", ascii(word));
    }
    assertNoNameWasSeen();
  }

  private byte[] prs() throws IOException {
    JsonArray invites =
        stateOf(home, "invites.json").getAsJsonObject("invites").getAsJsonArray("invites");
    return HexFormat.of().parseHex(invites.get(0).getAsJsonObject().get("prs").getAsString());
  }

  private void assertNoNameWasSeen() {
    for (String name : List.of("secretname", "secretcrew", "name-home", "name-laptop")) {
      assertThat(relay.saw(ascii(name))).as(name).isFalse();
    }
    assertUnseen("the version on the cards", ascii("peerup/test"));
  }

  @Test
  void ofAPairingByLinkItSeesTheCapabilityAndNoWindowOfASecretNorOfACardNorAName()
      throws Exception {
    String url = mint();
    InviteUrl link = InviteUrl.parse(url);
    JsonObject secrets =
        stateOf(home, "links.json")
            .getAsJsonObject("links")
            .getAsJsonArray("links")
            .get(0)
            .getAsJsonObject();
    assertThat(accept(url).get("status").getAsString()).isEqualTo("paired");
    JsonObject kept =
        stateOf(laptop, "links.json")
            .getAsJsonArray("accepted")
            .get(0)
            .getAsJsonObject()
            .getAsJsonObject("accept");
    await().atMost(SOON).until(() -> connected(laptop, home) && connected(home, laptop));

    assertThat(relay.saw(link.depositCapability())).as("what it must get, it got").isTrue();
    assertThat(relay.saw(hex(kept, "drop"))).as("the sealed drop").isTrue();
    assertUnseen("the nonce", hex(secrets, "nonce"));
    assertUnseen("the maker's key", hex(secrets, "exchangePrivate"));
    assertUnseen("the link", ascii(url));
    assertUnseen("the key of the answer", hex(kept, "ackKey"));
    assertNoNameWasSeen();
  }

  private String mint() {
    JsonObject body = new JsonObject();
    body.addProperty("ttlSeconds", 3600);
    body.addProperty("uses", 1);
    body.addProperty("defaultName", home.name());
    return home.call("POST", "/v1/links", Optional.of(body)).get("url").getAsString();
  }

  /// Else the drop that the relay has would let in a device that has forgotten it.
  @Test
  void aDropWhoseAnswerItLostIsLeftAgainEvenIfItThenSaysNo() throws Exception {
    String url = mint();
    home.stop();
    relay.mail().treat(HostileMail.Mood.LOSE_ANSWER, HostileMail.Mood.REFUSE);
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first = tasks.submit(() -> refusal(url));
      Future<String> second = tasks.submit(() -> refusal(url));
      assertThat(List.of(first.get(), second.get())).containsOnly("link-refused");
    }
    assertThat(relay.mail().isFair()).isTrue();
    home.start();
    assertThat(accept(url).get("status").getAsString()).isIn("drop_sent", "paired");
    await()
        .atMost(SOON.multipliedBy(3))
        .until(() -> laptop.peer(home).isPresent() && home.peer(laptop).isPresent());
  }

  private String refusal(String url) {
    try {
      return accept(url).toString();
    } catch (Failure e) {
      return e.code();
    }
  }

  @Test
  void ofAComparisonItSeesNeitherTheCodeNorThatThereIsOne() {
    laptop.join(invite("typed"));
    await().atMost(SOON).until(() -> connected(laptop, home) && connected(home, laptop));
    try (ControlStream atHome = verify(home, laptop);
        ControlStream atLaptop = verify(laptop, home)) {
      JsonObject one = atHome.next().orElseThrow();
      JsonObject two = atLaptop.next().orElseThrow();
      assertThat(one.get("digits")).isEqualTo(two.get("digits"));
      yes(home, one);
      yes(laptop, two);
      assertThat(atHome.next().orElseThrow().get("event").getAsString()).isEqualTo("verified");
      assertThat(atLaptop.next().orElseThrow().get("event").getAsString()).isEqualTo("verified");
      String digits = one.get("digits").getAsString();
      assertThat(relay.saw(ascii("/noise"))).as("circuits are looked into").isTrue();
      assertThat(relay.saw(ascii(digits))).isFalse();
      assertThat(relay.saw(ascii(digits.replace("-", "")))).isFalse();
      assertThat(relay.saw(ascii("/peerup/verify"))).isFalse();
      assertNoNameWasSeen();
    }
  }

  private static boolean connected(TestNode one, TestNode other) {
    return one.peer(other).filter(peer -> peer.get("connected").getAsBoolean()).isPresent();
  }

  private static ControlStream verify(TestNode one, TestNode other) {
    JsonObject body = new JsonObject();
    body.addProperty("peer", other.id().toString());
    return ControlClient.of(one.home()).open("POST", "/v1/verify", body);
  }

  private static void yes(TestNode node, JsonObject code) {
    JsonObject body = new JsonObject();
    body.add("run", code.get("run"));
    body.addProperty("answer", "yes");
    node.call("POST", "/v1/verify/answer", Optional.of(body));
  }

  private JsonObject accept(String url) {
    JsonObject body = new JsonObject();
    body.addProperty("code", url);
    body.addProperty("name", laptop.name());
    body.addProperty("waitSeconds", 30);
    return laptop.call("POST", "/v1/join", Optional.of(body));
  }

  private static byte[] hex(JsonObject object, String key) {
    return HexFormat.of().parseHex(object.get(key).getAsString());
  }

  /// The parts of a code behind its selector, as typed and as one run of symbols.
  private static String[] words(String code, String selector) {
    String own = code.contains("@") ? code.substring(0, code.indexOf('@')) : code;
    String symbols = own.replace("-", "");
    int at = symbols.indexOf(selector);
    return new String[] {at < 0 ? symbols : symbols.substring(at + selector.length())};
  }

  private void assertUnseen(String what, byte[] bytes) {
    for (int at = 0; at + WINDOW <= bytes.length; at++) {
      byte[] window = Arrays.copyOfRange(bytes, at, at + WINDOW);
      assertThat(relay.saw(window)).as("%s from %d", what, at).isFalse();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
