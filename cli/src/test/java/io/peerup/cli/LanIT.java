package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pairing on a local network without a relay, with real processes on machines that share nothing
/// but that network.
@Timeout(300)
class LanIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private LanWorld world;

  @BeforeEach
  void startWorld() throws Exception {
    world = new LanWorld(folder);
    for (String name : List.of("home", "laptop")) {
      world.plug(name);
    }
  }

  @AfterEach
  void endWorld() throws Exception {
    if (world != null) {
      world.close();
    }
  }

  private record Invite(Process process, String code) {
    JsonObject next() throws IOException {
      return Jsons.parseObject(LanWorld.line(process));
    }
  }

  private Invite invite(String device, String... form) throws IOException {
    List<String> command = new ArrayList<>(List.of("invite", "--name", device));
    command.addAll(List.of(form));
    Process process = world.peerup(device, command.toArray(String[]::new));
    JsonObject made = Jsons.parseObject(LanWorld.line(process));
    assertThat(made.get("lanOnly").getAsBoolean()).isTrue();
    return new Invite(process, made.get("code").getAsString());
  }

  private String pathBetween(String device, String peer) {
    for (JsonElement each : world.call(device, "GET", "/v1/status").getAsJsonArray("peers")) {
      if (each.getAsJsonObject().get("name").getAsString().equals(peer)) {
        return each.getAsJsonObject().get("path").getAsString();
      }
    }
    return "unknown";
  }

  private void awaitDirect(String one, String other) {
    await()
        .atMost(SETTLE)
        .untilAsserted(() -> {
          assertThat(pathBetween(one, other)).isEqualTo("direct");
          assertThat(pathBetween(other, one)).isEqualTo("direct");
        });
  }

  @Test
  void devicesOfOneNetworkPairWithEveryFormOfCodeAndReachEachOtherWithoutARelay() throws Exception {
    world.plug("neighbour");
    Process ear = world.java("neighbour", LanNeighbour.class, List.of("hear"));
    assertThat(LanWorld.line(ear)).isEqualTo("ready");
    world.daemon("home");
    Invite typed = invite("home");
    assertThat(typed.code()).matches("([0-9A-Z]{4}-){3}[0-9A-Z]{4}");
    JsonObject joined =
        world.result(world.peerup("laptop", "join", typed.code(), "--name", "laptop"));
    assertThat(joined.has("relay")).isFalse();
    JsonObject paired = typed.next();
    assertThat(paired.get("event").getAsString()).isEqualTo("paired");
    assertThat(paired.get("name").getAsString()).isEqualTo("laptop");
    assertThat(paired.get("peerAcked").getAsBoolean()).isTrue();
    awaitDirect("home", "laptop");
    List<String> codes = new ArrayList<>(List.of(typed.code()));
    world.result(world.peerup("laptop", "ping", "home", "-c", "1"));
    world.result(world.peerup("home", "ping", "laptop", "-c", "1"));

    for (String form : List.of("spoken", "full")) {
      world.plug(form);
      world.daemon(form);
      Invite invite = invite("home", "--" + form);
      world.join(form, invite.code());
      assertThat(invite.next().get("event").getAsString()).isEqualTo("paired");
      awaitDirect("home", form);
      codes.add(invite.code());
    }
    nothingWasToldToTheNetwork(LanWorld.saidSoFar(ear), codes);
  }

  /// Neither a device's name nor a part of a code, public or secret.
  private static void nothingWasToldToTheNetwork(String heard, List<String> codes) {
    assertThat(heard).contains("_peerup-pair", "dnsaddr=/ip4/10.77.0.");
    assertThat(heard).doesNotContainIgnoringCase("laptop").doesNotContain("home", "spoken");
    for (String code : codes) {
      String bare = code.replaceFirst("^peerup:pair#", "");
      // The full form is base64url, to which a "-" is a letter as any other.
      List<String> parts = bare.equals(code) ? List.of(code.split("-", -1)) : List.of(bare);
      for (String part : parts) {
        int window = Math.min(6, part.length());
        for (int at = 0; at + window <= part.length(); at++) {
          assertThat(heard)
              .as("a part of %s", code)
              .doesNotContain(part.substring(at, at + window));
        }
      }
    }
  }

  @Test
  void devicesThatPairedFindEachOtherAgainWhenBothListenElsewhereAndTellNobodyWhoTheyAre()
      throws Exception {
    List<Process> before = List.of(world.daemon("home"), world.daemon("laptop"));
    Invite invite = invite("home");
    world.join("laptop", invite.code());
    awaitDirect("home", "laptop");
    List<Integer> ports = List.of(portOf("home"), portOf("laptop"));
    for (Process each : before) {
      each.destroy();
      each.waitFor();
    }
    world.plug("neighbour");
    Process ear = world.java("neighbour", LanNeighbour.class, List.of("hear"));
    assertThat(LanWorld.line(ear)).isEqualTo("ready");
    world.daemon("home");
    world.daemon("laptop");
    assertThat(List.of(portOf("home"), portOf("laptop"))).doesNotContainAnyElementsOf(ports);
    awaitDirect("home", "laptop");
    assertThat(LanWorld.saidSoFar(ear))
        .contains("_peerup._tcp.local", "dnsaddr=/ip4/10.77.0.")
        .doesNotContain("12D3KooW", "laptop");
  }

  @Test
  void aWrongCodeFailsAndIsCountedAndTheRightOneStillWorks() throws Exception {
    world.daemon("home");
    world.daemon("laptop");
    Invite invite = invite("home", "--spoken");
    // The last word is one of the odd half.
    String word = invite.code().endsWith("-adroitness") ? "adviser" : "adroitness";
    String wrong = invite.code().replaceAll("-[a-z]+$", "-" + word);
    assertThat(wrong).isNotEqualTo(invite.code());
    assertThatThrownBy(() -> world.join("laptop", wrong))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("pairing-failed"));
    assertThat(world.authorized("home") + world.authorized("laptop")).doesNotContain("12D3KooW");
    JsonObject open =
        world.call("home", "GET", "/v1/invites").getAsJsonArray("invites").get(0).getAsJsonObject();
    assertThat(open.get("wrongCodes").getAsInt()).isEqualTo(1);
    world.join("laptop", invite.code());
    assertThat(invite.next().get("event").getAsString()).isEqualTo("paired");
    awaitDirect("home", "laptop");
  }

  /// The liar is a real node: only its identity is not the one that it announces.
  @Test
  void whoAnnouncesSomebodyElsesIdentityGetsNoRunAndCostsNoGuess() throws Exception {
    Process home = world.daemon("home");
    world.daemon("laptop");
    world.plug("liar");
    world.daemon("liar");
    Invite invite = invite("home");
    String homeId = world.call("home", "GET", "/v1/status").get("peerId").getAsString();
    int port = portOf("liar");
    Process own = world.java("laptop", LanNeighbour.class, List.of("listen", "4001"));
    Process other = world.java("home", LanNeighbour.class, List.of("listen", "4001"));
    Process liar =
        world.java(
            "liar",
            LanNeighbour.class,
            List.of(
                "lie",
                "dnsaddr=/ip4/127.0.0.1/tcp/4001/p2p/" + homeId,
                "dnsaddr=/ip4/" + world.address("laptop") + "/tcp/4001/p2p/" + homeId,
                "dnsaddr=/ip4/" + world.address("home") + "/tcp/4001/p2p/" + homeId,
                "dnsaddr=/ip4/" + world.address("liar") + "/tcp/" + port + "/p2p/" + homeId));
    for (Process each : List.of(own, other, liar)) {
      assertThat(LanWorld.line(each)).isEqualTo("ready");
    }
    home.destroy();
    assertThat(home.waitFor()).isNotNegative();

    assertThatThrownBy(() -> world.join("laptop", invite.code()))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("no-relay"));
    assertThat(LanWorld.line(liar)).isEqualTo("lied");
    assertThat(world.home("laptop").state("invites.json"))
        .as("where a guess would have been counted")
        .doesNotExist();
    assertThat(world.authorized("laptop") + world.authorized("liar")).doesNotContain("12D3KooW");

    world.daemon("home");
    world.join("laptop", invite.code());
    awaitDirect("home", "laptop");
    assertThat(LanWorld.saidSoFar(own)).as("nobody dialled our own machine").isEmpty();
    assertThat(LanWorld.saidSoFar(other)).as("nor whom the liar pointed at").isEmpty();
  }

  private int portOf(String device) {
    for (JsonElement each : world.call(device, "GET", "/v1/status").getAsJsonArray("listenAddrs")) {
      String address = each.getAsString();
      if (address.startsWith("/ip4/" + world.address(device) + "/tcp/")) {
        return Integer.parseInt(address.substring(address.lastIndexOf('/') + 1));
      }
    }
    throw new AssertionError("it does not listen on the network");
  }

  @Test
  void aFloodOfHostileMessagesLeavesAnInviteThatWorks() throws Exception {
    Process home = world.daemon("home");
    world.daemon("laptop");
    world.plug("flooder");
    Invite invite = invite("home");
    Process flood = world.java("flooder", LanNeighbour.class, List.of("flood", "100000"));
    assertThat(LanWorld.line(flood)).isEqualTo("done");
    assertThat(home.isAlive()).isTrue();
    await()
        .atMost(SETTLE)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptionsInstanceOf(Failure.class)
        .until(() -> world.join("laptop", invite.code()).has("peers"));
    awaitDirect("home", "laptop");
  }

  @Test
  void withTheSwitchOffNobodyIsFoundAndNothingIsSent() throws Exception {
    world.configure("home", "version: 1\ndiscovery:\n  lan: false\n");
    world.daemon("home");
    Process invite = world.peerup("home", "invite");
    assertThat(invite.waitFor()).isEqualTo(1);
    assertThat(
            new String(invite.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                + Files.readString(folder.resolve("home.err")))
        .contains("no-relay", "turned off");

    world.plug("neighbour");
    Process ear = world.java("neighbour", LanNeighbour.class, List.of("hear"));
    assertThat(LanWorld.line(ear)).isEqualTo("ready");
    world.daemon("laptop");
    Invite open = invite("laptop");
    assertThatThrownBy(() -> world.join("home", open.code()))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("no-relay"));
    assertThat(world.authorized("laptop")).doesNotContain("12D3KooW");
    assertThat(LanWorld.saidSoFar(ear)).as("what the network heard").isEmpty();
  }
}
