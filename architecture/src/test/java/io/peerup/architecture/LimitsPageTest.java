package io.peerup.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/limits.md` says what every bound is: what it names must exist, and what exists it must
/// name. A bound stands there as `Class.CONSTANT` or `Record.component`; the many classes called
/// `Limits` carry their package in front (`noise.Limits.MUXERS_MAX`).
class LimitsPageTest {

  private static final String PAGE = "docs/limits.md";
  private static final Set<String> NOT_SHIPPED = Set.of("bench", "testkit");

  /// `package.Class.MEMBER` or `Class.MEMBER` in code quotes.
  private static final Pattern BOUND =
      Pattern.compile("`(?:([a-z]\\w*)\\.)?([A-Z]\\w*[a-z]\\w*)\\.(\\w+)`");

  private static final Pattern CONSTANT =
      Pattern.compile("static final [\\w<>]+ ([A-Z0-9_]+)\\s*=");
  private static final Pattern RECORD = Pattern.compile("record (\\w+Limits)\\(([^)]*)\\)");
  private static final Pattern COMPONENT = Pattern.compile("\\w+ (\\w+)\\s*(?:,|$)");

  /// One source file with its module and its package's last name.
  private record Source(String module, String room, String name, String text) {

    boolean has(String member) {
      return Pattern.compile("\\b" + member + "\\b").matcher(text).find();
    }

    String names(String member) {
      return name.equals("Limits") ? room + ".Limits." + member : name + "." + member;
    }
  }

  @Test
  void everyTestOnThePageExists() throws IOException {
    assertThat(TestSources.requireAllNamedIn(PAGE)).isNotNegative();
  }

  @Test
  void everyBoundOnThePageExists() throws IOException {
    List<Source> sources = sources();
    for (MatchResult bound : bounds()) {
      String room = bound.group(1);
      assertThat(sources)
          .as("a source with %s", bound.group())
          .anyMatch(source ->
              source.name().equals(bound.group(2))
                  && (room == null || room.equals(source.room()))
                  && source.has(bound.group(3)));
    }
  }

  @Test
  void everyBoundOfALimitsClassIsOnThePage() throws IOException {
    Set<String> page = new LinkedHashSet<>();
    bounds().forEach(bound -> page.add(bound.group().replace("`", "")));
    List<String> missing = new ArrayList<>();
    int found = 0;
    for (Source source : sources()) {
      if (source.name().endsWith("Limits")) {
        List<String> members = members(source).stream().map(source::names).toList();
        found += members.size();
        members.stream().filter(member -> !page.contains(member)).forEach(missing::add);
      }
    }
    assertThat(found).as("bounds in Limits classes").isGreaterThan(50);
    assertThat(missing).as("bounds that the page does not name").isEmpty();
  }

  /// What is no bound against anybody, although its name ends like one.
  private static final Map<String, List<String>> EXEMPT =
      Map.ofEntries(
          Map.entry("our own threads", List.of("HostBuilder.LOOPS_MAX")),
          Map.entry(
              "our own pushes at a time; each peer bounds what it hears",
              List.of("IdentifyService.PUSHES_MAX")),
          Map.entry(
              "the form of an address",
              List.of(
                  "IpLiteral.V4_CHARS_MAX", "IpLiteral.V6_CHARS_MAX", "Target.HOST_LENGTH_MAX")),
          Map.entry(
              "never reached: what the muxer above hands over is bounded",
              List.of("StreamDuplex.QUEUE_BYTES_MAX")),
          Map.entry("the size of one read", List.of("TcpDuplex.READ_BYTES_MAX")),
          Map.entry(
              "the size of a piece; the window bounds their sum", List.of("Inbox.CHUNK_BYTES_MAX")),
          Map.entry(
              "follows from YamuxLimits.FRAME_BYTES_MAX", List.of("Outbound.PAYLOAD_BYTES_MAX")),
          Map.entry(
              "how long a command waits for what it started",
              List.of(
                  "AcceptCommand.REQUEST_MAX",
                  "DaemonProcess.START_MAX",
                  "DaemonProcess.STOP_MAX",
                  "Demo.CONNECT_MAX",
                  "DemoWorld.COMMAND_MAX",
                  "DemoWorld.END_MAX",
                  "InviteCommand.LINK_MAX",
                  "JoinCommand.JOIN_MAX",
                  "StatusCommand.ASK_MAX",
                  "InviteRoutes.ACKNOWLEDGED_MAX")),
          Map.entry(
              "what a person may type; more is a typing error",
              List.of(
                  "AcceptCommand.WAIT_MAX",
                  "DaemonCommand.LINES_MAX",
                  "InviteCommand.TTL_MAX",
                  "InviteCommand.LINK_TTL_MAX",
                  "InviteCommand.LINK_USES_MAX",
                  "JoinCommand.CODE_LENGTH_MAX",
                  "PingCommand.COUNT_MAX",
                  "PingRoute.COUNT_MAX",
                  "RelayPairCommand.TTL_MAX",
                  "RelayPairCommand.EXPIRES_MAX",
                  "InviteRoutes.TTL_SECONDS_MAX",
                  "LinkRoutes.TTL_SECONDS_MAX",
                  "LinkRoutes.USES_MAX",
                  "LinkRoutes.WAIT_SECONDS_MAX")),
          Map.entry(
              "what is shown of it",
              List.of(
                  "DaemonProcess.OUTPUT_LENGTH_MAX",
                  "WordList.SUGGESTIONS_MAX",
                  "WordList.DISTANCE_MAX",
                  "WordList.WORD_CHARS_MAX")),
          Map.entry("our own log", List.of("Logging.FILE_BYTES_MAX")),
          Map.entry(
              "the form of a message",
              List.of(
                  "DnsMessage.LABEL_BYTES_MAX",
                  "Fields.DURATION_MAX",
                  "HopCodec.EXPIRE_SECONDS_MAX",
                  "Voucher.SECONDS_MAX",
                  "InviteTableJson.KIND_MAX",
                  "Intro.SIGNATURE_BYTES_MAX",
                  "CodeMaker.NUMBER_MAX")),
          Map.entry(
              "the form of a peer id",
              List.of(
                  "FullCode.PEER_ID_BYTES_MAX",
                  "Intro.PEER_ID_BYTES_MAX",
                  "InviteDrop.PEER_ID_BYTES_MAX",
                  "InviteUrl.PEER_ID_BYTES_MAX",
                  "PakeMessages.PEER_ID_BYTES_MAX",
                  "SafetyNumber.PEER_ID_BYTES_MAX",
                  "RendezvousMessages.PEER_ID_BYTES_MAX")),
          Map.entry(
              "that of another class, which is there",
              List.of("NodeSettings.RELAYS_MAX", "Links.RELAYS_MAX")));

  @Test
  void everyMaximumIsOnThePageOrExemptWithAReason() throws IOException {
    Set<String> page = new LinkedHashSet<>();
    bounds().forEach(bound -> page.add(bound.group().replace("`", "")));
    List<String> exempt = EXEMPT.values().stream().flatMap(List::stream).toList();
    List<String> found =
        sources().stream()
            .filter(source -> !NOT_SHIPPED.contains(source.module()))
            .flatMap(source ->
                members(source).stream()
                    .filter(member -> member.endsWith("_MAX"))
                    .map(source::names))
            .toList();
    assertThat(found).hasSizeGreaterThan(150).containsAll(exempt);
    assertThat(found)
        .filteredOn(bound -> !page.contains(bound))
        .containsExactlyInAnyOrderElementsOf(exempt);
  }

  @Test
  void everyRowHasAReasonAConsequenceAndAProof() throws IOException {
    Files.readString(TestSources.ROOT.resolve(PAGE))
        .lines()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| bound |"))
        .forEach(row -> {
          assertThat(row.split("\\|")).as("columns of %s", row).hasSize(5);
          assertThat(row).containsPattern(TestSources.NAMED);
        });
  }

  /// Constants, and the components of a record; a record's ready-made values are no bounds.
  private static List<String> members(Source source) {
    List<String> members = new ArrayList<>();
    for (Matcher constant = CONSTANT.matcher(source.text()); constant.find(); ) {
      if (!constant.group().contains(source.name() + " ")) {
        members.add(constant.group(1));
      }
    }
    for (Matcher record = RECORD.matcher(source.text()); record.find(); ) {
      COMPONENT
          .matcher(record.group(2))
          .results()
          .forEach(component -> members.add(component.group(1)));
    }
    return members;
  }

  private static List<MatchResult> bounds() throws IOException {
    return BOUND
        .matcher(Files.readString(TestSources.ROOT.resolve(PAGE)))
        .results()
        .filter(bound -> !TestSources.NAMED.matcher(bound.group()).matches())
        .toList();
  }

  private static List<Source> sources() throws IOException {
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> all = Files.walk(TestSources.ROOT)) {
      for (Path file :
          all.filter(each -> each.toString().contains("/src/main/java/"))
              .filter(each -> each.toString().endsWith(".java"))
              .toList()) {
        String name = String.valueOf(file.getFileName());
        sources.add(
            new Source(
                String.valueOf(TestSources.ROOT.relativize(file).getName(0)),
                String.valueOf(file.getName(file.getNameCount() - 2)),
                name.substring(0, name.length() - ".java".length()),
                Files.readString(file)));
      }
    }
    return sources;
  }
}
