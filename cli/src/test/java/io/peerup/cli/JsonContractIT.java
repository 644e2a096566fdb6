package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every command prints with `--json`, as real processes print it, against `docs/json.md` and
/// the names that scripts were promised.
@Timeout(600)
class JsonContractIT {

  private static final String STRANGER = "12D3KooWS71Do4SxC5VkFskMNAKzQSvQN3t2stm4tg6WBCU9prUg";

  private String anyCode = "";
  private final JsonDocs docs = new JsonDocs();
  private final Set<String> checked = new TreeSet<>();

  private JsonObject check(String command, JsonObject document) {
    return check(command, "", document);
  }

  private JsonObject check(String command, String within, JsonObject document) {
    docs.check(command, within, document);
    checked.add(command);
    return document;
  }

  @Test
  void everyDocumentIsAsDescribed() throws Exception {
    try (DemoWorld world = new DemoWorld()) {
      withoutADaemon(world);
      List<String> codes = relay(world);
      join(world, "a", codes.get(0));
      join(world, "b", codes.get(1));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> world.run("a", "peers").toString().contains("\"connected\":true"));
      node(world);
      services(world);
      verify(world);
      relayAdmin(world);
      peers(world);
      invites(world);
      check("daemon stop", world.run("a", "daemon", "stop"));
      check("daemon start", world.run("a", "daemon", "start"));
    }
    Set<String> unchecked = docs.commands();
    unchecked.removeAll(checked);
    // The demo is this very world; its document is checked by its own test.
    assertThat(unchecked).containsExactly("demo");
  }

  private void withoutADaemon(DemoWorld world) throws Exception {
    check("version", world.run("new", "version"));
    check("help", world.run("new", "help", "relay"));
    check("completion", world.run("new", "completion", "bash"));
    check("init", world.run("new", "init"));
    check("whoami", world.run("new", "whoami"));
    secrets(world);
    check("init", world.run("new", "init", "--force", "--yes-replace-identity"));
    check("trust explain", world.run("new", "peer", "allow", "--id", STRANGER, "--name", "far"));
    check("peers", world.run("new", "peer", "list"));
    check("trust explain", world.run("new", "peer", "block", "far"));
    check("peer list --blocked", world.run("new", "peer", "list", "--blocked"));
    check("trust explain", world.run("new", "trust", "explain", "far"));
    check("trust explain", world.run("new", "peer", "unblock", "--id", STRANGER));
    check("trust explain", world.run("new", "peer", "deny", "far"));
    check("config show", world.run("new", "config", "show"));
    check("config validate", world.run("new", "config", "validate"));
    check("daemon", firstLine(world.launch("new", "daemon")));
    check("relay serve", firstLine(world.launch("alone", "relay", "serve", "--listen", LOOPBACK)));
    check("daemon stop", world.run("alone", "daemon", "stop"));
    check("daemon logs", world.run("alone", "daemon", "logs", "-n", "1"));
  }

  private void secrets(DemoWorld world) throws Exception {
    Path file = world.folder().resolve("passphrase");
    PrivateFiles.write(file, "one two three\n".getBytes(StandardCharsets.UTF_8));
    check("secrets status", world.run("new", "secrets", "status"));
    for (String verb : List.of("set", "remove")) {
      check(
          "secrets passphrase set",
          world.run("new", "secrets", "passphrase", verb, "--passphrase-file", file.toString()));
      check("secrets status", world.run("new", "secrets", "status"));
    }
  }

  private void invites(DemoWorld world) throws Exception {
    Process inviting = world.launch("a", "invite", "--name", "a");
    JsonObject made = check("invite", Jsons.parseObject(inviting.inputReader().readLine()));
    promised(made, "event", "code", "expiresAt", "id");
    join(world, "d", made.get("code").getAsString());
    JsonObject paired = check("invite", Jsons.parseObject(inviting.inputReader().readLine()));
    promised(paired, "event", "peerId", "name", "peerAcked");
    assertThat(inviting.waitFor()).isEqualTo(0);
    check("invite list", world.run("a", "invite", "list"));
    links(world);
    String id = made.get("id").getAsString();
    check("invite show", world.run("a", "invite", "show", id));
    check("invite revoke", world.run("a", "invite", "revoke", id));
  }

  private void links(DemoWorld world) throws Exception {
    JsonObject link = check("invite --url", world.run("a", "invite", "--url", "--uses", "2"));
    promised(link, "url", "id", "expiresAt");
    String url = link.get("url").getAsString();
    check("invite show", world.run("a", "invite", "show", url));
    listenOnLoopback(world, "e");
    JsonObject accepted = check("accept", world.run("e", "accept", url, "--name", "e"));
    promised(accepted, "peerId", "name", "status", "peerAcked");
    assertThat(accepted.get("status").getAsString()).isEqualTo("paired");
    String id = link.get("id").getAsString();
    check("invite show", world.run("a", "invite", "show", id));
    check("invite list", world.run("a", "invite", "list"));
    check("invite revoke", world.run("a", "invite", "revoke", id));

    String other = world.run("a", "invite", "--url").get("url").getAsString();
    world.run("a", "daemon", "stop");
    listenOnLoopback(world, "f");
    JsonObject waiting =
        check("accept", world.run("f", "accept", other, "--name", "f", "--no-wait"));
    assertThat(waiting.get("status").getAsString()).isEqualTo("drop_sent");
    check("daemon status", world.run("f", "status"));
    world.run("a", "daemon", "start");
    assertThat(world.run("a", "invite", "list", "--all").has("refused")).isTrue();
  }

  private static void listenOnLoopback(DemoWorld world, String device) {
    world.home(device).ensure();
    PrivateFiles.write(
        world.home(device).config(),
        "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\n".getBytes(StandardCharsets.UTF_8));
  }

  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";

  private List<String> relay(DemoWorld world) throws Exception {
    world.start("relay", "relay", "serve", "--listen", LOOPBACK);
    JsonObject made = check("relay pair", world.run("relay", "relay", "pair", "--count", "3"));
    promised(made, "group", "codes", "expiresAt");
    List<String> codes = new ArrayList<>();
    made.getAsJsonArray("codes").forEach(each -> codes.add(each.getAsString()));
    anyCode = codes.getFirst();
    return codes;
  }

  private void join(DemoWorld world, String device, String code) throws Exception {
    listenOnLoopback(world, device);
    JsonObject joined = check("join", world.run(device, "join", code, "--name", device));
    promised(joined, "peerId", "name", "network", "relay", "peers", "daemon");
    assertThat(joined.get("daemon").getAsString()).isEqualTo("started");
  }

  private void node(DemoWorld world) throws Exception {
    JsonObject status = check("daemon status", world.run("a", "daemon", "status"));
    promised(
        status,
        "peerId",
        "name",
        "network",
        "uptimeSeconds",
        "listenAddrs",
        "relays",
        "reachability",
        "peers");
    promised(first(status, "relays"), "peerId", "addr", "reserved");
    promised(status.getAsJsonObject("reachability"), "grade", "label", "confidence", "evidence");
    promised(
        first(status, "peers"),
        "peerId",
        "name",
        "verified",
        "connected",
        "path",
        "relay",
        "rttMs");
    check("daemon status", world.run("a", "status"));

    List<String> pings = world.lines("a", "ping", "b", "--count", "3", "--interval", "10");
    assertThat(pings).hasSize(4);
    for (int i = 0; i < 3; i++) {
      JsonObject ping = Jsons.parseObject(pings.get(i));
      promised(ping, "seq", "rttMs", "path");
      check("ping", ping, "summary");
    }
    JsonObject last = Jsons.parseObject(pings.getLast());
    promised(last, "summary");
    check("ping", "summary", last);
  }

  /// The document of a command that has another one, whose fields begin with `other`.
  private void check(String command, JsonObject document, String other) {
    JsonObject both = document.deepCopy();
    assertThat(document.has(other)).isFalse();
    JsonObject summary = new JsonObject();
    for (String each :
        List.of(
            "peerId",
            "name",
            "verified",
            "sent",
            "received",
            "lossPercent",
            "minMs",
            "avgMs",
            "maxMs")) {
      summary.addProperty(each, 0);
    }
    both.add(other, summary);
    check(command, both);
  }

  private void verify(DemoWorld world) throws Exception {
    Process atA = world.launch("a", "verify", "b");
    JsonObject code = check("verify", firstLine(atA));
    promised(code, "event", "emoji", "digits");
    promised(first(code, "emoji"), "symbol", "name");
    String digits = code.get("digits").getAsString();
    Process atB = world.launch("b", "verify", "a", "--code", digits);
    check("verify", firstLine(atB));
    JsonObject end = check("verify", world.run("a", "verify", "b", "--code", digits));
    assertThat(end.get("event").getAsString()).isEqualTo("verified");
    JsonObject number = check("verify --full", world.run("a", "verify", "b", "--full"));
    promised(number, "digits", "scan", "verified");
  }

  private void services(DemoWorld world) throws Exception {
    check("service add", world.run("a", "service", "add", "web", "127.0.0.1:1", "--allow", "b"));
    check("service list", world.run("a", "service", "list"));
    check("daemon status", world.run("a", "status"));
    check("service enable", world.run("a", "service", "disable", "web"));
    check("service enable", world.run("a", "service", "enable", "web"));
    Process proxy = world.launch("b", "proxy", "a", "web", "0");
    check("proxy", firstLine(proxy));
    proxy.destroy();
    check("service remove", world.run("a", "service", "remove", "web"));
  }

  private void relayAdmin(DemoWorld world) throws Exception {
    check("relay info", world.run("relay", "relay", "info"));
    check("relay authorize", world.run("relay", "relay", "authorize", STRANGER));
    check("relay peers", world.run("relay", "relay", "peers"));
    check("relay deauthorize", world.run("relay", "relay", "deauthorize", STRANGER));
    JsonObject list = check("relay pair --list", world.run("relay", "relay", "pair", "--list"));
    String group = first(list, "groups").get("group").getAsString();
    check("relay pair --reissue", world.run("relay", "relay", "pair", "--reissue", anyCode));
    check("relay pair --revoke", world.run("relay", "relay", "pair", "--revoke", group));
  }

  private void peers(DemoWorld world) throws Exception {
    Files.writeString(
        world.home("a").authorizedKeys(),
        Files.readString(world.home("a").authorizedKeys()) + "nonsense\n");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> !world.run("a", "peers").getAsJsonArray("disabledLines").isEmpty());
    check("peers", world.run("a", "peers"));
    check("peers", world.run("a", "peer", "list"));
    JsonObject why = check("trust explain", world.run("a", "trust", "explain", "b"));
    promised(why, "allowed", "tiers", "scopes", "blocked", "reason");
    for (String verb : List.of("block", "unblock", "deny")) {
      check("trust explain", world.run("a", "peer", verb, "b"));
    }
    check("trust explain", world.run("relay", "peer", "block", STRANGER));
    check("peer list --blocked", world.run("relay", "peer", "list", "--blocked"));
    check("peer forget-security", world.run("a", "peer", "forget-security", "b"));
    check("peer rename", world.run("a", "peer", "rename", "b", "bee"));
    check("peer remove", world.run("a", "peer", "remove", "bee"));
  }

  private static JsonObject first(JsonObject document, String list) {
    return document.getAsJsonArray(list).get(0).getAsJsonObject();
  }

  private static void promised(JsonObject document, String... names) {
    assertThat(document.keySet()).contains(names);
  }

  private static JsonObject firstLine(Process process) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return Jsons.parseObject(String.valueOf(lines.readLine()));
  }
}
