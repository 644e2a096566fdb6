package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/// What the command tree promises without running anything: help, options, suggestions.
class UsageTest {

  private static final String PEER =
      "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Peerup.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  static List<CommandSpec> everyCommand() {
    List<CommandSpec> all = new ArrayList<>();
    collect(Peerup.commandLine().getCommandSpec(), all);
    return all;
  }

  private static void collect(CommandSpec spec, List<CommandSpec> all) {
    all.add(spec);
    spec.subcommands().values().forEach(each -> collect(each.getCommandSpec(), all));
  }

  private static String[] words(CommandSpec spec, String last) {
    List<String> words = new ArrayList<>(List.of(spec.qualifiedName().split(" ")));
    words.removeFirst();
    words.add(last);
    return words.toArray(String[]::new);
  }

  @Test
  void aRelayMakes64CodesAtOnceAndNotOneMore() {
    String home = directory.resolve("relay").toString();
    assertThat(run("relay", "pair", "--home", home, "--count", "64")).isNotEqualTo(2);
    assertThat(err.toString()).doesNotContain("--count");
    for (String count : List.of("65", "0")) {
      assertThat(run("relay", "pair", "--home", home, "--count", count)).isEqualTo(2);
      assertThat(err.toString()).contains("--count must be 1 to 64");
    }
  }

  @Test
  void theCommandsAreThoseThatTheDocumentsPromise() {
    List<String> names = everyCommand().stream().map(CommandSpec::qualifiedName).toList();
    assertThat(names)
        .contains(
            "peerup demo",
            "peerup init",
            "peerup whoami",
            "peerup join",
            "peerup accept",
            "peerup daemon",
            "peerup daemon start",
            "peerup daemon stop",
            "peerup daemon status",
            "peerup daemon logs",
            "peerup status",
            "peerup peers",
            "peerup peer list",
            "peerup peer rename",
            "peerup peer remove",
            "peerup peer allow",
            "peerup peer deny",
            "peerup peer block",
            "peerup peer unblock",
            "peerup peer forget-security",
            "peerup trust explain",
            "peerup ping",
            "peerup verify",
            "peerup service add",
            "peerup service list",
            "peerup service remove",
            "peerup service enable",
            "peerup service disable",
            "peerup proxy",
            "peerup config show",
            "peerup config validate",
            "peerup secrets status",
            "peerup secrets passphrase set",
            "peerup secrets passphrase change",
            "peerup secrets passphrase remove",
            "peerup relay serve",
            "peerup relay pair",
            "peerup relay info",
            "peerup relay peers",
            "peerup relay authorize",
            "peerup relay deauthorize",
            "peerup p2p listen",
            "peerup p2p ping",
            "peerup p2p identify",
            "peerup p2p perf",
            "peerup p2p reserve",
            "peerup version",
            "peerup completion");
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void everyCommandAndEachOfItsArgumentsIsDescribed(CommandSpec spec) {
    String[] header = spec.usageMessage().header();
    String[] description = spec.usageMessage().description();
    assertThat(header.length + description.length).as("%s", spec.qualifiedName()).isPositive();
    // The first line stands alone in the list of commands, so it is a sentence.
    String first = header.length > 0 ? header[0] : description[0];
    assertThat(first).as("%s", spec.qualifiedName()).matches("(?s)[A-Z].*[.]");
    for (ArgSpec argument : spec.args()) {
      assertThat(String.join(" ", argument.description()))
          .as("%s of %s", argument, spec.qualifiedName())
          .matches("(?s)[A-Z].*[.]");
    }
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void everyCommandHasHelpWithoutAHome(CommandSpec spec) {
    assertThat(run(words(spec, "--help"))).isZero();
    assertThat(out.toString()).contains("Usage: " + spec.qualifiedName());
    for (var option : spec.options()) {
      assertThat(out.toString()).contains(option.longestName());
    }
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void anUnknownFlagIsRefusedByEveryCommandWithTheOneThatWasMeant(CommandSpec spec) {
    List<String> words = new ArrayList<>(List.of(words(spec, "--hlep")));
    spec.positionalParameters()
        .forEach(each -> words.add(each.paramLabel().endsWith("MULTIADDR") ? PEER : "1"));
    assertThat(run(words.toArray(String[]::new))).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("--hlep").contains("--help");
  }

  @Test
  void withoutACommandTheUsageGoesToStandardErrorWithStatusTwo() {
    assertThat(run()).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("Usage: peerup", "relay", "join");
  }

  @ParameterizedTest
  @CsvSource({
    "staus, peerup staus, status",
    "relay sreve, peerup relay sreve, serve",
    "daemon strat, peerup daemon strat, start"
  })
  void anUnknownCommandIsNamedWithTheOneThatWasMeant(String typed, String named, String meant) {
    assertThat(run(typed.split(" "))).isEqualTo(2);
    assertThat(err.toString())
        .contains("error: there is no command `" + named + "`")
        .contains("hint: did you mean ")
        .contains(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "relay pair --count 0",
        "relay pair --count -1",
        "relay pair --count 65",
        "relay pair --count 1000000",
        "relay pair --count many",
        "relay pair --ttl 0",
        "relay pair --ttl 59s",
        "relay pair --ttl 31d",
        "relay pair --ttl 1",
        "relay pair --ttl -1h",
        "relay pair --expires 3s",
        "relay pair --network A.B",
        "relay pair --list --revoke abcd",
        "relay pair --list --reissue -",
        "relay pair --reissue - --network other",
        "relay serve --listen nonsense",
        "relay serve --listen /ip4/127.0.0.1",
        "ping home --count -1",
        "verify",
        "verify home --full --code 123-456",
        "invite --spoken --qr",
        "invite --url --require-sas",
        "ping home --count 1000001",
        "ping home --interval 9",
        "proxy home web 65536",
        "proxy home web -1",
        "proxy home web",
        "daemon logs -n -1",
        "init --network Home",
        "completion tcsh",
        "help nothing",
        "join",
        "status more",
        "relay",
        "peer",
        "peer allow",
        "peer allow home",
        "peer deny",
        "peer block",
        "peer block home --id 12D3KooW",
        "peer unblock",
        "peer list --blocked --allowed",
        "peer list --blocked --tier local",
        "peer list --tier root",
        "trust",
        "trust explain",
        "service",
        "config"
      })
  void wrongUsageIsStatusTwoAndOneErrorWithAHintBeforeAnythingIsCreated(String typed) {
    Path home = directory.resolve("home");
    List<String> words = new ArrayList<>(List.of("--home", home.toString()));
    words.addAll(List.of(typed.split(" ")));
    assertThat(run(words.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(2);
    assertThat(err.toString()).startsWith("error: ").contains("\nhint: ");
    assertThat(out.toString()).isEmpty();
    assertThat(home).doesNotExist();
  }

  @Test
  void theVersionIsAnOptionAndACommand() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString().strip()).isEqualTo(VersionCommand.line());
  }

  @Test
  void helpOnACommandIsItsHelp() {
    CommandLine root = Peerup.commandLine();
    HelpCommand help = (HelpCommand) sub(root, "help").getCommand();
    assertThat(help.text(List.of("relay", "pair")))
        .isEqualTo(sub(sub(root, "relay"), "pair").getUsageMessage().stripTrailing());
    assertThat(help.text(List.of("pairing"))).contains("peerup relay pair", "[UNVERIFIED]");
  }

  private static CommandLine sub(CommandLine command, String name) {
    return Objects.requireNonNull(command.getSubcommands().get(name));
  }

  @Test
  void theFishScriptKnowsEveryCommandAndOption() {
    String script = FishCompletion.script(Peerup.commandLine().getCommandSpec());
    for (CommandSpec spec : everyCommand()) {
      if (spec.parent() != null) {
        assertThat(script).contains(" -a " + spec.name() + " ");
      }
      spec.options()
          .forEach(each -> assertThat(script).contains("-l " + each.longestName().substring(2)));
    }
    assertThat(script.lines().filter(line -> line.startsWith("complete ")))
        .allMatch(line -> quotesAreEven(line), "quotes are closed");
  }

  private static boolean quotesAreEven(String line) {
    return line.replace("\\'", "").chars().filter(c -> c == '\'').count() % 2 == 0;
  }
}
