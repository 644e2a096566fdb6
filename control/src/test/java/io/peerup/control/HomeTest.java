package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HomeTest {
  @TempDir Path directory;

  @Test
  void twoSpellingsOfOneDirectoryAreTheSameHome() {
    assertThat(Home.of(Path.of("/a/b/../c/."))).isEqualTo(Home.of(Path.of("/a/c")));
    assertThat(Home.of(Path.of("x")).root()).isAbsolute();
  }

  @Test
  void theFilesLieWhereTheDocumentsSay() {
    Home home = Home.of(Path.of("/h"));

    assertThat(home.config()).hasToString("/h/config.yaml");
    assertThat(home.identityKey()).hasToString("/h/identity.key");
    assertThat(home.authorizedKeys()).hasToString("/h/authorized_keys");
    assertThat(home.state("groups.json")).hasToString("/h/state/groups.json");
    assertThat(home.cookie()).hasToString("/h/state/control.cookie");
    assertThat(home.log()).hasToString("/h/logs/peerup.log");
    assertThat(home.socket()).hasToString("/h/peerup.sock");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "/etc/passwd", "a/b", "", ".", "..", ".hidden", "a\0b", "UPPER"})
  void aStateFileHasAPlainName(String name) {
    assertThatThrownBy(() -> Home.of(Path.of("/h")).state(name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSocketLiesInTheHomeAsLongAsItsAddressFits() {
    Home longest = home(Limits.SOCKET_PATH_BYTES);
    assertThat(longest.socket()).isEqualTo(longest.root().resolve("peerup.sock"));
    assertThat(length(longest.socket())).isEqualTo(Limits.SOCKET_PATH_BYTES);
  }

  @Test
  void theSocketOfALongerHomeLiesInADirectoryNamedAfterIt() {
    Home tooLong = home(Limits.SOCKET_PATH_BYTES + 1);

    assertThat(length(tooLong.socket())).isLessThanOrEqualTo(Limits.SOCKET_PATH_BYTES);
    assertThat(tooLong.socket().toString()).matches(".*/peerup-[0-9a-f]{16}/peerup.sock");
    assertThat(tooLong.socket()).isEqualTo(home(Limits.SOCKET_PATH_BYTES + 1).socket());
    assertThat(tooLong.socket()).isNotEqualTo(home(Limits.SOCKET_PATH_BYTES + 2).socket());
  }

  /// A home whose socket would have a path of that many bytes inside it.
  private static Home home(int socketBytes) {
    return Home.of(Path.of("/" + "h".repeat(socketBytes - "//peerup.sock".length())));
  }

  private static int length(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void ensureCreatesTheDirectoriesAndNothingElse() {
    Home home = Home.of(directory.resolve("home"));
    assertThat(home.exists()).isFalse();

    home.ensure().ensure();

    assertThat(home.exists()).isTrue();
    assertThat(home.root()).isDirectoryContaining("glob:**/state");
    assertThat(home.root()).isDirectoryContaining("glob:**/logs");
    assertThat(home.socket()).doesNotExist();
  }

  @Test
  void ensureRefusesAPlantedStateLinkAndLeavesItsTargetAlone() throws Exception {
    Home home = Home.of(Files.createDirectory(directory.resolve("home")));
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.createSymbolicLink(home.stateDirectory(), elsewhere);

    assertThat(Failures.of(home::ensure).code()).isEqualTo("home-unusable");
    assertThat(elsewhere).isEmptyDirectory();
  }
}
