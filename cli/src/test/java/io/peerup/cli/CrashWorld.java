package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.peerup.control.CrashPoint;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.RelayHost;
import io.peerup.testkit.FreePort;
import io.peerup.trust.AuthorizedKeys;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A relay and daemons as real processes that can be killed at any moment and started again, and
/// what must be true of their homes after that.
final class CrashWorld implements AutoCloseable {

  static final String RELAY = "relay";

  private static final Duration CALL = Duration.ofSeconds(60);
  private static final List<String> STATE =
      List.of("groups.json", "services.json", "invites.json", "links.json", "mailbox.json");

  private final Path folder;
  private final int relayPort = FreePort.choose();
  private final Map<String, Process> processes = new ConcurrentHashMap<>();
  private final Map<String, PeerId> ids = new ConcurrentHashMap<>();

  CrashWorld(Path folder) {
    this.folder = folder;
  }

  Home home(String name) {
    return Home.of(folder.resolve(name));
  }

  PeerId id(String name) {
    return Objects.requireNonNull(ids.get(name));
  }

  /// Starts the relay or a daemon and waits until it is ready.
  void start(String name) throws IOException {
    String said = launch(name);
    assertThat(said).as("what %s says first", name).contains("\"event\"");
    ids.put(name, PeerId.parse(Jsons.string(Jsons.parseObject(said), "peerId")));
  }

  /// Starts it and returns its first line, which is empty when it died without a word.
  String launch(String name) throws IOException {
    Home home = home(name).ensure();
    List<String> command = TestJava.command(CrashingPeerup.class);
    if (name.equals(RELAY)) {
      command.addAll(List.of("relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/" + relayPort));
    } else {
      command.add("daemon");
      if (!Files.exists(home.config())) {
        PrivateFiles.write(
            home.config(),
            "version: 1\nnetwork:\n  listen: [/ip4/127.0.0.1/tcp/0]\n"
                .getBytes(StandardCharsets.UTF_8));
      }
    }
    command.addAll(List.of("--json", "--home", home.root().toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".err").toFile()))
            .start();
    processes.put(name, process);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String first = out.readLine();
    return first == null ? "" : first;
  }

  private Process process(String name) {
    return Objects.requireNonNull(processes.get(name));
  }

  void kill(String name) throws InterruptedException {
    process(name).destroyForcibly();
    awaitDeath(name);
  }

  /// Waits for the end that an order brings.
  void awaitDeath(String name) throws InterruptedException {
    assertThat(process(name).waitFor(60, TimeUnit.SECONDS)).as("%s is dead", name).isTrue();
    assertThat(process(name).exitValue()).as("killed, not ended").isEqualTo(128 + 9);
  }

  /// The next write of this file in this home ends the process at this step.
  void orderDeath(String name, String file, String step) throws IOException {
    orderDeath(name, file, step, 1);
  }

  /// The `nth` write of this file from now on ends the process at this step.
  void orderDeath(String name, String file, String step, int nth) throws IOException {
    order(name, "kill " + file + " " + step + " " + nth);
  }

  /// From now on nothing can be written in this home, as on a full disk; until [#freeDisk].
  void fillDisk(String name) throws IOException {
    order(name, "fail");
  }

  void freeDisk(String name) throws IOException {
    Files.delete(home(name).root().resolve(CrashPoint.ORDER));
  }

  private void order(String name, String order) throws IOException {
    home(name).ensure();
    Path next = Files.writeString(folder.resolve("order"), order);
    Files.move(next, home(name).root().resolve(CrashPoint.ORDER));
  }

  JsonObject call(String name, String method, String path, @Nullable JsonObject body) {
    return ControlClient.of(home(name)).call(method, path, body, CALL);
  }

  /// As `peerup relay pair` does.
  List<GroupCode> codes(int count) {
    RelayHost where = RelayHost.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + relayPort));
    GroupCode.NewGroup group = GroupCode.generate(count, id(RELAY), where, "", KeyRandom.secure());
    JsonObject request = new JsonObject();
    request.addProperty("selector", group.spec().selectorHex());
    JsonArray hashes = new JsonArray();
    group.spec().tokenHashesHex().forEach(hashes::add);
    request.add("tokenHashes", hashes);
    request.addProperty("ttlSeconds", 3600);
    request.addProperty("expiresSeconds", 0);
    request.addProperty("namespace", "");
    call(RELAY, "POST", "/v1/groups", request);
    return group.codes();
  }

  JsonObject join(String name, GroupCode code) {
    return join(name, code.text());
  }

  JsonObject join(String name, String code) {
    JsonObject request = new JsonObject();
    request.addProperty("code", code);
    request.addProperty("name", "device-" + name);
    return call(name, "POST", "/v1/join", request);
  }

  /// Whether joining worked; a process that dies meanwhile is a no.
  boolean tryJoin(String name, GroupCode code) {
    return tryJoin(name, code.text());
  }

  boolean tryJoin(String name, String code) {
    try {
      join(name, code);
      return true;
    } catch (Failure e) {
      return false;
    }
  }

  /// As `peerup invite` does; the code is good when the command is gone, too.
  String invite(String name) {
    JsonObject request = new JsonObject();
    request.addProperty("form", "typed");
    request.addProperty("ttlSeconds", 600);
    request.addProperty("defaultName", name);
    try (ControlStream lines = ControlClient.of(home(name)).open("POST", "/v1/invites", request)) {
      return Jsons.string(lines.next().orElseThrow(), "code");
    }
  }

  /// Who has a place at the relay, so that others reach it there.
  boolean isReserved(String name) {
    for (JsonElement each : call(RELAY, "GET", "/v1/members", null).getAsJsonArray("members")) {
      JsonObject member = each.getAsJsonObject();
      if (member.get("peerId").getAsString().equals(id(name).toString())) {
        return member.get("reserved").getAsBoolean();
      }
    }
    return false;
  }

  /// What the disk of this home says about invites and pairings with codes.
  JsonObject invitesOnDisk(String name) {
    return Jsons.parseObject(
        new String(PrivateFiles.read(home(name).state("invites.json")), StandardCharsets.UTF_8));
  }

  void remove(String name, String other) {
    try {
      call(name, "DELETE", "/v1/peers/" + id(other), null);
    } catch (Failure e) {
      // It did not know the other one, or one of them is dying; the caller looks at the outcome.
    }
  }

  /// Whom the file on disk of this home authorises.
  Set<PeerId> authorised(String name) {
    AuthorizedKeys keys =
        PrivateFiles.readIfExists(home(name).authorizedKeys())
            .map(AuthorizedKeys::parse)
            .orElse(AuthorizedKeys.empty());
    assertThat(keys.disabled()).as("damaged lines of %s", name).isEmpty();
    Set<PeerId> peers = new HashSet<>();
    keys.peers().forEach(peer -> peers.add(peer.peer()));
    return peers;
  }

  /// What the relay's disk says of this code's group.
  JsonObject groupOnDisk(GroupCode code) {
    JsonObject file =
        Jsons.parseObject(
            new String(
                PrivateFiles.read(home(RELAY).state("groups.json")), StandardCharsets.UTF_8));
    for (JsonElement each : file.getAsJsonArray("groups")) {
      String selector = each.getAsJsonObject().get("selector").getAsString();
      if (selector.equals(HexFormat.of().formatHex(code.secrets().selector()))) {
        return each.getAsJsonObject();
      }
    }
    throw new AssertionError("the relay lost a group");
  }

  /// Who used a code of this group, as the relay's disk says.
  Set<PeerId> usersOnDisk(GroupCode code) {
    Set<PeerId> users = new HashSet<>();
    for (JsonElement slot : groupOnDisk(code).getAsJsonArray("slots")) {
      if (slot.getAsJsonObject().get("usedBy") instanceof JsonPrimitive user) {
        assertThat(users.add(PeerId.parse(user.getAsString()))).as("one code a peer").isTrue();
      }
    }
    return users;
  }

  /// Every file of this home is whole, and, when its process runs again, nothing is left beside
  /// them.
  void assertWhole(String name, boolean restarted) throws IOException {
    authorised(name);
    for (String state : STATE) {
      PrivateFiles.readIfExists(home(name).state(state))
          .ifPresent(bytes -> Jsons.parseObject(new String(bytes, StandardCharsets.UTF_8)));
    }
    if (restarted) {
      try (Stream<Path> all = Files.walk(home(name).root())) {
        assertThat(all.filter(file -> file.toString().endsWith(".tmp")))
            .as("temporary files of %s", name)
            .isEmpty();
      }
    }
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
    processes.values().forEach(process -> process.onExit().orTimeout(60, TimeUnit.SECONDS).join());
  }
}
