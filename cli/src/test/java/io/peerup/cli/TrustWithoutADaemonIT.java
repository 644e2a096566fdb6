package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.HomeLock;
import io.peerup.control.PrivateFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The trust commands as real processes, on homes that nothing runs.
@Timeout(300)
class TrustWithoutADaemonIT {

  private static final String STRANGER = "12D3KooWS71Do4SxC5VkFskMNAKzQSvQN3t2stm4tg6WBCU9prUg";

  private static void fails(String code, ThrowingCallable what) {
    assertThatThrownBy(what)
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).isNotEmpty();
            });
  }

  private static String keys(DemoWorld world, String home) throws Exception {
    return Files.readString(world.home(home).authorizedKeys());
  }

  @Test
  void everyVerbChangesTheFilesUnderTheHomesLockOrSaysWhyNot() throws Exception {
    try (DemoWorld world = new DemoWorld()) {
      fails("no-home", () -> world.run("none", "peer", "block", "--id", STRANGER));
      assertThat(world.home("none").root()).doesNotExist();
      String self = world.run("a", "init").get("peerId").getAsString();

      world.run("a", "peer", "allow", "--id", STRANGER, "--name", "far");
      assertThat(keys(world, "a")).isEqualTo(STRANGER + " name=far tier=local\n");
      JsonObject blocked = world.run("a", "peer", "block", "far");
      assertThat(blocked.get("blocked").getAsBoolean()).isTrue();
      assertThat(Files.readString(world.home("a").blockedPeers()))
          .isEqualTo(STRANGER + " name=far\n");
      assertThat(world.run("a", "peer", "list", "--allowed").getAsJsonArray("peers")).isEmpty();
      assertThat(world.run("a", "peer", "list", "--tier", "local").getAsJsonArray("peers"))
          .hasSize(1);
      assertThat(world.run("a", "peer", "list", "--tier", "group").getAsJsonArray("peers"))
          .isEmpty();
      assertThat(world.run("a", "peer", "list", "--blocked").getAsJsonArray("blocked")).hasSize(1);
      JsonObject why = world.run("a", "trust", "explain", "--id", STRANGER);
      assertThat(why.get("reason").getAsString()).isEqualTo("blocked by blocked_peers");
      world.run("a", "peer", "unblock", "far");
      world.run("a", "peer", "deny", "far");
      assertThat(keys(world, "a")).isEmpty();

      fails("no-such-peer", () -> world.run("a", "peer", "deny", "far"));
      fails("bad-peer-id", () -> world.run("a", "peer", "allow", "--id", "12D3KooW"));
      fails("own-peer-id", () -> world.run("a", "peer", "block", self));
      PrivateFiles.write(world.home("a").blockedPeers(), "far\n".getBytes(StandardCharsets.UTF_8));
      fails("blocked-peers-invalid", () -> world.run("a", "peer", "block", "--id", STRANGER));
      fails("blocked-peers-invalid", () -> world.run("a", "trust", "explain", "--id", STRANGER));
      Files.delete(world.home("a").blockedPeers());
      try (HomeLock _ = HomeLock.acquire(world.home("a"))) {
        fails("home-in-use", () -> world.run("a", "peer", "allow", "--id", STRANGER));
        assertThat(world.run("a", "trust", "explain", "--id", STRANGER).get("allowed")).isNotNull();
      }
      assertThat(keys(world, "a")).isEmpty();
    }
  }

  private static String members(DemoWorld world) throws Exception {
    return world
        .run("relay", "relay", "pair", "--list")
        .getAsJsonArray("groups")
        .get(0)
        .getAsJsonObject()
        .getAsJsonArray("members")
        .toString();
  }

  /// What was denied while nothing ran stays away: a node's groups and a relay's have forgotten it.
  @Test
  void whoIsDeniedAtANodeOrARelayThatIsDownDoesNotComeBack() throws Exception {
    try (DemoWorld world = new DemoWorld()) {
      world.start("relay", "relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0");
      JsonArray codes = world.run("relay", "relay", "pair", "--count", "2").getAsJsonArray("codes");
      for (String device : List.of("a", "b")) {
        world.home(device).ensure();
        PrivateFiles.write(
            world.home(device).config(),
            "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\n".getBytes(StandardCharsets.UTF_8));
      }
      world.run("a", "join", codes.get(0).getAsString(), "--name", "a");
      world.run("b", "join", codes.get(1).getAsString(), "--name", "b", "--no-daemon");
      String a = world.run("a", "whoami").get("peerId").getAsString();

      String b = world.run("b", "whoami").get("peerId").getAsString();
      assertThat(members(world)).contains(a, b);

      // At the node b, which knows a through the group, and then by hand, too.
      assertThat(keys(world, "b")).contains(a);
      world.run("b", "peer", "allow", "--id", a);
      JsonObject left = world.run("b", "peer", "deny", "a");
      assertThat(left.getAsJsonArray("tiers").toString()).isEqualTo("[\"group\"]");

      // At the relay, whose code a may use again as long as the relay remembers a.
      world.run("relay", "daemon", "stop");
      PrivateFiles.write(
          world.home("relay").authorizedKeys(),
          keys(world, "relay").replace(a, a + " tier=local").getBytes(StandardCharsets.UTF_8));
      JsonObject denied = world.run("relay", "peer", "deny", a);
      assertThat(denied.get("allowed").getAsBoolean()).isFalse();
      assertThat(keys(world, "relay")).doesNotContain(a);
      world.start("relay", "relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0");
      assertThat(members(world)).doesNotContain(a).contains(b);

      // And with the relay up, the same through its socket.
      world.run("relay", "peer", "allow", "--id", b);
      world.run("relay", "peer", "deny", b);
      assertThat(members(world)).as("its code stands for it, too").contains(b);
      world.run("relay", "peer", "block", b);
      assertThat(world.run("relay", "trust", "explain", b).get("blocked").getAsBoolean()).isTrue();
    }
  }
}
