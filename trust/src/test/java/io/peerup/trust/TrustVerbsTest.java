package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Allow, deny, block, unblock and explain, on files. This device is number 1.
class TrustVerbsTest {

  private static final String TWO = peer(2).toString();

  @TempDir Path directory;
  private final VirtualClock clock = new VirtualClock(Instant.parse("2026-06-01T12:00:00Z"));
  private final List<String> told = new ArrayList<>();
  private AuthorizedKeysFile keys;
  private BlockedPeersFile blocked;
  private TrustVerbs verbs;

  @BeforeEach
  void open() {
    keys = AuthorizedKeysFile.open(directory.resolve("authorized_keys"), clock);
    blocked = BlockedPeersFile.open(directory.resolve("blocked_peers"));
    verbs =
        new TrustVerbs(
            Optional.of(peer(1)),
            keys,
            blocked,
            clock,
            peer -> {
              told.add("remove " + peer);
              keys.update(all -> all.without(peer));
            },
            (verb, peer) -> told.add(verb + " " + peer));
  }

  @AfterEach
  void close() {
    keys.close();
    blocked.close();
  }

  private void keys(String content) {
    PrivateFiles.write(
        directory.resolve("authorized_keys"), content.getBytes(StandardCharsets.UTF_8));
    keys.reload();
  }

  private String text() {
    return new String(keys.current().render(), StandardCharsets.UTF_8);
  }

  /// `allowed tiers scopes blocked reason`.
  private static String said(JsonObject document) {
    return document.get("allowed").getAsBoolean()
        + " "
        + words(document, "tiers")
        + " "
        + words(document, "scopes")
        + " "
        + (document.get("blocked").getAsBoolean() ? "blocked" : "free");
  }

  private static List<String> words(JsonObject document, String list) {
    return document.getAsJsonArray(list).asList().stream().map(JsonElement::getAsString).toList();
  }

  private static void fails(String code, ThrowingCallable what) {
    assertThatThrownBy(what)
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.message()).isNotEmpty();
              assertThat(e.hint()).isNotEmpty();
            });
  }

  @Test
  void allowPutsAStrangerIntoTheTierLocalAndDenyTakesItOutAgain() {
    assertThat(said(verbs.explain(TWO))).isEqualTo("false [] [] free");
    assertThat(said(verbs.allow(TWO, Optional.of("home"))))
        .isEqualTo("true [local] [direct, group] free");
    assertThat(text()).isEqualTo(TWO + " name=home tier=local\n");
    assertThat(said(verbs.allow(TWO, Optional.empty()))).startsWith("true [local]");
    assertThat(text()).isEqualTo(TWO + " name=home tier=local\n");
    assertThat(said(verbs.deny("home"))).isEqualTo("false [] [] free");
    assertThat(text()).isEmpty();
    assertThat(told)
        .containsExactly("allow " + TWO, "allow " + TWO, "remove " + TWO, "deny " + TWO);
  }

  @Test
  void denyLeavesWhatElseTrustsThePeerAndSaysIt() {
    String line = TWO + " name=home expires=2026-06-02T12:00:00Z group=6b84d506 tier=group";
    keys(line + " # mine\n");
    assertThat(said(verbs.allow(TWO, Optional.empty())))
        .isEqualTo("true [local, group] [direct, group] free");
    assertThat(said(verbs.deny(TWO))).isEqualTo("true [group] [direct, group] free");
    assertThat(keys.current().find(peer(2)).orElseThrow().expires())
        .as("the group's end is in force again")
        .contains(Instant.parse("2026-06-02T12:00:00Z"));
    assertThat(said(verbs.deny(TWO))).as("nothing to take").startsWith("true [group]");
    assertThat(told).doesNotContain("remove " + TWO);
    clock.advance(Duration.ofDays(2));
    assertThat(said(verbs.explain(TWO))).isEqualTo("false [] [] free");
    verbs.allow(TWO, Optional.empty());
    assertThat(said(verbs.explain(TWO))).isEqualTo("true [local] [direct, group] free");
    verbs.deny(TWO);
    assertThat(text()).as("what had ended does not come back").isEmpty();
  }

  @Test
  void blockRefusesWhoeverItIsAndUnblockGivesBackWhatWasThere() {
    keys(TWO + " name=home tier=invite # mine\n");
    String before = text();
    JsonObject said = verbs.block("home");
    assertThat(said(said)).isEqualTo("false [invite] [] blocked");
    assertThat(said.get("reason").getAsString()).isEqualTo("blocked by blocked_peers");
    assertThat(text()).isEqualTo(before);
    assertThat(said(verbs.block(TWO))).as("twice is once").contains("blocked");
    assertThat(said(verbs.block(peer(5).toString()))).isEqualTo("false [] [] blocked");
    assertThat(verbs.listBlocked().getAsJsonArray("blocked")).hasSize(2);
    assertThat(said(verbs.allow(TWO, Optional.empty())))
        .isEqualTo("false [local, invite] [] blocked");
    assertThat(said(verbs.unblock("home"))).isEqualTo("true [local, invite] [direct, group] free");
    assertThat(said(verbs.unblock(peer(5).toString()))).isEqualTo("false [] [] free");
    assertThat(blocked.current().peers()).isEmpty();
  }

  @Test
  void aBlockedPeerWithoutALineIsFoundByTheNameThatItWasBlockedUnder() {
    keys(TWO + " name=home\n");
    verbs.block("home");
    verbs.deny("home");
    assertThat(said(verbs.explain("home"))).isEqualTo("false [] [] blocked");
    verbs.allow(peer(3).toString(), Optional.of("home"));
    fails("ambiguous-peer", () -> verbs.unblock("home"));
    assertThat(said(verbs.unblock(TWO))).isEqualTo("false [] [] free");
  }

  @Test
  void whatCannotBeMeantIsOneErrorAndChangesNothing() {
    keys(TWO + " name=home\n" + peer(3) + " name=laptop\n");
    String before = text();
    PeerId own = peer(1);
    for (String typed : List.of(own.toString())) {
      fails("own-peer-id", () -> verbs.allow(typed, Optional.empty()));
      fails("own-peer-id", () -> verbs.deny(typed));
      fails("own-peer-id", () -> verbs.block(typed));
    }
    fails("bad-peer-id", () -> verbs.allow("home", Optional.empty()));
    fails("bad-peer-id", () -> verbs.allow("", Optional.empty()));
    for (String typed : List.of(TWO + "x", TWO.substring(0, 51) + "0")) {
      fails("bad-peer-id", () -> verbs.allow(typed, Optional.empty()));
      fails("bad-peer-id", () -> verbs.block(typed));
      fails("bad-peer-id", () -> verbs.deny(typed));
      fails("bad-peer-id", () -> verbs.explain(typed));
    }
    for (String typed : List.of("attic", "", "12D3Koo")) {
      fails("no-such-peer", () -> verbs.deny(typed));
      fails("no-such-peer", () -> verbs.block(typed));
      fails("no-such-peer", () -> verbs.unblock(typed));
      fails("no-such-peer", () -> verbs.explain(typed));
    }
    fails("no-such-peer", () -> verbs.deny(peer(7).toString()));
    fails("not-blocked", () -> verbs.unblock("home"));
    fails("not-blocked", () -> verbs.unblock(peer(7).toString()));
    fails("name-in-use", () -> verbs.allow(TWO, Optional.of("laptop")));
    fails("bad-name", () -> verbs.allow(TWO, Optional.of("a\nb")));
    fails("bad-name", () -> verbs.allow(TWO, Optional.of("")));
    fails("bad-name", () -> verbs.allow(TWO, Optional.of("x".repeat(65))));
    assertThat(text()).isEqualTo(before);
    assertThat(blocked.current().peers()).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void aFullFileTakesNobodyAndSaysSo() {
    StringBuilder file = new StringBuilder();
    for (int i = 100; i < 100 + Limits.PEERS_MAX; i++) {
      file.append(peer(i)).append('\n');
    }
    keys(file.toString());
    fails("too-many-peers", () -> verbs.allow(TWO, Optional.empty()));
  }
}
