package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.testkit.Needs;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real commands with everything wrong around them: each says one clear thing with a hint, leaves
/// nothing half-written, and never shows a stack.
@Timeout(120)
class BadInputIT {

  private record Said(int status, String out, String err) {}

  /// Root is asked for file modes like everybody else once these two capabilities are gone.
  private static final List<String> WITHOUT_THE_POWER_TO_WRITE_EVERYWHERE =
      List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");

  @TempDir Path directory;
  private List<String> prefix = List.of();

  private Said peerup(Path home, String... arguments) throws IOException, InterruptedException {
    List<String> command = command(DaemonProcess.self().toArray(String[]::new));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--home", home.toString()));
    return run(directory, command);
  }

  private List<String> command(String... words) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(words));
    return command;
  }

  private Said run(Path where, List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    Process process =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /// With and without `--json`, in the foreground and in the background: the same error.
  private JsonObject refused(Path home, String... arguments) throws Exception {
    Said people = peerup(home, arguments);
    assertThat(people.status()).as("%s", people).isEqualTo(1);
    assertThat(people.out()).isEmpty();
    assertThat(people.err()).startsWith("error: ").contains("\nhint: ");
    assertThat(people.err()).doesNotContain("\tat ", "Exception", "\u001b");

    List<String> withJson = new ArrayList<>(List.of(arguments));
    withJson.add("--json");
    Said scripts = peerup(home, withJson.toArray(String[]::new));
    assertThat(scripts.status()).isEqualTo(1);
    assertThat(scripts.err()).isEmpty();
    assertThat(scripts.out().lines()).hasSize(1);
    JsonObject error = Jsons.parseObject(scripts.out().strip()).getAsJsonObject("error");
    assertThat(error.keySet()).containsExactlyInAnyOrder("code", "message", "hint");
    assertThat(people.err()).contains(error.get("hint").getAsString());
    return error;
  }

  private static String code(JsonObject error) {
    return error.get("code").getAsString();
  }

  private Path home(String name, String config) throws IOException {
    Path home = directory.resolve(name);
    Home.of(home).ensure();
    Files.writeString(home.resolve("config.yaml"), config);
    Files.setPosixFilePermissions(
        home.resolve("config.yaml"), PosixFilePermissions.fromString("rw-------"));
    return home;
  }

  private static Set<String> files(Path home) throws IOException {
    try (Stream<Path> all = Files.walk(home)) {
      return new TreeSet<>(all.map(each -> home.relativize(each).toString()).toList());
    }
  }

  @Test
  void aMissingHomeIsNamedAndNotCreated() throws Exception {
    Path home = directory.resolve("none");
    for (String command :
        List.of("status", "daemon", "daemon start", "daemon stop", "relay info")) {
      JsonObject error = refused(home, command.split(" "));
      assertThat(code(error)).isEqualTo("no-home");
      assertThat(error.get("message").getAsString()).contains(home.toString());
      assertThat(home).doesNotExist();
    }
  }

  @Test
  void aDamagedConfigIsReportedWholeBeforeAnythingIsWritten() throws Exception {
    Path home =
        home(
            "damaged",
            """
            version: 1
            network:
              listn: [/ip4/0.0.0.0/tcp/0]
              listen: [nonsense]
            log:
              level: loud
            """);
    Set<String> before = files(home);
    for (String command :
        List.of("config validate", "config show", "daemon", "daemon start", "init")) {
      JsonObject error = refused(home, command.split(" "));
      assertThat(code(error)).as(command).isEqualTo("config-invalid");
      assertThat(error.get("message").getAsString().lines())
          .hasSize(3)
          .anyMatch(line ->
              line.contains("config.yaml:3: network.listn: ")
                  && line.contains("did you mean network.listen"))
          .anyMatch(line -> line.contains("config.yaml:4: network.listen[0]: "))
          .anyMatch(line -> line.contains("config.yaml:6: log.level: "));
      assertThat(files(home)).as(command).isEqualTo(before);
    }
  }

  @Test
  void aKeyThatOthersMayReadIsRefusedInTheForegroundAndTheBackground() throws Exception {
    Path home = home("open", "version: 1\n");
    assertThat(peerup(home, "init").status()).isZero();
    Path key = home.resolve("identity.key");
    byte[] content = Files.readAllBytes(key);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    for (String command : List.of("whoami", "init", "daemon", "daemon start", "relay serve")) {
      JsonObject error = refused(home, command.split(" "));
      assertThat(code(error)).as(command).isEqualTo("file-unsafe");
      assertThat(error.get("hint").getAsString()).isEqualTo("chmod 600 " + key);
    }
    assertThat(key).hasBinaryContent(content);
    assertThat(home.resolve("peerup.sock")).doesNotExist();
  }

  @Test
  void aPortInUseIsNamedByTheNodeAndByTheRelay() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "/ip4/127.0.0.1/tcp/" + taken.getLocalPort();
      Path home = home("node", "network:\n  listen: [" + address + "]\n");
      for (String command : List.of("daemon", "daemon start")) {
        JsonObject error = refused(home, command.split(" "));
        assertThat(code(error)).as(command).isEqualTo("address-in-use");
        assertThat(error.get("message").getAsString()).containsOnlyOnce(address);
      }
      JsonObject error = refused(home("relay", ""), "relay", "serve", "--listen", address);
      assertThat(code(error)).isEqualTo("address-in-use");
      assertThat(error.get("message").getAsString()).containsOnlyOnce(address);
    }
  }

  @Test
  void aHomeThatRunsIsNotRunTwiceAndCommandsOfTheOtherKindSaySo() throws Exception {
    Path home = directory.resolve("relay");
    Home.of(home).ensure();
    DaemonProcess.start(
        Home.of(home), List.of("relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0"));
    try {
      assertThat(code(refused(home, "daemon"))).isEqualTo("home-in-use");
      assertThat(code(refused(home, "init"))).isEqualTo("home-in-use");
      for (String command : List.of("status", "daemon start", "peers", "ping x", "service list")) {
        JsonObject error = refused(home, command.split(" "));
        assertThat(code(error)).as(command).isEqualTo("wrong-kind");
        assertThat(error.get("message").getAsString()).contains(home.toString(), "relay");
      }
      Said info = peerup(home, "relay", "info");
      assertThat(info.status()).as("%s", info).isZero();
    } finally {
      assertThat(peerup(home, "daemon", "stop").status()).isZero();
    }
    assertThat(code(refused(home, "relay", "info"))).isEqualTo("not-running");
  }

  @Test
  void aHomeThatWasStoppedCanBeRunAgainAtOnce() throws Exception {
    Path home = home("again", "network:\n  listen: [/ip4/127.0.0.1/tcp/0]\n");
    for (int i = 0; i < 3; i++) {
      Said start = peerup(home, "daemon", "start");
      assertThat(start.status()).as("%s", start).isZero();
      Said stop = peerup(home, "daemon", "stop");
      assertThat(stop.status()).as("%s", stop).isZero();
    }
  }

  @Test
  void aRelayThatCannotBeReachedEndsTheJoinAndTheDaemonThatItStarted() throws Exception {
    Path relay = directory.resolve("relay");
    Home.of(relay).ensure();
    DaemonProcess.start(
        Home.of(relay), List.of("relay", "serve", "--listen", "/ip4/127.0.0.1/tcp/0"));
    Said made = peerup(relay, "relay", "pair", "--json");
    String code =
        Jsons.parseObject(made.out().strip()).getAsJsonArray("codes").get(0).getAsString();
    assertThat(peerup(relay, "daemon", "stop").status()).isZero();
    Path home = directory.resolve("home");
    JsonObject error = refused(home, "join", code, "--name", "home");
    assertThat(code(error)).isEqualTo("relay-unreachable");
    assertThat(code(refused(home, "status"))).isEqualTo("not-running");
    assertThat(home.resolve("authorized_keys")).doesNotExist();
    assertThat(home.resolve("state/groups.json")).doesNotExist();
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws Exception {
    Path locked = Files.createDirectory(directory.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
    if (Files.isWritable(locked)) {
      prefix = WITHOUT_THE_POWER_TO_WRITE_EVERYWHERE;
      assertThat(run(directory, command("touch", locked.resolve("x").toString())).status())
          .as("the directory is closed to the command")
          .isNotZero();
    }
    JsonObject error = refused(locked.resolve("home"), "init");
    assertThat(code(error)).isEqualTo("home-unusable");
    assertThat(error.get("message").getAsString()).contains("permission denied");
  }

  @Test
  void aFullDiskIsNamedEvenByADaemonInTheBackgroundAndNothingIsHalfWritten() throws Exception {
    String full = "dd if=/dev/zero of=fill bs=1k 2>/dev/null; \"$@\"; find home -type f -size +0";
    for (String command :
        List.of("init", "daemon start", "relay serve --listen /ip4/127.0.0.1/tcp/0")) {
      Said said = onADiskOfItsOwn(full, command);
      assertThat(said.err()).startsWith("error: ").contains("no space left on device", "\nhint: ");
      assertThat(said.err().lines()).as("%s", said).hasSize(2);
      assertThat(said.out()).as("files with content").isEmpty();
    }
  }

  @Test
  void aReadOnlyDiskIsNamed() throws Exception {
    for (String command :
        List.of("init", "daemon start", "relay serve --listen /ip4/127.0.0.1/tcp/0")) {
      Said said = onADiskOfItsOwn("mount -o remount,ro \"$PWD\"; \"$@\"", command);
      assertThat(said.err()).startsWith("error: ").contains("read-only", "\nhint: ");
      assertThat(said.err().lines()).as("%s", said).hasSize(2);
    }
  }

  /// Runs a command on a home on a small file system that exists for it alone, in a name space of
  /// its own; needs no rights, but a system that allows such name spaces.
  private Said onADiskOfItsOwn(String script, String arguments) throws Exception {
    Path disk = Files.createDirectories(directory.resolve("disk"));
    String mount = "mount -t tmpfs -o size=128k tmpfs . && cd \"$PWD\" && mkdir -m 700 home && ";
    Needs.that(
        run(disk, List.of("unshare", "-rm", "sh", "-c", mount + "true")).status() == 0,
        "this system does not allow mounts in a name space");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("unshare", "-rm", "sh", "-c", mount + "{ " + script + "; }", "sh"));
    command.addAll(DaemonProcess.self());
    command.addAll(List.of(arguments.split(" ")));
    command.addAll(List.of("--home", "home"));
    return run(disk, command);
  }

  @Test
  void wrongUsageWithJsonIsADocumentToo() throws Exception {
    Said said = peerup(directory.resolve("none"), "relay", "pair", "--count", "0", "--json");
    assertThat(said.status()).isEqualTo(2);
    assertThat(said.err()).isEmpty();
    assertThat(code(Jsons.parseObject(said.out().strip()).getAsJsonObject("error")))
        .isEqualTo("usage");
    assertThat(said.out()).contains("--count must be 1 to 64");
  }
}
