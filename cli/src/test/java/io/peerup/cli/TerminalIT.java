package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a person at a terminal is asked and shown. `script` of util-linux makes the terminal.
@Timeout(300)
class TerminalIT {

  private static final String PASSPHRASE = "glacier lantern oyster";
  private static final Duration SETTLE = Duration.ofSeconds(60);
  private static final String ASKED = "show the same? [y/N] ";
  private static final Pattern CODE = Pattern.compile("[0-9]{3}-[0-9]{3}");

  private final DemoWorld world;

  TerminalIT() throws IOException {
    world = new DemoWorld();
  }

  @AfterEach
  void endWorld() {
    world.close();
  }

  /// A command with a terminal of its own.
  private final class Session implements AutoCloseable {
    private final Process process;
    private final Reader out;
    private final Writer in;
    private final StringBuilder said = new StringBuilder();

    Session(String home, String arguments) throws IOException {
      Needs.that(Files.isExecutable(Path.of("/usr/bin/script")), "script makes the terminal");
      Path launcher = Path.of(System.getProperty("peerup.root", "..")).resolve("peerup");
      String command = launcher + " " + arguments + " --home " + world.home(home).root();
      process =
          new ProcessBuilder("script", "-q", "-e", "-f", "-c", command, "/dev/null")
              .redirectErrorStream(true)
              .start();
      out = process.inputReader(StandardCharsets.UTF_8);
      in = process.outputWriter(StandardCharsets.UTF_8);
    }

    /// Reads until it says this.
    Session until(String text) throws IOException {
      while (said.indexOf(text) < 0) {
        int next = out.read();
        assertThat(next).as("end of: %s", said).isNotNegative();
        said.append((char) next);
      }
      return this;
    }

    Session type(String line) throws IOException {
      in.write(line + "\n");
      in.flush();
      return this;
    }

    /// What it said until now.
    String said() {
      return said.toString();
    }

    /// What it said in all; its exit status must be this one.
    String end(int status) throws Exception {
      for (int next = out.read(); next >= 0; next = out.read()) {
        said.append((char) next);
      }
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as("%s", said).isEqualTo(status);
      return said.toString();
    }

    @Override
    public void close() throws IOException {
      in.close();
      process.destroy();
    }
  }

  private Session session(String home, String arguments) throws IOException {
    return new Session(home, arguments);
  }

  private void loopback(String name, String more) {
    Home home = world.home(name).ensure();
    PrivateFiles.write(
        home.config(),
        ("network:\n  listen: [/ip4/127.0.0.1/tcp/0]\n" + more).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aPassphraseIsAskedForAndNotShown() throws Exception {
    loopback("a", "");
    world.run("a", "init");
    try (Session set = session("a", "secrets passphrase set")) {
      set.until("New passphrase: ").type(PASSPHRASE).until("The same again: ").type("another one");
      assertThat(set.end(1)).contains("differ").doesNotContain(PASSPHRASE);
    }
    try (Session set = session("a", "secrets passphrase set")) {
      set.until("New passphrase: ").type(PASSPHRASE).until("The same again: ").type(PASSPHRASE);
      assertThat(set.end(0)).contains("is protected").doesNotContain(PASSPHRASE);
    }
    try (Session start = session("a", "daemon start")) {
      start.until("Passphrase of ").until("identity.key: ").type("not this one");
      assertThat(start.end(1)).contains("does not open");
    }
    try (Session start = session("a", "daemon start --non-interactive")) {
      assertThat(start.end(1)).contains("--passphrase-file").doesNotContain("Passphrase of");
    }
    try (Session start = session("a", "daemon start")) {
      start.until("identity.key: ").type(PASSPHRASE);
      assertThat(start.end(0)).contains("The daemon runs").doesNotContain(PASSPHRASE);
    }
  }

  @Test
  void whoeverIsInAnotherNetworkIsAskedAndAnythingButAYesChangesNothing() throws Exception {
    world.start("relay", "relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0");
    String code =
        world
            .run("relay", "relay", "pair", "--count", "1", "--network", "crew")
            .getAsJsonArray("codes")
            .get(0)
            .getAsString();
    loopback("a", "discovery:\n  network: mine\n");
    String join = "join " + code + " --name a";
    try (Session asked = session("a", join)) {
      asked.until("[y/N] ").type("");
      assertThat(asked.end(1)).contains("`crew`", "`mine`", "--network crew");
    }
    try (Session notAsked = session("a", join + " --non-interactive")) {
      assertThat(notAsked.end(1))
          .contains("`crew`", "`mine`", "--network crew")
          .doesNotContain("[y/N]");
    }
    assertThat(Files.exists(world.home("a").authorizedKeys())).isFalse();
    try (Session asked = session("a", join)) {
      asked.until("[y/N] ").type("yes");
      assertThat(asked.end(0)).contains("Network: crew");
    }
    assertThat(world.run("a", "status").get("network").getAsString()).isEqualTo("crew");
    countdown();
  }

  /// Two people at two terminals, whose devices found each other through a relay.
  @Test
  void whoeverVerifiesIsShownTheCodeAndAskedAndAnythingButAYesIsANo() throws Exception {
    world.start("relay", "relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0");
    JsonArray codes = world.run("relay", "relay", "pair", "--count", "2").getAsJsonArray("codes");
    loopback("a", "");
    loopback("b", "");
    world.run("a", "join", codes.get(0).getAsString(), "--name", "a");
    world.run("b", "join", codes.get(1).getAsString(), "--name", "b");
    for (String device : List.of("a", "b")) {
      await()
          .atMost(SETTLE)
          .until(() ->
              world.run(device, "peers").getAsJsonArray("peers").toString().contains("\"direct\""));
    }
    try (Session atA = session("a", "verify b");
        Session atB = session("b", "verify a")) {
      String shownAtA = atA.until(ASKED).said();
      String shownAtB = atB.until(ASKED).said();
      assertThat(shownAtA).contains("Code with ").containsPattern(CODE);
      assertThat(code(shownAtA)).isEqualTo(code(shownAtB));
      atA.type("y");
      // One yes is not enough, and a wrong word is no yes.
      atB.type("");
      assertThat(atA.end(1)).contains("NOT VERIFIED").doesNotContain("Verified.");
      assertThat(atB.end(1)).contains("NOT VERIFIED").doesNotContain("Verified.");
    }
    assertVerified(false);
    try (Session atA = session("a", "verify b");
        Session atB = session("b", "verify a")) {
      String shown = code(atA.until(ASKED).said());
      assertThat(code(atB.until(ASKED).said())).isEqualTo(shown);
      atA.type("y");
      assertVerified(false);
      // Who types what the other one sees has compared it.
      atB.type(shown);
      assertThat(atA.end(0)).contains("Verified.", "Both people saw the same code.");
      assertThat(atB.end(0)).contains("Verified.", "Both people saw the same code.");
    }
    assertVerified(true);
  }

  private static String code(String said) {
    Matcher found = CODE.matcher(said);
    assertThat(found.find()).as("%s", said).isTrue();
    return found.group();
  }

  private void assertVerified(boolean verified) throws Exception {
    for (String device : List.of("a", "b")) {
      assertThat(
              world
                  .run(device, "peers")
                  .getAsJsonArray("peers")
                  .get(0)
                  .getAsJsonObject()
                  .get("verified")
                  .getAsBoolean())
          .as("verified at %s", device)
          .isEqualTo(verified);
    }
  }

  private void countdown() throws Exception {
    try (Session invite = session("a", "invite --ttl 5m")) {
      invite.until("Waiting… 4m 5").until(" left");
      String id =
          world
              .run("a", "invite", "list")
              .getAsJsonArray("invites")
              .get(0)
              .getAsJsonObject()
              .get("id")
              .getAsString();
      world.run("a", "invite", "revoke", id);
      String said = invite.end(1);
      assertThat(said).containsPattern("left *\r +\rThe invite was revoked");
    }
  }
}
