package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.group.Joiner;
import io.peerup.relay.group.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Devices join groups through a real relay.
class GroupPairingIT {

  @TempDir Path directory;

  private TestRelay relay;
  private final List<TestMember> members = new ArrayList<>();

  @BeforeEach
  void start() {
    relay = new TestRelay(directory.resolve("relay"));
  }

  @AfterEach
  void stop() {
    members.forEach(TestMember::close);
    relay.close();
  }

  private TestMember member(int number) {
    TestMember member = new TestMember(number);
    members.add(member);
    return member;
  }

  private void everybodyKnowsEverybody() {
    Set<PeerId> all = new HashSet<>(members.stream().map(TestMember::id).toList());
    for (TestMember member : members) {
      Set<PeerId> others = new HashSet<>(all);
      others.remove(member.id());
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(member.knows()).containsExactlyInAnyOrderElementsOf(others));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"123", "132", "213", "231", "312", "321"})
  void threeDevicesOfTheSameNameJoinInAnyOrderAndAgreeOnNames(String order) {
    List<GroupCode> codes = relay.pair(3);
    for (int i = 0; i < 3; i++) {
      assertThat(member(order.charAt(i) - '0').join(codes.get(i), "laptop")).isTrue();
    }
    everybodyKnowsEverybody();
    Map<PeerId, String> names = members.getFirst().names();
    assertThat(names.values()).containsExactlyInAnyOrder("laptop", "laptop-2", "laptop-3");
    for (TestMember member : members) {
      assertThat(member.names()).isEqualTo(names);
      assertThat(member.warnings()).isEmpty();
      assertThat(relay.members()).contains(member.id().toString());
    }
  }

  @Test
  void aMemberThatWasOfflineHearsOfLaterOnesWhenItConnects() {
    List<GroupCode> codes = relay.pair(3);
    TestMember first = member(1);
    assertThat(first.join(codes.get(0), "home")).isTrue();
    first.disconnect();
    assertThat(member(2).join(codes.get(1), "laptop")).isTrue();
    assertThat(member(3).join(codes.get(2), "phone")).isTrue();
    assertThat(first.knows()).isEmpty();
    first.connect(relay);
    everybodyKnowsEverybody();
  }

  @Test
  void aMemberThatCameBackHearsOfNewOnesWhileItsOldConnectionStillSeemsAlive() {
    List<GroupCode> codes = relay.pair(2);
    try (TestMember before = new TestMember(1)) {
      assertThat(before.join(codes.get(0), "home")).isTrue();
      TestMember returned = member(1);
      assertThat(returned.join(codes.get(0), "home")).isTrue();
      TestMember added = member(2);
      assertThat(added.join(codes.get(1), "laptop")).isTrue();
      await().atMost(SOON).until(() -> returned.knows().contains(added.id()));
    }
  }

  @Test
  void aRestartOfTheRelayKeepsGroupsMembersAndCounters() {
    List<GroupCode> codes = relay.pair(3);
    TestMember first = member(1);
    assertThat(first.join(codes.get(0), "home")).isTrue();
    TestMember stranger = new TestMember(9);
    try (stranger) {
      assertThat(answerTo(stranger, Joiner.wrongToken(codes.get(1), 9))).isFalse();
    }
    relay.restart();
    assertThat(relay.onlyGroup().get("failures").getAsInt()).isEqualTo(1);
    assertThat(member(2).join(codes.get(1), "laptop")).isTrue();
    first.connect(relay);
    everybodyKnowsEverybody();
    relay.restart();
    assertThat(relay.onlyGroup().get("used").getAsInt()).isEqualTo(2);
    assertThat(member(3).join(codes.get(2), "phone")).isTrue();
    members.get(0).connect(relay);
    members.get(1).connect(relay);
    everybodyKnowsEverybody();
  }

  /// True if the request of this stranger is answered with something else than "pairing failed".
  private boolean answerTo(TestMember stranger, byte[] request) {
    byte[] answer = TestMember.ask(stranger.connect(relay), request);
    return answer[1] != 0;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aMemberThatTakesNoNoticesIsToldFiveTimesAndAgainWhenItConnects() {
    List<GroupCode> codes = relay.pair(2);
    TestMember deaf = member(1);
    assertThat(deaf.join(codes.get(0), "home")).isTrue();
    AtomicInteger attempts = new AtomicInteger();
    deaf.host()
        .handle(
            PairMessages.NOTIFY_PROTOCOL,
            stream -> {
              attempts.incrementAndGet();
              stream.reset();
            });
    assertThat(member(2).join(codes.get(1), "laptop")).isTrue();
    await().atMost(SOON).until(() -> attempts.get() == Limits.NOTIFY_ATTEMPTS_MAX);
    await()
        .during(Limits.NOTIFY_PAUSE.plusMillis(500))
        .atMost(SOON)
        .until(() -> attempts.get() == Limits.NOTIFY_ATTEMPTS_MAX);
    deaf.disconnect();
    deaf.connect(relay);
    await().atMost(SOON).until(() -> attempts.get() > Limits.NOTIFY_ATTEMPTS_MAX);
  }

  @Test
  void threeWrongTokensBurnTheUnusedCodesAndLeaveTheMembers() throws IOException {
    List<GroupCode> codes = relay.pair(3);
    TestMember first = member(1);
    assertThat(first.join(codes.get(0), "home")).isTrue();
    try (TestMember guesser = new TestMember(9)) {
      for (int i = 0; i < 3; i++) {
        assertThat(relay.onlyGroup().get("burned").getAsBoolean()).isFalse();
        assertThat(answerTo(guesser, Joiner.wrongToken(codes.get(1), 9))).isFalse();
      }
    }
    assertThat(relay.onlyGroup().get("burned").getAsBoolean()).isTrue();
    try (TestMember late = new TestMember(2)) {
      assertThat(late.join(codes.get(1), "laptop")).isFalse();
    }
    relay.restart();
    try (TestMember late = new TestMember(2)) {
      assertThat(late.join(codes.get(2), "laptop")).isFalse();
    }
    assertThat(relay.members()).containsExactly(first.id().toString());
    assertThat(first.connect(relay).isOpen()).isTrue();
    assertThat(audit())
        .filteredOn(line -> line.contains(" burn "))
        .hasSize(1)
        .first()
        .asString()
        .contains("group=" + relay.onlyGroup().get("group").getAsString());
  }

  private List<String> audit() throws IOException {
    return Files.readAllLines(relay.home().log().resolveSibling("audit.log"));
  }

  @Test
  void wrongSelectorsCostNobodyAnything() throws IOException {
    List<GroupCode> codes = relay.pair(2);
    try (TestMember guesser = new TestMember(9)) {
      for (int i = 0; i < 5; i++) {
        assertThat(answerTo(guesser, Joiner.wrongSelector(codes.get(0), 9))).isFalse();
      }
    }
    assertThat(relay.onlyGroup().get("failures").getAsInt()).isZero();
    assertThat(audit()).noneMatch(line -> line.contains(" pair "));
    TestMember member = member(1);
    assertThat(member.join(codes.get(0), "home")).isTrue();
    assertThat(member.join(codes.get(0), "home")).isTrue();
    assertThat(audit())
        .filteredOn(line -> line.contains(" pair "))
        .as("one line for one admission, however often it is asked for")
        .hasSize(1)
        .allMatch(line -> line.endsWith("outcome=admitted"));
  }

  @Test
  void oneGroupBurningDoesNotTouchAnother() {
    List<GroupCode> burning = relay.pair(2);
    List<GroupCode> other = relay.pair(2);
    try (TestMember guesser = new TestMember(9)) {
      for (int i = 0; i < 3; i++) {
        answerTo(guesser, Joiner.wrongToken(burning.get(0), 9));
      }
    }
    assertThat(member(1).join(other.get(0), "home")).isTrue();
    assertThat(member(2).join(other.get(1), "laptop")).isTrue();
    everybodyKnowsEverybody();
  }

  @Test
  void aUsedCodeAdmitsItsOwnerAgainAndNobodyElse() {
    List<GroupCode> codes = relay.pair(2);
    TestMember first = member(1);
    assertThat(first.join(codes.get(0), "home")).isTrue();
    assertThat(first.join(codes.get(0), "home")).isTrue();
    try (TestMember second = new TestMember(2)) {
      assertThat(second.join(codes.get(0), "laptop")).isFalse();
    }
    assertThat(relay.onlyGroup().get("used").getAsInt()).isEqualTo(1);
  }

  @Test
  void aCodeDiesWithItsTime() {
    List<GroupCode> brief = relay.pair(1, 1, 0);
    relay.pair(1);
    // The list forgets groups that are over and have no members.
    await()
        .atMost(SOON)
        .until(() -> relay.call("GET", "/v1/groups", null).getAsJsonArray("groups").size() == 1);
    try (TestMember late = new TestMember(1)) {
      assertThat(late.join(brief.getFirst(), "home")).isFalse();
    }
  }

  @Test
  void noFileOfTheRelayHoldsACodeATokenAGroupKeyOrAName() throws IOException {
    List<GroupCode> codes = relay.pair(2);
    assertThat(member(1).join(codes.get(0), "secretname")).isTrue();
    try (TestMember guesser = new TestMember(9)) {
      answerTo(guesser, Joiner.wrongToken(codes.get(1), 9));
    }
    List<byte[]> secrets = new ArrayList<>();
    for (GroupCode code : codes) {
      for (byte[] secret : List.of(code.secrets().token(), code.secrets().groupKey().key())) {
        secrets.add(secret);
        secrets.add(HexFormat.of().formatHex(secret).getBytes(StandardCharsets.US_ASCII));
        secrets.add(Base64.getEncoder().encode(secret));
        secrets.add(Base64.getUrlEncoder().withoutPadding().encode(secret));
      }
      secrets.add(code.text().getBytes(StandardCharsets.US_ASCII));
    }
    secrets.add("secretname".getBytes(StandardCharsets.US_ASCII));
    int looked = 0;
    try (Stream<Path> files = Files.walk(relay.home().root())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        looked++;
        for (byte[] secret : secrets) {
          assertThat(contains(content, secret)).as("a secret in %s", file).isFalse();
        }
      }
    }
    assertThat(looked).isGreaterThanOrEqualTo(4);
    assertThat(contains("xabcx".getBytes(StandardCharsets.US_ASCII), new byte[] {'a', 'b'}))
        .as("the search itself")
        .isTrue();
  }

  private static boolean contains(byte[] content, byte[] wanted) {
    for (int at = 0; at + wanted.length <= content.length; at++) {
      if (Arrays.equals(content, at, at + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }
}
