package io.peerup.cli;

import static io.peerup.cli.CrashWorld.RELAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.FileFacts;
import io.peerup.control.Jsons;
import io.peerup.control.client.ControlClient;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Homes on disks that are really full, or really read-only, while a relay and daemons run on them:
/// small file systems of their own, which only root can mount.
@Timeout(600)
class DiskIT {

  private static final Duration SETTLE = Duration.ofSeconds(60);
  private static final int PAGE = 4096;

  @TempDir Path folder;
  private CrashWorld world;
  private final Deque<Path> mounted = new ArrayDeque<>();

  @BeforeEach
  void startWorld() throws Exception {
    Needs.that(FileFacts.ourUid() == 0, "only root can mount a disk");
    world = new CrashWorld(folder);
    for (String name : List.of(RELAY, "member", "joiner")) {
      Path home = Files.createDirectory(folder.resolve(name));
      Ran made = run("mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", home.toString());
      Needs.that(made.status() == 0, "this system does not let us mount: " + made.output());
      mounted.push(home);
      world.start(name);
    }
  }

  @AfterEach
  void endWorld() throws Exception {
    if (world != null) {
      world.close();
    }
    while (!mounted.isEmpty()) {
      run("umount", mounted.pop().toString());
    }
  }

  private record Ran(int status, String output) {}

  private static Ran run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  /// Leaves this many pages: a write of a small file takes one until its old content is gone.
  private void fill(String name, int pages) throws IOException {
    Path fill = world.home(name).root().resolve("fill");
    try (OutputStream out =
        Files.newOutputStream(fill, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(new byte[PAGE]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
    try (var channel = Files.newByteChannel(fill, StandardOpenOption.WRITE)) {
      channel.truncate(Math.max(0, channel.size() - (long) pages * PAGE));
    }
  }

  private void free(String name) throws IOException {
    Files.delete(world.home(name).root().resolve("fill"));
  }

  /// Whoever holds a file open may still write to it, as the log is; no file can be made or moved.
  private void readOnly(String name) throws Exception {
    String home = world.home(name).root().toString();
    assertThat(run("mount", "--bind", home, home).status()).isZero();
    mounted.push(Path.of(home));
    assertThat(run("mount", "-o", "remount,bind,ro", home).status()).isZero();
  }

  private void writable(String name) throws Exception {
    Path home = world.home(name).root();
    assertThat(mounted.pop()).isEqualTo(home);
    assertThat(run("umount", home.toString()).status()).isZero();
  }

  private void refused(String name, String file, String why, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("file-unwritable");
              assertThat(e.message())
                  .startsWith("cannot write " + world.home(name).root())
                  .contains(file + ": " + why);
              assertThat(e.hint()).contains(why.startsWith("no space") ? "free some" : "read-only");
            });
  }

  private void addService(String name, String service) {
    JsonObject request = new JsonObject();
    request.addProperty("name", service);
    request.addProperty("target", "127.0.0.1:9");
    world.call(name, "POST", "/v1/services", request);
  }

  /// What needs no disk works on: the status, and a ping through the network.
  private void answers(String name, String other) {
    assertThat(world.call(name, "GET", "/v1/status", null).has("error")).isFalse();
    JsonObject request = new JsonObject();
    request.addProperty("peer", world.id(other).toString());
    request.addProperty("count", 1);
    request.addProperty("intervalMs", 10);
    await()
        .atMost(SETTLE)
        .ignoreExceptionsInstanceOf(Failure.class)
        .untilAsserted(() -> {
          List<JsonObject> said = new ArrayList<>();
          ControlClient.of(world.home(name)).stream("POST", "/v1/ping", request, said::add);
          assertThat(said).anyMatch(l -> l.has("rttMs") && !l.get("rttMs").isJsonNull());
        });
  }

  /// What must hold while nothing can be written, and after.
  private void nothingOfThePairingWorks(String why, GroupCode code) {
    refused(RELAY, "groups.json", why, () -> world.codes(2));
    assertThatThrownBy(() -> world.join("joiner", code))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("pairing-failed"));
    assertThat(world.usersOnDisk(code)).containsExactly(world.id("member"));
    assertThat(world.authorised(RELAY)).containsExactly(world.id("member"));
    assertThat(world.authorised("joiner")).isEmpty();
    assertThat(world.call(RELAY, "GET", "/v1/relay", null).has("error")).isFalse();
  }

  private void bothArePaired(GroupCode code) {
    Set<PeerId> both = Set.of(world.id("member"), world.id("joiner"));
    assertThat(world.usersOnDisk(code)).isEqualTo(both);
    assertThat(world.authorised(RELAY)).isEqualTo(both);
    assertThat(world.authorised("joiner")).containsExactly(world.id("member"));
    await()
        .atMost(SETTLE)
        .untilAsserted(
            () -> assertThat(world.authorised("member")).containsExactly(world.id("joiner")));
  }

  @Test
  void onAFullDiskEachWriteFailsWithOneErrorAndEverythingGoesOnWhenThereIsSpace() throws Exception {
    List<GroupCode> codes = world.codes(2);
    world.join("member", codes.getFirst());

    fill(RELAY, 0);
    nothingOfThePairingWorks("no space left on device", codes.get(1));
    free(RELAY);
    assertThat(world.codes(2)).hasSize(2);

    // The relay admits the joiner, which cannot write that down, and tells the member, which cannot
    // either: neither may lose it.
    fill("member", 0);
    fill("joiner", 0);
    refused(
        "joiner", "services.json", "no space left on device", () -> addService("joiner", "web"));
    refused("joiner", "", "no space left on device", () -> world.join("joiner", codes.get(1)));
    assertThat(world.authorised("joiner")).isEmpty();
    free("joiner");

    world.join("joiner", codes.get(1));
    refused(
        "member", "services.json", "no space left on device", () -> addService("member", "web"));
    assertThat(world.authorised("member")).isEmpty();
    free("member");
    world.kill(RELAY);
    world.start(RELAY);
    bothArePaired(codes.get(1));
    answers("joiner", "member");
    addService("joiner", "web");
    addService("member", "web");

    fill("member", 0);
    answers("member", "joiner");
    assertThatThrownBy(
            () -> world.call("member", "DELETE", "/v1/peers/" + world.id("joiner"), null))
        .isInstanceOf(Failure.class);
    assertThat(world.authorised("member")).as("not half removed").contains(world.id("joiner"));
    free("member");
    for (String name : List.of(RELAY, "member", "joiner")) {
      world.assertWhole(name, true);
    }
  }

  @Test
  void withSpaceForSomeOfTheFilesOfAPairingOneRetryMakesItWhole() throws Exception {
    List<GroupCode> codes = world.codes(5);
    world.join("member", codes.getFirst());
    for (int pages = 1; pages <= 3; pages++) {
      String joiner = pages == 1 ? "joiner" : "joiner-" + pages;
      if (pages > 1) {
        world.start(joiner);
      }
      fill(RELAY, pages);
      boolean joined = world.tryJoin(joiner, codes.get(pages));
      free(RELAY);
      if (!joined) {
        world.join(joiner, codes.get(pages));
      }
      assertThat(world.usersOnDisk(codes.get(pages))).contains(world.id(joiner));
      assertThat(world.authorised(RELAY)).contains(world.id(joiner));
      await()
          .atMost(SETTLE)
          .untilAsserted(() -> assertThat(world.authorised("member")).contains(world.id(joiner)));
      world.assertWhole(RELAY, true);
    }
  }

  @Test
  void onAReadOnlyDiskARunningOneAnswersRefusesChangesAndGoesOnWhenItIsWritable() throws Exception {
    List<GroupCode> codes = world.codes(2);
    world.join("member", codes.getFirst());

    readOnly(RELAY);
    nothingOfThePairingWorks("read-only file system", codes.get(1));
    writable(RELAY);

    readOnly("joiner");
    refused("joiner", "services.json", "read-only file system", () -> addService("joiner", "web"));
    refused("joiner", "", "read-only file system", () -> world.join("joiner", codes.get(1)));
    writable("joiner");
    world.join("joiner", codes.get(1));
    bothArePaired(codes.get(1));
    readOnly("joiner");
    answers("joiner", "member");
    world.kill("joiner");
    refusesToStart("joiner");
    writable("joiner");
    world.start("joiner");
    readOnly(RELAY);
    world.kill(RELAY);
    refusesToStart(RELAY);
    writable(RELAY);
    world.start(RELAY);
    answers("joiner", "member");
    bothArePaired(codes.get(1));
  }

  private String mint(String name) {
    JsonObject request = new JsonObject();
    request.addProperty("ttlSeconds", 3600);
    request.addProperty("uses", 1);
    request.addProperty("defaultName", name);
    return Jsons.string(world.call(name, "POST", "/v1/links", request), "url");
  }

  private JsonObject accept(String name, String url) {
    JsonObject request = new JsonObject();
    request.addProperty("code", url);
    request.addProperty("name", name);
    request.addProperty("waitSeconds", 5);
    return world.call(name, "POST", "/v1/join", request);
  }

  private void haveNotMet() throws Exception {
    assertThat(world.authorised("joiner")).isEmpty();
    assertThat(world.authorised("member")).isEmpty();
  }

  private void haveMet() {
    assertThat(world.authorised("joiner")).containsExactly(world.id("member"));
    assertThat(world.authorised("member")).containsExactly(world.id("joiner"));
  }

  @Test
  void noInviteAndNoLinkIsGivenOutOrTakenThatIsNotOnDiskAndTheSameWorkWhenTheyCanBe()
      throws Exception {
    world.join("member", world.codes(1).getFirst());
    await().atMost(SETTLE).until(() -> world.isReserved("member"));
    String full = "no space left on device";
    String readOnly = "read-only file system";

    String url = mint("member");
    fill("member", 0);
    refused("member", "", full, () -> mint("member"));
    refused("member", "invites.json", full, () -> world.invite("member"));
    free("member");
    readOnly("member");
    refused("member", "", readOnly, () -> mint("member"));
    refused("member", "invites.json", readOnly, () -> world.invite("member"));
    writable("member");

    fill("joiner", 0);
    refused("joiner", "", full, () -> accept("joiner", url));
    free("joiner");
    readOnly("joiner");
    refused("joiner", "", readOnly, () -> accept("joiner", url));
    writable("joiner");
    haveNotMet();

    // The relay takes no drop that it cannot keep, and says it as it says everything else.
    fill(RELAY, 0);
    assertThatThrownBy(() -> accept("joiner", url))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo("link-refused"));
    free(RELAY);
    haveNotMet();

    // The maker tells nobody yes whom it cannot write down, and finds the drop again.
    fill("member", 0);
    assertThat(Jsons.string(accept("joiner", url), "status")).isEqualTo("drop_sent");
    haveNotMet();
    free("member");
    await().atMost(SETTLE.multipliedBy(2)).untilAsserted(this::haveMet);
    for (String name : List.of(RELAY, "member", "joiner")) {
      world.assertWhole(name, true);
    }
  }

  private void refusesToStart(String name) throws IOException {
    Failure said = Failure.fromJson(Jsons.parseObject(world.launch(name)));
    assertThat(said).isNotNull();
    assertThat(said.message()).contains(world.home(name).root().toString(), "read-only");
    assertThat(said.hint()).contains("read-only");
  }
}
