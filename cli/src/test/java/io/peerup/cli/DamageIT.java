package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Homes whose files somebody damaged, and what a relay or daemon that starts on them says and
/// does.
@Timeout(600)
class DamageIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);

  private static final String STRANGER = "12D3KooWS71Do4SxC5VkFskMNAKzQSvQN3t2stm4tg6WBCU9prUg";

  @TempDir Path folder;
  private CrashWorld world;
  private String url = "";

  @BeforeEach
  void startWorld() throws Exception {
    world = new CrashWorld(folder);
    for (String name : List.of(RELAY, "member", "other")) {
      world.start(name);
    }
    List<GroupCode> codes = world.codes(2);
    world.join("member", codes.get(0));
    world.join("other", codes.get(1));
    await()
        .atMost(SETTLE)
        .untilAsserted(
            () -> assertThat(world.authorised("member")).containsExactly(world.id("other")));
    JsonObject service = new JsonObject();
    service.addProperty("name", "web");
    service.addProperty("target", "127.0.0.1:9");
    world.call("member", "POST", "/v1/services", service);
    await().atMost(SETTLE).until(() -> world.isReserved("member"));
    world.invite("member");
    JsonObject link = new JsonObject();
    link.addProperty("ttlSeconds", 3600);
    link.addProperty("uses", 1);
    link.addProperty("defaultName", "member");
    url = world.call("member", "POST", "/v1/links", link).get("url").getAsString();
    for (String each : List.of(RELAY, "member")) {
      JsonObject block = new JsonObject();
      block.addProperty("peer", STRANGER);
      world.call(each, "POST", "/v1/trust/block", block);
    }
    world.kill(RELAY);
    world.kill("member");
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  /// Damages a file in place.
  private interface Damage {
    void to(Path file) throws IOException;
  }

  private static final Damage CUT =
      file ->
          Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) / 2));
  private static final Damage ZEROED = file -> Files.write(file, new byte[(int) Files.size(file)]);
  private static final Damage DIRECTORY =
      file -> {
        Files.deleteIfExists(file);
        Files.createDirectory(file);
      };
  private static final Damage REGULAR_FILE =
      file -> {
        Files.deleteIfExists(file);
        Files.writeString(file, "not a socket");
      };
  private static final Damage OPEN_TO_OTHERS =
      file -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

  private Damage symlink() {
    return file -> {
      Path elsewhere = folder.resolve("elsewhere");
      Files.deleteIfExists(elsewhere);
      Files.move(file, elsewhere);
      Files.createSymbolicLink(file, elsewhere);
    };
  }

  /// It does not start, names the file and what to do, leaves it as it is, and is mended by the
  /// file that was there.
  private void refusesToStart(String name, Path file, Damage damage) throws IOException {
    Path kept = folder.resolve("kept");
    boolean wasThere = Files.isRegularFile(file);
    if (wasThere) {
      Files.deleteIfExists(kept);
      Files.copy(file, kept, StandardCopyOption.COPY_ATTRIBUTES);
    }
    damage.to(file);
    Object before = fingerprint(file);
    String said = world.launch(name);
    Failure failure = Failure.fromJson(Jsons.parseObject(said));
    assertThat(failure).as("%s with damaged %s said %s", name, file, said).isNotNull();
    assertThat(failure.message()).contains(file.toString());
    assertThat(failure.hint()).as(said).isNotEmpty();
    assertThat(failure.code()).isNotEqualTo("internal-error");
    assertThat(fingerprint(file)).as("left as it is").isEqualTo(before);
    Files.delete(file);
    if (wasThere) {
      Files.move(kept, file);
    }
  }

  private static Object fingerprint(Path file) throws IOException {
    if (Files.isSymbolicLink(file)) {
      return Files.readSymbolicLink(file);
    }
    return Files.isDirectory(file) ? "directory" : Arrays.hashCode(Files.readAllBytes(file));
  }

  @Test
  void aStartOnADamagedFileNamesItLeavesItAndLetsNobodyIn() throws Exception {
    Set<PeerId> relayBefore = world.authorised(RELAY);
    Path keys = world.home(RELAY).authorizedKeys();
    refusesToStart(RELAY, world.home(RELAY).state("groups.json"), CUT);
    refusesToStart(RELAY, world.home(RELAY).identityKey(), ZEROED);
    refusesToStart(RELAY, keys, DIRECTORY);
    refusesToStart(RELAY, keys, symlink());
    refusesToStart(RELAY, keys, OPEN_TO_OTHERS);
    refusesToStart("member", world.home("member").state("groups.json"), ZEROED);
    refusesToStart("member", world.home("member").state("services.json"), CUT);
    refusesToStart("member", world.home("member").identityKey(), CUT);
    refusesToStart("member", world.home("member").state("invites.json"), CUT);
    refusesToStart("member", world.home("member").state("invites.json"), ZEROED);
    refusesToStart("member", world.home("member").state("invites.json"), OPEN_TO_OTHERS);
    refusesToStart("member", world.home("member").state("links.json"), CUT);
    refusesToStart("member", world.home("member").state("links.json"), ZEROED);
    refusesToStart("member", world.home("member").state("links.json"), OPEN_TO_OTHERS);
    refusesToStart("member", world.home("member").state("links.json"), symlink());
    for (String each : List.of(RELAY, "member")) {
      refusesToStart(each, world.home(each).blockedPeers(), CUT);
      refusesToStart(each, world.home(each).blockedPeers(), ZEROED);
      refusesToStart(each, world.home(each).blockedPeers(), DIRECTORY);
      refusesToStart(each, world.home(each).blockedPeers(), symlink());
    }
    refusesToStart(RELAY, world.home(RELAY).state("mailbox.json"), CUT);
    refusesToStart(RELAY, world.home(RELAY).state("mailbox.json"), ZEROED);
    refusesToStart(RELAY, world.home(RELAY).state("mailbox.json"), DIRECTORY);
    refusesToStart("member", world.home("member").config(), ZEROED);
    refusesToStart("member", world.home("member").config(), DIRECTORY);
    refusesToStart("member", world.home("member").lockFile(), DIRECTORY);
    refusesToStart("member", world.home("member").cookie(), DIRECTORY);
    refusesToStart("member", world.home("member").socket(), REGULAR_FILE);
    refusesToStart("member", world.home("member").socket(), DIRECTORY);
    refusesToStart("member", world.home("member").log(), DIRECTORY);

    // What is made anew at each start may hold anything.
    Files.writeString(world.home("member").lockFile(), "no number");
    Files.write(world.home("member").cookie(), new byte[3]);
    world.start(RELAY);
    world.start("member");
    assertThat(world.authorised(RELAY)).isEqualTo(relayBefore);
    assertThat(world.authorised("member")).containsExactly(world.id("other"));
    assertThat(world.call("member", "GET", "/v1/services", null).toString()).contains("web");
    assertThat(world.call("member", "GET", "/v1/invites", null).toString()).contains("\"open\"");
    linkWorks();
    for (String each : List.of(RELAY, "member")) {
      assertThat(world.call(each, "GET", "/v1/trust/blocked", null).toString()).contains(STRANGER);
    }
  }

  /// The link that was open when everything was damaged.
  private void linkWorks() throws Exception {
    world.start("guest");
    JsonObject accept = new JsonObject();
    accept.addProperty("code", url);
    accept.addProperty("name", "guest");
    accept.addProperty("waitSeconds", 30);
    assertThat(world.call("guest", "POST", "/v1/join", accept).get("status").getAsString())
        .isEqualTo("paired");
    assertThat(world.authorised("member")).contains(world.id("guest"));
  }

  @Test
  void aRelayWithoutItsKeysSaysSoAloudLetsNobodyInAndForgetsNobody() throws Exception {
    Path keys = world.home(RELAY).authorizedKeys();
    Set<PeerId> before = world.authorised(RELAY);
    Path kept = Files.move(keys, folder.resolve("kept"));
    world.start(RELAY);
    assertThat(Files.readString(world.home(RELAY).log()))
        .containsPattern("ERROR .*authorized_keys is missing, but this relay has members");
    assertThat(world.call(RELAY, "GET", "/v1/members", null).getAsJsonArray("members")).isEmpty();
    assertThat(keys).doesNotExist();
    String groups = world.call(RELAY, "GET", "/v1/groups", null).toString();
    assertThat(before).isNotEmpty().allMatch(peer -> groups.contains(peer.toString()));

    Files.move(kept, keys);
    await()
        .atMost(SETTLE)
        .untilAsserted(() ->
            assertThat(world.call(RELAY, "GET", "/v1/members", null).toString())
                .contains(before.stream().map(PeerId::toString).toList()));
    assertThat(world.authorised(RELAY)).isEqualTo(before);
  }
}
