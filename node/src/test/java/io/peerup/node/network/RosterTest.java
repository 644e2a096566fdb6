package io.peerup.node.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Tier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `authorized_keys` and the groups, kept in step. This device is number 1.
class RosterTest {

  private static final PeerId RELAY = TestGroup.RELAY;

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();
  private final TestGroup group = new TestGroup("roster");
  private final List<AuthorizedKeysFile> opened = new ArrayList<>();
  private final Set<PeerId> blocked = new HashSet<>();
  private Home home;
  private AuthorizedKeysFile keys;
  private Memberships memberships;
  private Roster roster;

  @BeforeEach
  void start() {
    home = Home.of(directory.resolve("home")).ensure();
    restart();
  }

  @AfterEach
  void stop() {
    opened.forEach(AuthorizedKeysFile::close);
  }

  /// What a restart of the daemon does.
  private void restart() {
    opened.forEach(AuthorizedKeysFile::close);
    keys = AuthorizedKeysFile.open(home.authorizedKeys(), clock);
    opened.add(keys);
    memberships = new Memberships(home, Ids.peer(1));
    roster = new Roster(Ids.peer(1), keys, memberships, blocked::contains);
    roster.forgetWhatWasRemoved();
  }

  private void join(Optional<Instant> expires, Map<Integer, String> members) {
    roster.joined(group.join(1, "me", expires, members));
  }

  private void join(Map<Integer, String> members) {
    join(Optional.empty(), members);
  }

  private IntroResult hear(int member, String name) {
    return roster.introduce(RELAY, group.notice(member, name));
  }

  private Optional<AuthorizedPeer> entry(int member) {
    return keys.current().find(Ids.peer(member));
  }

  private String name(int member) {
    return entry(member).orElseThrow().name();
  }

  private void rename(int member, String name) {
    keys.update(all -> all.with(all.find(Ids.peer(member)).orElseThrow().withName(name)));
  }

  @Test
  void membersAreAuthorisedWithTheGroupItsTierAndItsEnd() {
    Instant end = clock.instant().plus(Duration.ofDays(30));
    join(Optional.of(end), Map.of(2, "home"));
    hear(3, "phone");
    for (int member : List.of(2, 3)) {
      AuthorizedPeer peer = entry(member).orElseThrow();
      assertThat(peer.group()).contains(group.id());
      assertThat(peer.tier()).isEqualTo(Tier.GROUP);
      assertThat(peer.expires()).contains(end);
      assertThat(peer.verified()).isEmpty();
    }
    assertThat(name(2)).isEqualTo("home");
    assertThat(name(3)).isEqualTo("phone");
    assertThat(roster.ownName()).contains("me");
    assertThat(entry(1)).isEmpty();
  }

  @Test
  void aNoticeFromAnotherRelayThanTheGroupsIsNotHeard() {
    join(Map.of());
    assertThat(roster.introduce(Ids.peer(9), group.notice(3, "phone")))
        .isInstanceOf(IntroResult.Rejected.class);
    assertThat(entry(3)).isEmpty();
  }

  @Test
  void anIntroductionThatTheGroupsKeyDoesNotVouchForAuthorisesNobody() {
    join(Map.of());
    var forged = new TestGroup("another").notice(3, "phone");
    var underOurSelector =
        new io.peerup.pairing.PairMessages.PeerNotice(
            group.notice(3, "phone").selector(), forged.intro());
    assertThat(roster.introduce(RELAY, underOurSelector))
        .isInstanceOfSatisfying(
            IntroResult.Rejected.class, rejected -> assertThat(rejected.harmless()).isFalse());
    assertThat(keys.current().peers()).isEmpty();
  }

  @Test
  void aRemovedPeerNeverComesBackByANotice() {
    join(Map.of(2, "home"));
    roster.remove(Ids.peer(2));
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(hear(2, "another-name")).isInstanceOf(IntroResult.Rejected.class);
    restart();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(entry(2)).isEmpty();
  }

  @Test
  void aPeerRemovedBeforeItsFirstIntroductionStaysAway() {
    join(Map.of());
    keys.update(all -> all.with(AuthorizedPeer.of(Ids.peer(3), "phone")));
    roster.remove(Ids.peer(3));
    restart();
    assertThat(hear(3, "phone")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(entry(3)).isEmpty();
  }

  @Test
  void aRemovedPeerDoesNotComeBackWhenThisDeviceJoinsTheSameGroupAgain() {
    join(Map.of(2, "home", 3, "phone"));
    roster.remove(Ids.peer(2));
    join(Map.of(2, "home", 3, "phone"));
    assertThat(entry(2)).isEmpty();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(entry(3)).isPresent();
  }

  @Test
  void aPeerWhoseLineWasDeletedWhileTheDaemonWasDownStaysAway() {
    join(Map.of(2, "home", 3, "phone"));
    keys.update(all -> all.without(Ids.peer(2)));
    restart();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(entry(2)).isEmpty();
    assertThat(hear(3, "phone")).isInstanceOf(IntroResult.Unchanged.class);
  }

  @Test
  void aLineThatIsOnlyDisabledRemovesNobody() {
    join(Map.of(2, "home"));
    String good = text();
    write(good.replace("tier=group", "tier=emperor"));
    restart();
    assertThat(entry(2)).isEmpty();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Unchanged.class);
    write(good);
    restart();
    assertThat(entry(2)).isPresent();
    assertThat(hear(2, "house")).isInstanceOf(IntroResult.Renamed.class);
    assertThat(name(2)).isEqualTo("house");
  }

  @Test
  void equalNamesAreNumberedAsTheGroupDoesAndMoveWhenASmallerIdArrives() {
    List<Integer> byId = List.of(2, 3, 4).stream().sorted(Comparator.comparing(Ids::peer)).toList();
    join(Map.of());
    // The largest id arrives first: each later arrival takes the name and moves the others on.
    hear(byId.get(2), "laptop");
    assertThat(name(byId.get(2))).isEqualTo("laptop");
    hear(byId.get(1), "laptop");
    assertThat(name(byId.get(1))).isEqualTo("laptop");
    assertThat(name(byId.get(2))).isEqualTo("laptop-2");
    hear(byId.get(0), "laptop");
    assertThat(byId.stream().map(this::name)).containsExactly("laptop", "laptop-2", "laptop-3");
    restart();
    assertThat(byId.stream().map(this::name)).containsExactly("laptop", "laptop-2", "laptop-3");
  }

  @Test
  void aNameGivenByTheUserSticksEvenIfItLooksLikeANumbering() {
    List<Integer> byId = List.of(2, 3).stream().sorted(Comparator.comparing(Ids::peer)).toList();
    join(Map.of(byId.get(1), "laptop"));
    rename(byId.get(1), "laptop-7");
    hear(byId.get(0), "laptop");
    assertThat(name(byId.get(1))).isEqualTo("laptop-7");
    assertThat(name(byId.get(0))).isEqualTo("laptop");
    assertThat(hear(byId.get(1), "notebook")).isInstanceOf(IntroResult.Renamed.class);
    assertThat(name(byId.get(1))).isEqualTo("laptop-7");
  }

  @Test
  void aMemberThatAnnouncesAnotherNameIsCalledByIt() {
    join(Map.of(2, "home"));
    assertThat(hear(2, "attic")).isInstanceOf(IntroResult.Renamed.class);
    assertThat(name(2)).isEqualTo("attic");
  }

  @Test
  void aNameThatAPeerOutsideTheGroupHasIsNotTakenFromIt() {
    keys.update(all -> all.with(AuthorizedPeer.of(Ids.peer(9), "home")));
    join(Map.of(2, "home"));
    assertThat(name(9)).isEqualTo("home");
    assertThat(name(2)).isEqualTo("home-2");
    assertThat(entry(9).orElseThrow().group()).isEmpty();
  }

  @Test
  void anotherGroupRenewsAnAuthorisationThatHasEndedAndKeepsTheName() {
    Instant end = clock.instant().plus(Duration.ofDays(1));
    join(Optional.of(end), Map.of(2, "home"));
    rename(2, "attic");
    clock.advance(Duration.ofDays(2));
    Instant later = clock.instant().plus(Duration.ofDays(1));
    TestGroup next = new TestGroup("next");
    roster.joined(next.join(1, "me", Optional.of(later), Map.of(2, "home")));
    AuthorizedPeer renewed = entry(2).orElseThrow();
    assertThat(renewed.expires()).contains(later);
    assertThat(renewed.group()).contains(next.id());
    assertThat(renewed.name()).isEqualTo("attic");
  }

  @Test
  void aGroupNeverTakesTimeAway() {
    keys.update(all -> all.with(AuthorizedPeer.of(Ids.peer(2), "home")));
    join(Optional.of(clock.instant().plus(Duration.ofDays(1))), Map.of(2, "home"));
    assertThat(entry(2).orElseThrow().expires()).isEmpty();
    assertThat(entry(2).orElseThrow().tier()).isEqualTo(Tier.LOCAL);
  }

  @Test
  void whatIsAllowedByHandGetsNothingFromAGroupBeyondTheGroupsOwnEnd() {
    Instant end = clock.instant().plus(Duration.ofDays(1));
    keys.update(all -> all.with(AuthorizedPeer.of(Ids.peer(2), "home")));
    join(Optional.of(end), Map.of(2, "home"));
    AuthorizedPeer both = entry(2).orElseThrow();
    assertThat(both.tiers(clock.instant())).containsExactly(Tier.LOCAL, Tier.GROUP);
    assertThat(both.tiers(end)).containsExactly(Tier.LOCAL);
    assertThat(both.denied(clock.instant()).orElseThrow().isExpired(end)).isTrue();
    assertThat(both.denied(end)).isEmpty();
  }

  @Test
  void aGroupThatLastsLongerThanAnAuthorisationByHandDoesNotMakeThatOneLonger() {
    Instant day = clock.instant().plus(Duration.ofDays(1));
    keys.update(
        all -> all.with(AuthorizedPeer.of(Ids.peer(2), "home").withExpires(Optional.of(day))));
    join(Map.of(2, "home"));
    assertThat(entry(2).orElseThrow().tiers()).containsExactly(Tier.GROUP);
    assertThat(entry(2).orElseThrow().expires()).isEmpty();
  }

  @Test
  void aBlockedPeerIsAddedByNoGroupAndByTheNextIntroductionOnceItIsUnblocked() {
    blocked.addAll(Set.of(Ids.peer(2), Ids.peer(4)));
    List<PeerId> refused =
        roster.joined(group.join(1, "me", Optional.empty(), Map.of(2, "home", 3, "phone")));
    assertThat(refused).containsExactly(Ids.peer(2));
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(hear(4, "tablet")).isInstanceOf(IntroResult.Rejected.class);
    restart();
    assertThat(keys.current().peers())
        .extracting(AuthorizedPeer::peer)
        .containsExactly(Ids.peer(3));
    blocked.clear();
    restart();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Added.class);
    assertThat(hear(4, "tablet")).isInstanceOf(IntroResult.Added.class);
    assertThat(entry(2).orElseThrow().tiers()).containsExactly(Tier.GROUP);
  }

  @Test
  void aMemberThatIsBlockedKeepsItsLineAndItsPlace() {
    join(Map.of(2, "home"));
    String before = text();
    blocked.add(Ids.peer(2));
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Unchanged.class);
    restart();
    assertThat(text()).isEqualTo(before);
    blocked.clear();
    restart();
    assertThat(entry(2)).isPresent();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Unchanged.class);
  }

  @Test
  void aCrashBetweenBothFilesLeavesAPeerAuthorisedAndTheNextNoticeMendsTheRest() throws Exception {
    join(Map.of());
    Path groups = home.state("groups.json");
    Path aside = directory.resolve("aside");
    Files.move(groups, aside);
    Files.createDirectory(groups); // nothing can be written there
    assertThatThrownBy(() -> hear(3, "phone")).isInstanceOf(Failure.class);
    Files.delete(groups);
    Files.move(aside, groups);
    restart();
    assertThat(entry(3)).as("authorised first").isPresent();
    assertThat(hear(3, "phone")).isInstanceOf(IntroResult.Added.class);
    assertThat(name(3)).isEqualTo("phone");
    assertThat(hear(3, "phone")).isInstanceOf(IntroResult.Unchanged.class);
  }

  @Test
  void whatCouldNotBeWrittenIsNotRememberedSoThatTheNextNoticeCounts() throws Exception {
    join(Map.of());
    Path aside = directory.resolve("aside");
    keys.update(all -> all.with(AuthorizedPeer.of(Ids.peer(9), "nine")));
    Files.move(home.authorizedKeys(), aside);
    Files.createDirectory(home.authorizedKeys());
    assertThatThrownBy(() -> hear(3, "phone")).isInstanceOf(Failure.class);
    Files.delete(home.authorizedKeys());
    Files.move(aside, home.authorizedKeys());
    assertThat(hear(3, "phone")).isInstanceOf(IntroResult.Added.class);
    assertThat(entry(3)).isPresent();
    assertThat(entry(9)).isPresent();
  }

  @Test
  void aRemovalThatCouldNotBeWrittenCanBeRepeated() throws Exception {
    join(Map.of(2, "home"));
    Path groups = home.state("groups.json");
    Path aside = directory.resolve("aside");
    Files.move(groups, aside);
    Files.createDirectory(groups);
    assertThatThrownBy(() -> roster.remove(Ids.peer(2))).isInstanceOf(Failure.class);
    Files.delete(groups);
    Files.move(aside, groups);
    roster.remove(Ids.peer(2));
    restart();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Rejected.class);
    assertThat(entry(2)).isEmpty();
  }

  private String text() {
    try {
      return Files.readString(home.authorizedKeys());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void write(String text) {
    PrivateFiles.write(home.authorizedKeys(), text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aLostFileLetsNobodyInAndForgetsNobodyUntilAPersonSays() throws Exception {
    join(Map.of(2, "home", 3, "phone"));
    Path aside = directory.resolve("aside");
    Files.move(home.authorizedKeys(), aside);
    keys.reload();
    assertThat(keys.current().peers()).isEmpty();
    for (Runnable refused :
        List.<Runnable>of(this::restart, () -> hear(4, "new"), () -> hear(2, "x"))) {
      assertThatThrownBy(refused::run)
          .isInstanceOfSatisfying(
              Failure.class, e -> assertThat(e.code()).isEqualTo("authorized-keys-missing"));
    }
    assertThat(home.authorizedKeys()).doesNotExist();
    Files.move(aside, home.authorizedKeys());
    restart();
    assertThat(entry(2)).isPresent();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Unchanged.class);

    write("");
    restart();
    assertThat(hear(2, "home"))
        .as("an empty file removes all")
        .isInstanceOf(IntroResult.Rejected.class);
  }

  @Test
  void aTornFileForgetsNobody() {
    join(Map.of(2, "home", 3, "phone"));
    String good = text();
    write(good.substring(0, 20) + "\n");
    restart();
    assertThat(keys.current().peers()).isEmpty();
    write(good);
    restart();
    assertThat(hear(2, "home")).isInstanceOf(IntroResult.Unchanged.class);
    assertThat(hear(3, "phone")).isInstanceOf(IntroResult.Unchanged.class);
  }
}
