package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a relay holds of those who pair through it, in its answers and on its disk.
class RelayStateIT {

  @TempDir Path directory;

  private TestNetwork network;
  private TestNode home;

  @BeforeEach
  void start() {
    network = new TestNetwork(directory);
    home = network.node("secretname-home");
    home.join(network.codes(1).getFirst());
    await().atMost(SOON).until(() -> network.reserved().contains(home.id().toString()));
  }

  @AfterEach
  void stop() {
    network.close();
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

  private JsonObject info() {
    return network.askRelay("GET", "/v1/relay", Optional.empty());
  }

  private JsonObject member(TestNode node) {
    for (JsonElement each :
        network.askRelay("GET", "/v1/members", Optional.empty()).getAsJsonArray("members")) {
      if (each.getAsJsonObject().get("peerId").getAsString().equals(node.id().toString())) {
        return each.getAsJsonObject();
      }
    }
    throw new AssertionError(node.name() + " is no member");
  }

  @Test
  void itsOwnerSeesWhoWaitsForStrangersAndWhoBroughtWhom() {
    String code = invite("typed");
    invite("spoken");
    assertThat(info().get("openInvites").getAsInt()).isEqualTo(2);
    assertThat(member(home).get("openInvites").getAsInt()).isEqualTo(2);
    assertThat(member(home).get("vouchedBy").isJsonNull()).isTrue();
    TestNode laptop = network.node("secretname-laptop");
    laptop.join(code);
    assertThat(member(laptop).get("vouchedBy").getAsString()).isEqualTo(home.id().toString());
    assertThat(member(laptop).get("openInvites").getAsInt()).isZero();
    assertThat(info().get("mailboxes").getAsInt()).isZero();
    assertThat(info().get("messages").getAsInt()).isZero();
  }

  @Test
  void itsFilesAreTheDocumentedOnesAndHoldNoNameAndNoSecret() throws Exception {
    String code = invite("typed");
    byte[] secret = secretOfTheInvite();
    network.node("secretname-laptop").join(code);

    String all = "";
    String document = Files.readString(Path.of("..", "docs", "protocols", "relay-admission.md"));
    for (Path file : files()) {
      String name = network.relayHome().root().relativize(file).toString();
      assertThat(document.contains("| `" + name + "` |")).as(name).isTrue();
      all += new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }
    assertThat(all).as("what it must know").contains("by=" + home.id());
    String symbols = code.substring(0, code.indexOf('@')).replace("-", "");
    for (String hidden :
        List.of(
            "secretname",
            HexFormat.of().formatHex(secret).substring(0, 12),
            new String(secret, 0, 6, StandardCharsets.ISO_8859_1),
            code.substring(0, code.indexOf('@')),
            symbols,
            symbols.substring(7))) {
      assertThat(all).doesNotContainIgnoringCase(hidden);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(network.relayHome().root())) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /// As the inviter's own disk has it.
  private byte[] secretOfTheInvite() throws IOException {
    JsonObject state = Jsons.parseObject(Files.readString(home.home().state("invites.json")));
    return HexFormat.of()
        .parseHex(
            state
                .getAsJsonObject("invites")
                .getAsJsonArray("invites")
                .get(0)
                .getAsJsonObject()
                .get("prs")
                .getAsString());
  }
}
