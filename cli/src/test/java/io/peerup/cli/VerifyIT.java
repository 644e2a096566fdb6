package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Verification with real processes: two daemons that only a relay process connects, and commands.
@Timeout(300)
class VerifyIT {

  private static final String STRANGER = "12D3KooWS71Do4SxC5VkFskMNAKzQSvQN3t2stm4tg6WBCU9prUg";
  private static final Duration SETTLE = Duration.ofSeconds(60);

  private static JsonObject peer(DemoWorld world, String device, String command) throws Exception {
    return world.run(device, command).getAsJsonArray("peers").get(0).getAsJsonObject();
  }

  /// What status, the lists and ping say, and the file.
  private static void assertBadge(DemoWorld world, String device, boolean verified)
      throws Exception {
    for (String command : List.of("status", "peers")) {
      assertThat(peer(world, device, command).get("verified").getAsBoolean())
          .as("%s at %s", command, device)
          .isEqualTo(verified);
    }
    JsonObject ping =
        world.run(device, "ping", other(device), "--count", "1").getAsJsonObject("summary");
    assertThat(ping.get("verified").getAsBoolean()).as("ping at %s", device).isEqualTo(verified);
    assertThat(Files.readString(world.home(device).authorizedKeys()).contains("verified=live:"))
        .isEqualTo(verified);
  }

  private static String other(String device) {
    return device.equals("a") ? "b" : "a";
  }

  private static List<JsonObject> lines(Process process) throws Exception {
    List<JsonObject> out = new ArrayList<>();
    for (String line; (line = process.inputReader().readLine()) != null; ) {
      out.add(Jsons.parseObject(line));
    }
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return out;
  }

  private static JsonObject code(Process verifying) throws Exception {
    JsonObject line = Jsons.parseObject(verifying.inputReader().readLine());
    assertThat(line.get("event").getAsString()).as("%s", line).isEqualTo("code");
    assertThat(line.getAsJsonArray("emoji")).hasSize(4);
    assertThat(line.get("digits").getAsString()).matches("[0-9]{3}-[0-9]{3}");
    return line;
  }

  @Test
  void twoDevicesVerifyEachOtherAndAMismatchTakesTheMarkAwayAgain() throws Exception {
    try (DemoWorld world = new DemoWorld()) {
      startBehindARelay(world);
      assertBadge(world, "a", false);
      assertBadge(world, "b", false);
      verified(world);
      assertBadge(world, "a", true);
      assertBadge(world, "b", true);
      mismatch(world);
      assertBadge(world, "a", false);
      assertBadge(world, "b", false);
      safetyNumber(world);
    }
  }

  private static void startBehindARelay(DemoWorld world) throws Exception {
    world.start("relay", "relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0");
    JsonArray codes = world.run("relay", "relay", "pair", "--count", "2").getAsJsonArray("codes");
    for (String device : List.of("a", "b")) {
      world.home(device).ensure();
      PrivateFiles.write(
          world.home(device).config(),
          "network:\n  listen: []\nrelay:\n  direct: false\n".getBytes(StandardCharsets.UTF_8));
      world.run(
          device, "join", codes.get(device.equals("a") ? 0 : 1).getAsString(), "--name", device);
    }
    for (String device : List.of("a", "b")) {
      await()
          .atMost(SETTLE)
          .until(() -> {
            JsonArray peers = world.run(device, "peers").getAsJsonArray("peers");
            return !peers.isEmpty()
                && peers.get(0).getAsJsonObject().get("connected").getAsBoolean();
          });
    }
    assertThat(peer(world, "a", "peers").get("path").getAsString()).isEqualTo("relayed");
  }

  private static void verified(DemoWorld world) throws Exception {
    Process atA = world.launch("a", "verify", "b");
    JsonObject shown = code(atA);
    String digits = shown.get("digits").getAsString();
    await()
        .atMost(SETTLE)
        .until(
            () -> world.run("b", "status").get("warnings").toString().contains("peerup verify a"));
    // Somebody reads the digits of A at B, and those of B, the same, at A.
    Process atB = world.launch("b", "verify", "a", "--code", digits);
    assertThat(code(atB).get("emoji")).isEqualTo(shown.get("emoji"));
    assertThat(atA.isAlive()).as("one yes is not enough").isTrue();
    JsonObject end = world.run("a", "verify", "b", "--code", digits.replace("-", ""));
    assertThat(end.get("event").getAsString()).isEqualTo("verified");
    for (Process each : List.of(atA, atB)) {
      assertThat(lines(each).getLast().get("event").getAsString()).isEqualTo("verified");
      assertThat(each.exitValue()).isZero();
    }
  }

  private static void mismatch(DemoWorld world) throws Exception {
    Process atA = world.launch("a", "verify", "b");
    String digits = code(atA).get("digits").getAsString();
    String wrong = digits.startsWith("000") ? "111-111" : "000-000";
    Process atB = world.launch("b", "verify", "a", "--code", wrong);
    for (Process each : List.of(atA, atB)) {
      JsonObject last = lines(each).getLast();
      assertThat(last.get("event").getAsString()).as("%s", last).isEqualTo("mismatch");
      assertThat(last.get("reason").getAsString()).isNotEmpty();
      assertThat(each.exitValue()).isEqualTo(1);
    }
    for (String device : List.of("a", "b")) {
      assertThat(world.run(device, "status").get("warnings").toString())
          .contains("somebody may be in the middle");
    }
  }

  /// With a daemon at one side and none at the other.
  private static void safetyNumber(DemoWorld world) throws Exception {
    world.run("b", "daemon", "stop");
    JsonObject atA = world.run("a", "verify", "b", "--full");
    JsonObject atB = world.run("b", "verify", "a", "--qr");
    assertThat(atA.get("digits")).isEqualTo(atB.get("digits"));
    assertThat(atA.get("digits").getAsString()).matches("([0-9]{5} ){11}[0-9]{5}");
    assertThat(atA.get("verified").getAsBoolean()).isFalse();
    assertThatThrownBy(() -> world.run("a", "verify", "b", "--full", "--code", "1".repeat(60)))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("code-mismatch"));
    JsonObject done =
        world.run("a", "verify", "b", "--full", "--code", atB.get("digits").getAsString());
    assertThat(done.get("verified").getAsBoolean()).isTrue();
    assertThat(
            world
                .run("b", "verify", "a", "--code", atA.get("scan").getAsString())
                .get("verified")
                .getAsBoolean())
        .isTrue();
    String marked = Files.readString(world.home("a").authorizedKeys());
    assertThat(marked).contains("=safety-number:");
    // The same mark where it belongs to another identity.
    String mark = marked.replaceAll("(?s).*(verified=[^ \n]*).*", "$1");
    PrivateFiles.write(
        world.home("a").authorizedKeys(),
        (marked + STRANGER + " name=c " + mark + "\n").getBytes(StandardCharsets.UTF_8));
    await()
        .atMost(SETTLE)
        .until(() ->
            world
                .run("a", "status")
                .get("warnings")
                .toString()
                .contains("the verification of `c`"));
    assertThat(world.run("a", "verify", "c", "--full").get("verified").getAsBoolean()).isFalse();
    assertThat(Files.readString(world.home("b").authorizedKeys())).contains("=qr:");
  }
}
