package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupSecrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Everything is done once with logs as talkative as can be; then nothing that was printed, logged
/// or shown in the list of processes holds a secret.
@Timeout(300)
class SecretsIT {

  private static final List<String> HOMES = List.of("relay", "a", "b", "c", "d", "e", "f", "g");
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";
  private static final String STRANGER = "12D3KooWS71Do4SxC5VkFskMNAKzQSvQN3t2stm4tg6WBCU9prUg";

  private static final Pattern SECRET_FIELDS =
      Pattern.compile("\"(?:prs|nonce|exchangePrivate|ackKey)\":\"([0-9a-f]+)\"");
  private static final Duration SETTLE = Duration.ofSeconds(60);

  private final Map<String, String> shown = new TreeMap<>();
  private final List<String> codes = new ArrayList<>();
  private final List<String> invites = new ArrayList<>();
  private final DemoWorld world;

  SecretsIT() throws IOException {
    world = new DemoWorld();
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  private void talkative(String name) throws IOException {
    Home home = world.home(name);
    home.ensure();
    Files.writeString(
        home.config(), "network:\n  listen: [" + LOOPBACK + "]\nlog:\n  level: trace\n");
    Files.setPosixFilePermissions(home.config(), PosixFilePermissions.fromString("rw-------"));
  }

  /// Runs a command with this on its standard input, as people read it, and keeps what it says.
  private String run(String name, String input, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(DaemonProcess.self());
    command.addAll(List.of(arguments));
    command.addAll(List.of("--home", world.home(name).root().toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.outputWriter()) {
      in.write(input);
    }
    shown.put("the list of processes during " + String.join(" ", arguments), processes());
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said;
  }

  private void keep(String name, String... arguments) throws Exception {
    shown.put(name + ": " + String.join(" ", arguments), run(name, "", arguments));
  }

  /// What every user of the machine may read about every process.
  private static String processes() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      for (Path entry : entries.filter(SecretsIT::isProcess).toList()) {
        try {
          all.append(Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1))
              .append('\n');
        } catch (IOException e) {
          // It has ended.
        }
      }
    }
    return all.toString();
  }

  private static boolean isProcess(Path entry) {
    return entry.getFileName().toString().matches("[0-9]+");
  }

  private void makeCodes(String... arguments) throws Exception {
    List<String> withJson = new ArrayList<>(List.of(arguments));
    withJson.add("--json");
    String input = codes.isEmpty() ? "" : codes.getFirst() + "\n";
    String said = run("relay", input, withJson.toArray(String[]::new));
    JsonObject made = Jsons.parseObject(said.strip().lines().toList().getLast());
    for (JsonElement code : made.getAsJsonArray("codes")) {
      codes.add(code.getAsString());
    }
  }

  private void join(String device, String code) throws Exception {
    shown.put(
        "join of " + device + " with " + codes.indexOf(code),
        run(device, code + "\n", "join", "-", "--name", "name-" + device));
  }

  @Test
  void nothingPrintedLoggedOrListedHoldsACodeAKeyOrACookie() throws Exception {
    for (String home : HOMES) {
      talkative(home);
    }
    world.start("relay", "relay", "serve", "--listen", LOOPBACK);
    makeCodes("relay", "pair", "--count", "3");
    join("a", codes.get(0));
    join("b", codes.get(1));
    join("c", codes.get(1));
    makeCodes("relay", "pair", "--reissue", "-");
    join("c", codes.get(3));
    everyFormOfInvite();
    verify();
    everyCommand();

    assertThat(shown.get("join of c with 1")).as("a used code").contains("pairing failed");
    assertThat(shown.get("join of c with 3")).as("a fresh code").contains("Joined as");
    Set<String> secrets = secrets();
    for (String file : List.of("groups.json", "invites.json", "links.json")) {
      String stored = Files.readString(world.home("a").state(file));
      assertThat(secrets).as("the search itself").anyMatch(stored::contains);
    }
    Map<String, String> places = new TreeMap<>(shown);
    for (String home : HOMES) {
      for (Path log : logs(world.home(home))) {
        places.put(log.toString(), Files.readString(log, StandardCharsets.ISO_8859_1));
      }
    }
    places.forEach((place, text) -> {
      for (String secret : secrets) {
        assertThat(text.contains(secret)).as("%s holds %s", place, secret).isFalse();
      }
    });
    assertThat(places).as("outputs, process lists and logs").hasSizeGreaterThan(40);
    assertThat(places.values().stream().mapToInt(String::length).sum()).isGreaterThan(20_000);
  }

  /// A code of each form, of which one is used, and a link; all go in by standard input.
  private void everyFormOfInvite() throws Exception {
    await()
        .atMost(SETTLE)
        .until(() ->
            world.run("a", "status").getAsJsonArray("relays").toString().contains("d\":true"));
    Process unused = invite("--qr");
    unused.destroy();
    assertThat(unused.waitFor(60, TimeUnit.SECONDS)).isTrue();
    pair("--full", "f");
    pair("--spoken", "g");
    pair("--name", "d");

    String made = run("a", "", "invite", "--url", "--json");
    invites.add(
        Jsons.parseObject(made.strip().lines().toList().getLast()).get("url").getAsString());
    shown.put("show of a link", run("a", invites.getLast() + "\n", "invite", "show", "-"));
    String said = run("e", invites.getLast() + "\n", "accept", "-", "--name", "name-e");
    assertThat(said).contains("name-a", "[UNVERIFIED]");
    shown.put("accept of e", said);
  }

  /// With two commands, two daemons and a relay, all of them processes of their own.
  private void pair(String form, String device) throws Exception {
    Process waiting = invite(form);
    String said = run(device, invites.getLast() + "\n", "join", "-", "--name", "name-" + device);
    assertThat(said).contains("Joined as", "name-a");
    shown.put("join of " + device, said);
    String end = String.join("\n", waiting.inputReader().lines().toList());
    assertThat(end).contains("\"paired\"");
    shown.put("the end of invite " + form, end);
    assertThat(waiting.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  /// Starts the command and reads the code.
  private Process invite(String form) throws Exception {
    List<String> command = new ArrayList<>(DaemonProcess.self());
    command.addAll(List.of("invite", "--json", form));
    if (form.equals("--name")) {
      command.add("name-a");
    }
    command.addAll(List.of("--home", world.home("a").root().toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String first = process.inputReader().readLine();
    assertThat(first).contains("\"code\"", "expiresAt");
    invites.add(Jsons.parseObject(first).get("code").getAsString());
    shown.put("the list of processes during invite " + form, processes());
    return process;
  }

  /// Two people compare codes; the digits are for everybody to hear.
  private void verify() throws Exception {
    Process atA = world.launch("a", "verify", "name-d");
    JsonObject code = Jsons.parseObject(atA.inputReader().readLine());
    String digits = code.get("digits").getAsString();
    await()
        .atMost(SETTLE)
        .until(() -> world.run("d", "status").get("warnings").toString().contains("peerup verify"));
    Process atD = world.launch("d", "verify", "name-a", "--code", digits);
    keep("a", "verify", "name-d", "--code", digits);
    for (Process each : List.of(atA, atD)) {
      String said = String.join("\n", each.inputReader().lines().toList());
      assertThat(said).contains("\"verified\"");
      shown.put("verify " + each.pid(), said);
    }
    keep("a", "verify", "name-d", "--full");
    keep("a", "verify", "name-d", "--qr");
  }

  private void everyCommand() throws Exception {
    for (String[] command :
        List.of(
            new String[] {"whoami"},
            new String[] {"status"},
            new String[] {"status", "--json"},
            new String[] {"peers"},
            new String[] {"ping", "name-b", "--count", "2", "--interval", "10"},
            new String[] {"service", "add", "web", "127.0.0.1:1"},
            new String[] {"service", "list", "--json"},
            new String[] {"config", "show"},
            new String[] {"config", "validate"},
            new String[] {"invite", "list", "--all"},
            new String[] {"invite", "list", "--json"},
            new String[] {"trust", "explain", "name-d"},
            new String[] {"peer", "block", "name-d"},
            new String[] {"peer", "list", "--blocked", "--json"},
            new String[] {"peer", "deny", "name-e"},
            new String[] {"peer", "rename", "name-b", "other"},
            new String[] {"peer", "remove", "other"},
            new String[] {"join", "nonsense"},
            new String[] {"daemon", "logs"})) {
      keep("a", command);
    }
    for (String[] command :
        List.of(
            new String[] {"relay", "info"},
            new String[] {"relay", "peers", "--json"},
            new String[] {"relay", "pair", "--list"},
            new String[] {"relay", "pair", "--list", "--json"},
            new String[] {"relay", "authorize", STRANGER},
            new String[] {"relay", "deauthorize", STRANGER},
            new String[] {"relay", "pair", "--revoke", GroupCode.parse(codes.get(0)).groupId()})) {
      keep("relay", command);
    }
  }

  private static List<Path> logs(Home home) throws IOException {
    try (Stream<Path> all = Files.list(home.log().getParent())) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /// Pieces of every secret that are long enough not to be anywhere by chance.
  private Set<String> secrets() throws IOException {
    Set<String> out = new TreeSet<>();
    for (String code : codes) {
      // The token and the group secret lie within symbols 2 to 42.
      String symbols = code.replace("-", "");
      for (int i = 2; i + 8 <= 42; i++) {
        out.add(symbols.substring(i, i + 8));
        out.add(symbols.substring(i, i + 8).toLowerCase(Locale.ROOT));
      }
      GroupSecrets secrets = GroupCode.parse(code).secrets();
      addAll(out, secrets.token());
      addAll(out, secrets.groupKey().key());
    }
    invites.forEach(code -> addInvite(out, code));
    for (String state : List.of("invites.json", "links.json")) {
      for (String name : List.of("a", "e")) {
        addNamed(out, Files.readString(world.home(name).state(state)));
      }
    }
    for (String name : HOMES) {
      Home home = world.home(name);
      byte[] identity = Files.readAllBytes(home.identityKey());
      // The private half is in the middle; the public one, which follows, is no secret.
      addAll(out, Arrays.copyOfRange(identity, 4, 36));
      String cookie = Files.readString(home.cookie(), StandardCharsets.ISO_8859_1).strip();
      assertThat(cookie).hasSizeGreaterThan(32);
      out.add(cookie.substring(0, 32));
    }
    return out;
  }

  /// Pieces of a code or link behind what is public: its kind, or the selector.
  private static void addInvite(Set<String> out, String code) {
    int hash = code.indexOf('#');
    if (hash >= 0) {
      // The secret of a full code is its bytes 20 to 36, the nonce of a link its bytes 3 to 35.
      boolean link = code.startsWith("peerup:join");
      for (int at = link ? 4 : 27; at + 12 <= (link ? 46 : 48); at++) {
        out.add(code.substring(hash + 1 + at, hash + 1 + at + 12));
      }
      return;
    }
    String own = code.replaceFirst("@.*", "");
    out.add(own);
    out.add(own.toLowerCase(Locale.ROOT));
    if (own.matches("[0-9]+-[a-z-]+")) {
      String[] words = own.split("-", -1);
      for (int at = 1; at + 1 < words.length; at++) {
        out.add(words[at] + "-" + words[at + 1]);
        out.add(words[at] + " " + words[at + 1]);
      }
    } else {
      String symbols = own.replace("-", "");
      assertThat(symbols).hasSize(16);
      out.add(symbols.substring(7, 15));
      out.add(own.substring(10));
    }
  }

  /// Pieces of what the files call by these names.
  private static void addNamed(Set<String> out, String file) {
    Matcher found = SECRET_FIELDS.matcher(file);
    while (found.find()) {
      addAll(out, HexFormat.of().parseHex(found.group(1)));
    }
  }

  private static void addAll(Set<String> out, byte[] secret) {
    for (int at = 0; at + 6 <= secret.length; at++) {
      out.add(HexFormat.of().formatHex(secret, at, at + 6));
    }
    out.add(Base64.getEncoder().withoutPadding().encodeToString(secret).substring(0, 12));
  }
}
