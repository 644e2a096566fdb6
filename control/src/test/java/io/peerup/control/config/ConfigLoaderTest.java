package io.peerup.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.peerup.control.Failure;
import io.peerup.control.Failures;
import io.peerup.control.FileFacts;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "# only a comment\n", "---\n", "{}", "relay:\n", "\uFEFFversion: 1\n"})
  void whatSaysNothingMeansAllDefaults(String yaml) {
    assertThat(ConfigText.of(parse(yaml))).isEqualTo(ConfigText.of(Config.defaults()));
  }

  @Test
  void aMissingFileMeansAllDefaults() {
    Config config = ConfigLoader.load(directory.resolve("config.yaml"));

    assertThat(ConfigText.of(config)).isEqualTo(ConfigText.of(Config.defaults()));
  }

  @Test
  void everyKeyIsRead() {
    Config config =
        parse(
            """
            version: 1
            network:
              listen: [/ip4/127.0.0.1/tcp/4001]
            discovery:
              network: my-crew
            relay:
              addresses:
                - /ip4/192.0.2.1/tcp/7777/p2p/12D3KooWA
                - "/dns4/example.org/tcp/1/p2p/12D3KooWB"
              direct: false
            relay-server:
              listen: []
              limits:
                reservations: 7
                reservation-ttl: 90s
                circuits-per-peer: 3
                circuit-bytes: 128KiB
                circuit-duration: 0
            log:
              level: debug
            """);

    assertThat(config.network().listen())
        .containsExactly(new Located<>("/ip4/127.0.0.1/tcp/4001", "network.listen[0]", 3));
    assertThat(config.discovery().network())
        .isEqualTo(new Located<>("my-crew", "discovery.network", 5));
    assertThat(config.relay().addresses())
        .extracting(Located::line, Located::key)
        .containsExactly(tuple(8, "relay.addresses[0]"), tuple(9, "relay.addresses[1]"));
    assertThat(config.relay().direct()).isFalse();
    assertThat(config.relayServer().listen()).isEmpty();
    assertThat(config.relayServer().limits())
        .isEqualTo(new Config.RelayLimits(7, Duration.ofSeconds(90), 3, 128 << 10, Duration.ZERO));
    assertThat(config.log().level()).isEqualTo(Config.Level.DEBUG);
  }

  @Test
  void whatIsWrittenOutIsReadBackToTheSame() {
    Config config =
        parse(
            "discovery: {network: no}\nrelay: {addresses: [\"/a'b: #c\"], direct: false}\n"
                + "relay-server: {limits: {circuit-bytes: 0, reservation-ttl: 1h30m}}\n");

    assertThat(ConfigText.of(parse(ConfigText.of(config)))).isEqualTo(ConfigText.of(config));
    assertThat(config.discovery().network().value()).isEqualTo("no");
    assertThat(parse(ConfigText.of(config)).relay().addresses().getFirst().value())
        .isEqualTo("/a'b: #c");
  }

  @Test
  void allProblemsAreToldAtOnceInTheOrderOfTheFile() {
    Failure failure =
        Failures.of(() ->
            ConfigLoader.parse(
                "config.yaml",
                """
                version: 2
                network:
                  lisen: []
                discovery:
                  network: -bad-
                relay:
                  addresses: /ip4/1.2.3.4
                  direct: maybe
                  direct: false
                relay-server:
                  limits:
                    reservations: many
                    reservation-ttl: 3600
                    circuit-bytes: 1 GB
                log:
                  level: loud
                colour: blue
                """,
                (config, problems) ->
                    problems.add(config.discovery().network(), "the checker saw it too")));

    assertThat(failure.code()).isEqualTo("config-invalid");
    assertThat(failure.message().lines())
        .containsExactly(
            "config.yaml:1: version: must be from 1 to 1",
            "config.yaml:3: network.lisen: unknown key (did you mean network.listen?)",
            "config.yaml:5: discovery.network: must be at most 63 of a-z, 0-9 and dashes, without"
                + " a dash at either end",
            "config.yaml:5: discovery.network: the checker saw it too",
            "config.yaml:7: relay.addresses: expected a list, one `- value` a line, or [] for none",
            "config.yaml:8: relay.direct: expected true or false",
            "config.yaml:9: relay.direct: written twice, first in line 8",
            "config.yaml:12: relay-server.limits.reservations: expected a whole number",
            "config.yaml:13: relay-server.limits.reservation-ttl: \"3600\" is not a duration; write"
                + " it like 90s, 15m, 1h30m or 7d",
            "config.yaml:14: relay-server.limits.circuit-bytes: \"1 GB\" is not a number of bytes;"
                + " write it like 1048576, 64MiB or 2GiB",
            "config.yaml:16: log.level: must be one of error, warn, info, debug, trace",
            "config.yaml:17: colour: unknown key");
    assertThat(failure.hint()).contains("peerup config validate", "config.yaml.example");
  }

  @ParameterizedTest
  @CsvSource({
    "network: {lisen: []}, network.listen",
    "network: {listne: []}, network.listen",
    "relay: {adresses: []}, relay.addresses",
    "relay_server: {}, relay-server",
    "relayserver: {}, relay-server",
    "netwrok: {}, network",
    "listen: [], network.listen",
    "log: {levl: info}, log.level",
    "discovery: {addresses: []}, relay.addresses",
    "level: info, log.level",
  })
  void anUnknownKeyIsAnsweredWithTheNearestOne(String yaml, String nearest) {
    assertThat(problems(yaml)).singleElement().asString().contains("did you mean " + nearest + "?");
  }

  @ParameterizedTest
  @CsvSource({
    "network: {listen_addresses: []}, it is now network.listen",
    "identity: {key_file: x}, identity.key in the home",
    "discovery: {rendezvous: x}, use discovery.network",
    "names: {home: x}, peer rename",
  })
  void aRetiredKeyIsExplained(String yaml, String explanation) {
    assertThat(problems(yaml))
        .singleElement()
        .asString()
        .contains("is no longer a setting", explanation);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "network: 5 | network: is a section",
        "network: [] | network: is a section",
        "relay: {direct: []} | expected true or false, found a list",
        "relay: {direct: {}} | expected true or false, found a section",
        "relay: {direct: yes} | expected true or false",
        "relay: {direct: } | has no value",
        "relay: {addresses: } | expected a list",
        "relay: {addresses: {a: b}} | expected a list",
        "relay: {addresses: [[x]]} | relay.addresses[0]: expected a text, found a list",
        "relay: {addresses: [~]} | relay.addresses[0]: has no value",
        "version: 1.0 | expected a whole number",
        "version: 01 | expected a whole number",
        "version: '1 ' | expected a whole number",
        "relay-server: {limits: {reservations: -1}} | expected a whole number",
        "relay-server: {limits: {reservations: 1000001}} | must be from 0 to 1000000",
        "relay-server: {limits: {reservations: 99999999999999}} | expected a whole number",
        "relay-server: {limits: {reservation-ttl: 59s}} | must be from 1m to 365d",
        "relay-server: {limits: {circuit-bytes: -1}} | is not a number of bytes",
        "relay-server: {limits: {circuit-bytes: 999999999999999TiB}} | is not a number of bytes",
        "discovery: {network: UPPER} | must be at most 63 of a-z",
        "just text | the file must hold",
        "- a | the file must hold",
        "? [a] : b | a key must be a plain word",
        "a: b: c | not YAML",
        "a: 'b | not YAML",
        "{a: 1}} | not YAML",
      })
  void whatDoesNotFitIsSaid(String yaml, String problem) {
    assertThat(problems(yaml)).first().asString().startsWith("f.yaml").contains(problem);
  }

  @Test
  void aSyntaxErrorNamesItsLine() {
    assertThat(problems("version: 1\nnetwork: [\nrelay: {}\n"))
        .singleElement()
        .asString()
        .startsWith("f.yaml:4: not YAML: expected ',' or ']'")
        .endsWith("(while parsing a flow sequence that begins in line 2)");
  }

  @Test
  void anAliasBombIsRefusedWithoutBeingBuilt() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }

    assertThat(problems(bomb.toString())).singleElement().asString().contains("aliases");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: &x {b: *x}",
        "relay: &r {direct: false}\nlog: *r",
        "base: &b {direct: true}\nrelay: {<<: *b}",
      })
  void aliasesAndMergesAreRefused(String yaml) {
    assertThat(problems(yaml)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version: !!javax.script.ScriptEngineManager [x]",
        "version: !!java.net.URL [\"http://example.org\"]",
        "!x {version: 1}",
        "relay: {addresses: !!set {a}}",
        "relay: {addresses: [!!binary aGk=]}",
      })
  void tagsThatNameTypesAreRefused(String yaml) {
    assertThat(problems(yaml))
        .anySatisfy(
            line -> assertThat(line).containsAnyOf("is not supported", "tag is not allowed"));
  }

  @ParameterizedTest
  @CsvSource({"0x0", "0x1B", "0x7F", "0x85", "0x202E", "0x2066", "0x200B", "0xE0041", "0x2028"})
  void invisibleCharactersAreRefusedWithTheirLineEvenInComments(String codePoint) {
    int c = Integer.decode(codePoint);

    assertThat(problems("version: 1\n# a" + Character.toString(c) + "b\n"))
        .containsExactly("f.yaml:2: the invisible character U+%04X is not allowed".formatted(c));
  }

  @Test
  void invisibleCharactersAreRefusedWhenWrittenAsEscapesToo() {
    assertThat(problems("relay: {addresses: [\"/ip4/\\e[2J\"]}"))
        .containsExactly("f.yaml:1: relay.addresses[0]: contains an invisible character");
  }

  @Test
  void problemsAreSafeToPrint() {
    assertThat(problems("\"\\e]0;x\\a\": 1\n").getFirst()).contains("<U+001B>");
  }

  @Test
  void nestingDeeperThanTheLimitIsRefused() {
    assertThat(problems("a: " + "[".repeat(10_000) + "]".repeat(10_000)))
        .singleElement()
        .asString()
        .contains("not YAML");
  }

  @Test
  void aListIsReadToItsLimitAndNotBeyond() {
    String entries = "x, ".repeat(Limits.LIST_ENTRIES - 1) + "x";
    assertThat(parse("relay: {addresses: [" + entries + "]}").relay().addresses())
        .hasSize(Limits.LIST_ENTRIES);

    assertThat(problems("relay: {addresses: [" + entries + ", x]}"))
        .singleElement()
        .asString()
        .contains("has more than 64 entries");
  }

  @Test
  void aTextIsReadToItsLimitAndNotBeyond() {
    String longest = "/" + "x".repeat(Limits.TEXT_CHARACTERS - 1);
    assertThat(parse("relay: {addresses: [" + longest + "]}").relay().addresses()).hasSize(1);

    assertThat(problems("relay: {addresses: [" + longest + "x]}"))
        .singleElement()
        .asString()
        .contains("is longer than 512 characters");
  }

  @Test
  void problemsBeyondTheLimitAreCounted() {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < Limits.PROBLEMS + 5; i++) {
      yaml.append("zzzzzzzzzz").append(i).append(": 1\n");
    }

    List<String> problems = problems(yaml.toString());
    assertThat(problems).hasSize(Limits.PROBLEMS + 1);
    assertThat(problems.getLast()).isEqualTo("f.yaml: and 5 more");
  }

  @Test
  void aFileIsReadToItsLimitAndNotBeyond() throws IOException {
    Path file = directory.resolve("config.yaml");
    String comment = "#" + "x".repeat(Limits.FILE_BYTES - 1);
    Files.writeString(file, comment);
    ConfigLoader.load(file);

    Files.writeString(file, comment + "x");
    Failure failure = Failures.of(() -> ConfigLoader.load(file));
    assertThat(failure.code()).isEqualTo("config-unreadable");
    assertThat(failure.message()).contains("larger than 256 KiB");
  }

  @Test
  void aFileThatOthersMayReadIsFine() throws IOException {
    Path file = written("log: {level: warn}\n", "rw-r--r--");

    assertThat(ConfigLoader.load(file).log().level()).isEqualTo(Config.Level.WARN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw-r--", "rw-r--rw-", "rw--w----"})
  void aFileThatOthersMayChangeIsRefused(String mode) throws IOException {
    Path file = written("log: {level: warn}\n", mode);

    Failure failure = Failures.of(() -> ConfigLoader.load(file));

    assertThat(failure.code()).isEqualTo("config-unsafe");
    assertThat(failure.hint()).isEqualTo("chmod go-w " + file);
  }

  @Test
  void aFileOfAnotherUserIsRefused() throws IOException {
    Needs.that(FileFacts.ourUid() == 0, "only root can give files away");
    Path file = written("", "rw-r--r--");
    Files.setAttribute(file, "unix:uid", 65534);

    assertThat(Failures.of(() -> ConfigLoader.load(file)).code()).isEqualTo("config-unsafe");
  }

  @Test
  void aDirectoryIsNoConfig() throws IOException {
    Path file = Files.createDirectory(directory.resolve("config.yaml"));

    assertThat(Failures.of(() -> ConfigLoader.load(file)).code()).isEqualTo("config-unreadable");
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedWithTheirLine() throws IOException {
    Path file = directory.resolve("config.yaml");
    Files.write(file, "version: 1\n# caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));

    Failure failure = Failures.of(() -> ConfigLoader.load(file));

    assertThat(failure.message()).isEqualTo(file + ":2: this is not UTF-8 text");
  }

  private static Config parse(String yaml) {
    return ConfigLoader.parse("f.yaml", yaml);
  }

  private static List<String> problems(String yaml) {
    Failure failure = Failures.of(() -> parse(yaml));
    assertThat(failure.code()).isEqualTo("config-invalid");
    return failure.message().lines().toList();
  }

  private Path written(String yaml, String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("config.yaml"), yaml);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }
}
