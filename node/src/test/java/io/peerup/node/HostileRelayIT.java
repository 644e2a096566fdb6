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
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.PairingSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
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

  private static JsonObject stateOf(TestNode node) throws IOException {
    return Jsons.parseObject(Files.readString(node.home().state("invites.json")));
  }

  private static int attempts(TestNode node) throws IOException {
    int count = 0;
    for (JsonElement each : stateOf(node).getAsJsonObject("attempts").getAsJsonArray("attempts")) {
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
    JsonArray invites = stateOf(home).getAsJsonObject("invites").getAsJsonArray("invites");
    byte[] prs = HexFormat.of().parseHex(invites.get(0).getAsJsonObject().get("prs").getAsString());
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
    for (String name : new String[] {"secretname", "secretcrew", "name-home", "name-laptop"}) {
      assertThat(relay.saw(ascii(name))).as(name).isFalse();
    }
    assertUnseen("the version on the cards", ascii("peerup/test"));
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
