package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

class CommonTest {

  private static Common parsed(String... arguments) {
    ParseResult result = Peerup.commandLine().parseArgs(arguments);
    while (result.hasSubcommand()) {
      result = result.subcommand();
    }
    CommandLine innermost = result.commandSpec().commandLine();
    return Common.inForce(innermost.getCommandSpec());
  }

  @Test
  void theOptionComesBeforeTheEnvironmentAndTheEnvironmentBeforeTheDefault() {
    Common common = new Common();
    assertThat(common.home(null).root())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".config", "peerup"));
    assertThat(common.home(" ").root()).isEqualTo(common.home(null).root());
    assertThat(common.home("/env").root()).isEqualTo(Path.of("/env"));
    common.home = "/option";
    assertThat(common.home("/env").root()).isEqualTo(Path.of("/option"));
  }

  @Test
  void aHomeIsAbsoluteWhereverItIsUsedFrom() {
    assertThat(new Common().home("try/relay").root())
        .isEqualTo(Path.of("try/relay").toAbsolutePath());
  }

  @Test
  void aNameThatNoFolderCanHaveIsAFailureWithAHint() {
    assertThatThrownBy(() -> new Common().home("a\0b"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo("bad-home");
              assertThat(failure.hint()).isNotEmpty();
            });
  }

  @Test
  void anEmptyOptionIsNotTheDefaultHome() {
    Common common = new Common();
    common.home = "";
    assertThatThrownBy(() -> common.home("/env")).isInstanceOf(Failure.class);
  }

  @Test
  void theOptionsMayStandBeforeBetweenAndAfterTheCommandsWords() {
    assertThat(parsed("--home", "/a", "relay", "info").home(null).root()).isEqualTo(Path.of("/a"));
    assertThat(parsed("relay", "--home", "/a", "info").home(null).root()).isEqualTo(Path.of("/a"));
    assertThat(parsed("relay", "info", "--home", "/a").home(null).root()).isEqualTo(Path.of("/a"));
    assertThat(parsed("daemon", "--json", "status").json).isTrue();
    assertThat(parsed("--json", "version").json).isTrue();
    assertThat(parsed("version").json).isFalse();
  }

  @Test
  void theInnermostHomeWins() {
    assertThat(parsed("--home", "/a", "status", "--home", "/b").home(null).root())
        .isEqualTo(Path.of("/b"));
  }
}
