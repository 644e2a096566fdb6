package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A passphrase over the identity, with the program as users start it.
@Timeout(300)
class PassphraseIT {

  private static final String FIRST = "glacier lantern oyster";
  private static final String SECOND = "marble tundra violin";

  @TempDir Path directory;
  private Home home = Home.of(Path.of(""));

  @BeforeEach
  void makeHome() {
    home = Home.of(directory.resolve("home")).ensure();
    write(home.config(), "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\nlog:\n  level: trace\n");
  }

  @AfterEach
  void stop() {
    try {
      DaemonProcess.stop(home);
    } catch (Failure e) {
      // Nothing runs.
    }
  }

  private static void write(Path file, String text) {
    PrivateFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path file(String name, String passphrase) {
    Path file = directory.resolve(name);
    write(file, passphrase + "\n");
    return file;
  }

  private Process launch(String... arguments) throws IOException {
    Path launcher = Path.of(System.getProperty("peerup.root", "..")).resolve("peerup");
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--json", "--home", home.root().toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private JsonObject typing(String input, String... arguments) throws Exception {
    Process process = launch(arguments);
    try (var in = process.outputWriter()) {
      in.write(input);
    } catch (IOException e) {
      // It ended without reading.
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said).doesNotContain(FIRST).doesNotContain(SECOND);
    return Jsons.parseObject(said.strip());
  }

  private JsonObject run(String... arguments) throws Exception {
    return typing("", arguments);
  }

  private static String code(JsonObject reply) {
    Failure failure = Failure.fromJson(reply);
    return failure == null ? "" : failure.code();
  }

  private static void assertDone(JsonObject reply) {
    assertThat(code(reply)).as("%s", reply).isEmpty();
  }

  /// What other users of the machine, and other programs of ours, may read of every process.
  private static String processes() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      for (Path entry :
          entries.filter(each -> each.getFileName().toString().matches("[0-9]+")).toList()) {
        for (String part : List.of("cmdline", "environ")) {
          try {
            all.append(Files.readString(entry.resolve(part), StandardCharsets.ISO_8859_1));
          } catch (IOException e) {
            // It has ended, or is not ours.
          }
        }
      }
    }
    return all.toString();
  }

  @Test
  void aNodeAndARelayStartWithThePassphraseOfTheirKeyAndNotOtherwise() throws Exception {
    String self = run("init").get("peerId").getAsString();
    byte[] open = Files.readAllBytes(home.identityKey());
    String first = file("first", FIRST).toString();
    String second = file("second", SECOND).toString();

    assertDone(run("daemon", "start"));
    assertThat(code(run("secrets", "passphrase", "set", "--passphrase-file", first)))
        .isEqualTo("home-in-use");
    assertDone(run("daemon", "stop"));
    assertThat(run("secrets", "status").get("protected").getAsBoolean()).isFalse();

    JsonObject set = run("secrets", "passphrase", "set", "--passphrase-file", first);
    assertThat(set.get("protected").getAsBoolean()).as("%s", set).isTrue();
    byte[] sealed = Files.readAllBytes(home.identityKey());
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1))
        .as("the seed")
        .doesNotContain(new String(Arrays.copyOfRange(open, 4, 12), StandardCharsets.ISO_8859_1));
    JsonObject status = run("secrets", "status");
    assertThat(status.get("protected").getAsBoolean()).isTrue();
    assertThat(status.getAsJsonArray("backups")).isEmpty();
    assertThat(run("whoami").get("peerId").getAsString()).isEqualTo(self);
    assertDone(run("peer", "list"));

    assertThat(code(run("daemon", "start"))).isEqualTo("passphrase-needed");
    assertThat(code(run("daemon", "start", "--passphrase-file", second)))
        .isEqualTo("wrong-passphrase");
    assertThat(code(run("status"))).isEqualTo("not-running");
    Path loose = file("loose", FIRST);
    Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(code(run("daemon", "start", "--passphrase-file", loose.toString())))
        .isEqualTo("file-unsafe");
    assertThat(code(run("secrets", "passphrase", "set", "--passphrase-file", second)))
        .isEqualTo("already-protected");
    assertThat(code(run("secrets", "passphrase", "remove", "--passphrase-file", second)))
        .isEqualTo("wrong-passphrase");
    assertThat(Files.readAllBytes(home.identityKey())).as("after refusals").isEqualTo(sealed);

    assertDone(run("daemon", "start", "--passphrase-file", first));
    assertThat(processes()).doesNotContain(FIRST);
    assertThat(run("status").get("peerId").getAsString()).isEqualTo(self);
    assertDone(run("daemon", "stop"));

    JsonObject changed =
        typing(
            FIRST + "\n" + SECOND + "\n", "secrets", "passphrase", "change", "--passphrase-stdin");
    assertThat(changed.get("protected").getAsBoolean()).as("%s", changed).isTrue();
    assertThat(code(run("daemon", "start", "--passphrase-file", first)))
        .isEqualTo("wrong-passphrase");
    Files.writeString(
        home.config(), "secrets:\n  passphrase-file: ../second\n", StandardOpenOption.APPEND);
    assertDone(run("daemon", "start"));
    assertThat(run("status").get("peerId").getAsString()).isEqualTo(self);
    assertDone(run("daemon", "stop"));

    Process relay =
        launch("relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0", "--passphrase-stdin");
    try (var in = relay.outputWriter()) {
      in.write(SECOND + "\n");
    }
    String ready = relay.inputReader().readLine();
    assertThat(ready).contains("\"ready\"").contains(self);
    assertDone(run("daemon", "stop"));
    assertThat(relay.waitFor()).isZero();

    JsonObject removed = run("secrets", "passphrase", "remove");
    assertThat(removed.get("protected").getAsBoolean()).as("%s", removed).isFalse();
    assertThat(Files.readAllBytes(home.identityKey())).isEqualTo(open);
    assertThat(Files.readString(home.log())).doesNotContain(FIRST).doesNotContain(SECOND);
  }

  @Test
  void anIdentityIsReplacedOnlyWithBothWordsAndWhileNothingRuns() throws Exception {
    String self = run("init", "--network", "crew").get("peerId").getAsString();
    write(home.state("groups.json"), "{\"version\":1,\"groups\":[]}");
    assertThat(code(run("init", "--force"))).isEqualTo("usage");
    assertThat(code(run("init", "--yes-replace-identity"))).isEqualTo("usage");
    assertDone(run("daemon", "start"));
    assertThat(code(run("init", "--force", "--yes-replace-identity"))).isEqualTo("home-in-use");
    assertDone(run("daemon", "stop"));
    JsonObject again = run("init");
    assertThat(again.get("peerId").getAsString()).isEqualTo(self);
    assertThat(again.get("created").getAsBoolean()).isFalse();

    JsonObject replaced = run("init", "--force", "--yes-replace-identity");
    assertThat(replaced.get("replaced").getAsString()).isEqualTo(self);
    assertThat(replaced.get("peerId").getAsString()).isNotEqualTo(self);
    assertThat(replaced.getAsJsonArray("warnings").toString()).contains("pair");
    Path backup = Path.of(replaced.get("backup").getAsString());
    assertThat(backup.resolve("identity.key")).exists();
    assertThat(backup.resolve("state/groups.json")).exists();
    assertThat(home.state("groups.json")).doesNotExist();
    assertDone(run("daemon", "start"));
    assertThat(run("status").get("peerId")).isEqualTo(replaced.get("peerId"));
  }
}
