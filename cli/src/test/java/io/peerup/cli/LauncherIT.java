package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The `peerup` script: which java it starts with which cache of loaded classes. Mostly in a small
/// installation whose java only says how it was started.
@Timeout(300)
class LauncherIT {

  private static final Path ROOT = Path.of(System.getProperty("peerup.root", ".."));

  /// Says how it was started; a second word for each argument keeps blanks visible.
  private static final String JAVA =
      """
      #!/bin/sh
      for each in "$@"; do echo "<$each>"; done
      echo "authorities: $SSL_CERT_FILE"
      """;

  @TempDir Path temporary;
  private Path home;
  private Path app;
  private Path jdk;

  @BeforeEach
  void install() throws IOException {
    home = Files.createDirectories(temporary.resolve("a folder"));
    app = home.resolve("cli/target/app");
    jdk = home.resolve("jdk 25");
    Files.createDirectories(app.resolve("lib"));
    Files.createDirectories(jdk.resolve("bin"));
    Files.createDirectories(jdk.resolve("lib/server"));
    Files.copy(ROOT.resolve("peerup"), home.resolve("peerup"));
    for (String each : List.of("caches.sh", "client.options", "daemon.options")) {
      Files.copy(ROOT.resolve("cli/src/main/app").resolve(each), app.resolve(each));
    }
    Files.writeString(app.resolve("lib/a.jar"), "jar a");
    Files.writeString(app.resolve("lib/b.jar"), "jar b");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
    Files.writeString(jdk.resolve("lib/modules"), "modules");
    Files.writeString(jdk.resolve("lib/server/libjvm.so"), "jvm");
    executable(jdk.resolve("bin/java"), JAVA);
    executable(home.resolve("peerup"), Files.readString(home.resolve("peerup")));
    try (Stream<Path> all = Files.walk(home)) {
      for (Path each : all.toList()) {
        Files.setLastModifiedTime(each, FileTime.from(Instant.parse("2026-01-01T12:00:00Z")));
      }
    }
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PEERUP_JAVA_HOME", jdk.toString());
    builder.environment().keySet().removeAll(List.of("PEERUP_CACHES", "PEERUP_LAUNCHER"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said + "exit " + process.exitValue();
  }

  private String peerup(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(home.resolve("peerup").toString()));
    command.addAll(List.of(arguments));
    return run(Map.of(), command.toArray(String[]::new));
  }

  /// Runs shell text with the functions of `caches.sh`; the rehearsal is a stand-in of a moment.
  private String caches(String text) throws Exception {
    String before =
        """
        set -eu
        java=$1/bin/java app=$2
        . "$app/caches.sh"
        caches_rehearse() { sleep 0.3; echo "$made" >"$made/client.aot"; echo "$made" >"$made/daemon.aot"; mkdir "$1"; }
        """;
    return run(Map.of(), "sh", "-c", before + text, "sh", jdk.toString(), app.toString());
  }

  private String cache(String kind) {
    return "<-XX:AOTCache=" + app.resolve("caches/" + kind + ".aot") + ">";
  }

  @Test
  void theCachesOfTheBuildAreTakenByTheVirtualMachine() throws Exception {
    for (String command : List.of("version", "p2p")) {
      Path log = temporary.resolve(command + ".log");
      String launcher = ROOT.resolve("peerup").toAbsolutePath().normalize().toString();
      run(
          Map.of("PEERUP_JAVA_HOME", "", "JDK_JAVA_OPTIONS", "-Xlog:aot=info:file=" + log),
          launcher,
          command);
      assertThat(log).content().contains("Using AOT-linked classes: true");
    }
  }

  @Test
  void aCommandThatAsksTheDaemonLoadsNeitherNettyNorCommandTreeAndNothingThatTheCacheLacks()
      throws Exception {
    String at = temporary.resolve("node").toString();
    String launcher = ROOT.resolve("peerup").toAbsolutePath().normalize().toString();
    Map<String, String> real = Map.of("PEERUP_JAVA_HOME", "");
    assertThat(run(real, launcher, "init", "--home", at)).endsWith("exit 0");
    assertThat(run(real, launcher, "daemon", "start", "--home", at)).endsWith("exit 0");
    try {
      for (List<String> asks : List.of(List.of("daemon", "status"), List.of("status"))) {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.addAll(asks);
        command.addAll(List.of("--home", at));
        assertThat(loaded("off", command))
            .contains("io.peerup.control.client.ControlClient")
            .doesNotContain(" io.netty.", " picocli.CommandLine$Model", " org.bouncycastle.");
        assertThat(loaded("", command))
            .contains("io.peerup.control.client.ControlClient source: shared objects file")
            .doesNotContain(" source: file:", " io.netty.");
      }
    } finally {
      run(real, launcher, "daemon", "stop", "--home", at);
    }
  }

  private String loaded(String caches, List<String> command) throws Exception {
    Path log = Files.createTempFile(temporary, "loaded", ".log");
    Map<String, String> environment =
        Map.of(
            "PEERUP_JAVA_HOME",
            "",
            "PEERUP_CACHES",
            caches,
            "JDK_JAVA_OPTIONS",
            "-Xlog:class+load:file=" + log);
    assertThat(run(environment, command.toArray(String[]::new))).endsWith("exit 0");
    return Files.readString(log);
  }

  @Test
  void shortCommandsAndLongOnesHaveACacheEachAlsoThroughALinkAndAPathWithBlanks() throws Exception {
    assertThat(caches("caches_make")).endsWith("exit 0");
    assertThat(peerup("--home", "x y", "daemon", "status"))
        .contains(cache("client"), "<@" + app.resolve("client.options") + ">", "<x y>")
        .endsWith("exit 0");
    assertThat(peerup("daemon"))
        .contains(cache("daemon"), "<@" + app.resolve("daemon.options") + ">");
    Path link = Files.createSymbolicLink(temporary.resolve("link"), home.resolve("peerup"));
    assertThat(run(Map.of(), link.toString(), "status")).contains(cache("client"));
    assertThat(run(Map.of("PEERUP_CACHES", "off"), link.toString(), "status"))
        .contains("<status>")
        .doesNotContain("AOTCache=");
  }

  @Test
  void whatStaysReadsNoCertificateAuthoritiesOfTheSystem() throws Exception {
    Map<String, String> environment = Map.of("SSL_CERT_FILE", "/etc/authorities");
    String launcher = home.resolve("peerup").toString();
    for (List<String> each : List.of(List.of("daemon"), List.of("relay", "serve"))) {
      List<String> command = new ArrayList<>(List.of(launcher));
      command.addAll(each);
      assertThat(run(environment, command.toArray(String[]::new)))
          .contains("authorities: /dev/null\n");
    }
    assertThat(run(environment, launcher, "status")).contains("authorities: /etc/authorities\n");
  }

  @Test
  void cachesOfOtherJarsOtherOptionsOrAnotherJdkAreNotTaken() throws Exception {
    for (Path changed :
        List.of(
            app.resolve("lib/a.jar"),
            app.resolve("client.options"),
            jdk.resolve("lib/modules"),
            jdk.resolve("lib/server/libjvm.so"))) {
      assertThat(caches("caches_make; caches_fit")).endsWith("exit 0");
      byte[] old = Files.readAllBytes(changed);
      Files.writeString(changed, "# something longer than before ".repeat(old.length));
      assertThat(caches("caches_fit")).as("%s", changed).endsWith("exit 1");
    }
    assertThat(caches("caches_make; caches_fit")).endsWith("exit 0");
    Files.writeString(app.resolve("lib/c.jar"), "one more");
    assertThat(caches("caches_fit")).endsWith("exit 1");
  }

  @Test
  void aJarWrittenAgainInTheMinuteInWhichTheCachesWereMadeIsSeen() throws Exception {
    assertThat(caches("caches_make; caches_fit")).endsWith("exit 0");
    Path jar = app.resolve("lib/a.jar");
    FileTime made = Files.getLastModifiedTime(app.resolve("caches/of"));
    Files.writeString(jar, "jar A");
    Files.setLastModifiedTime(jar, FileTime.from(made.toInstant().plusMillis(1)));
    assertThat(
            caches(
                "caches_of >\"$app/expected\"; cp -p \"$app/caches/of\" \"$app/at\";"
                    + " cat \"$app/expected\" >\"$app/caches/of\"; touch -r \"$app/at\" \"$app/caches/of\"; caches_fit"))
        .endsWith("exit 1");
  }

  @Test
  void aMovedInstallationKeepsItsCaches() throws Exception {
    assertThat(caches("caches_make")).endsWith("exit 0");
    Path moved = home.resolveSibling("elsewhere");
    Files.move(home.resolve("cli"), moved);
    Files.createSymbolicLink(home.resolve("cli"), moved);
    assertThat(peerup("status")).contains(cache("client"));
  }

  @Test
  void ofTwoThatMakeCachesAtOnceOneDoesAndNeitherLeavesAnythingBehind() throws Exception {
    assertThat(caches("caches_make & caches_make; wait; caches_fit")).endsWith("exit 0");
    String made = Files.readString(app.resolve("caches/client.aot"));
    assertThat(app.resolve("caches/daemon.aot")).hasContent(made.strip());
    try (Stream<Path> left = Files.list(app)) {
      assertThat(left.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "caches", "caches.sh", "client.options", "daemon.options", "lib");
    }
    try (Stream<Path> left = Files.list(app.resolve("caches"))) {
      assertThat(left).hasSize(3);
    }
  }

  @Test
  void cachesOfJarsThatChangedMeanwhileAreThrownAway() throws Exception {
    assertThat(caches("(sleep 0.1; echo more >>\"$app/lib/a.jar\") & caches_make"))
        .endsWith("exit 1");
    assertThat(app.resolve("caches")).doesNotExist();
  }

  @Test
  void aFailedAttemptIsNotRepeatedForTenMinutes() throws Exception {
    assertThat(caches("caches_rehearse() { return 1; }; caches_make")).endsWith("exit 1");
    assertThat(caches("caches_make")).endsWith("exit 0");
    assertThat(app.resolve("caches")).doesNotExist();
    Files.setLastModifiedTime(
        app.resolve("caches.lock"), FileTime.from(Instant.now().minusSeconds(700)));
    assertThat(caches("caches_make; caches_fit")).endsWith("exit 0");
  }

  @Test
  void aReadOnlyInstallationWorksWithItsCachesAndWithout() throws Exception {
    // Also for the superuser, who may otherwise write everywhere.
    List<String> unprivileged = List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");
    Needs.that(Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is not here");
    for (boolean with : List.of(false, true)) {
      if (with) {
        assertThat(caches("caches_make")).endsWith("exit 0");
      }
      run(Map.of(), "chmod", "-R", "a-w", app.toString());
      List<String> command = new ArrayList<>(unprivileged);
      command.addAll(List.of(home.resolve("peerup").toString(), "status"));
      String said = run(Map.of(), command.toArray(String[]::new));
      run(Map.of(), "chmod", "-R", "u+w", app.toString());
      assertThat(said).contains("<status>").endsWith("exit 0");
      assertThat(said.contains(cache("client"))).isEqualTo(with);
      assertThat(app.resolve("caches.lock")).doesNotExist();
    }
  }

  @Test
  void othersCannotWriteCachesWhateverTheUmask() throws Exception {
    assertThat(caches("umask 000; caches_make")).endsWith("exit 0");
    try (Stream<Path> all = Files.walk(app.resolve("caches"))) {
      assertThat(all.toList())
          .allSatisfy(each ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                  .matches(".{4}-..-."));
    }
  }
}
