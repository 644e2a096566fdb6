package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.Radix;
import io.peerup.testkit.Vectors;
import io.peerup.testkit.WeakKeys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizedKeysTest {

  private static final PeerId HOME = peer(1);
  private static final PeerId LAPTOP = peer(2);
  private static final PeerId PHONE = peer(3);

  @Test
  void aValueOf256BytesIsTakenAndALongerOneDisablesItsLine() {
    for (String attribute : List.of("verified", "group")) {
      String longest = peer(1) + " " + attribute + "=" + "v".repeat(256);
      assertThat(AuthorizedKeys.parse(longest + "\n").find(peer(1))).isPresent();
      AuthorizedKeys longer = AuthorizedKeys.parse(longest + "v\n" + peer(2) + "\n");
      assertThat(longer.find(peer(1))).as(attribute).isEmpty();
      assertThat(longer.disabled()).hasSize(1);
      assertThat(longer.find(peer(2))).as("the others count").isPresent();
    }
  }

  @Test
  void aLastLineThatNothingEndsMeansTheSameBeforeAndAfterAnotherIsAdded() {
    for (String end : List.of("", "\r")) {
      AuthorizedKeys keys = AuthorizedKeys.parse(peer(1) + " name=one" + end);
      assertThat(keys.find(peer(1))).isEmpty();
      assertThat(keys.disabled().getFirst().reason()).contains("add a line end");
      AuthorizedKeys more = keys.with(AuthorizedPeer.of(peer(2), "two"));
      assertThat(AuthorizedKeys.parse(more.render()).peers())
          .isEqualTo(more.peers())
          .extracting(AuthorizedPeer::peer)
          .containsExactly(peer(2));
    }
  }

  @Test
  void everyAttributeOfTheGrammarIsRead() {
    AuthorizedPeer peer =
        only(
            HOME
                + "  expires=2027-01-31T18:00:00Z verified=live:ab12 group=6b84d506 name=home"
                + " tier=group colour=blue  # in the cellar");
    assertThat(peer.peer()).isEqualTo(HOME);
    assertThat(peer.expires()).contains(Instant.parse("2027-01-31T18:00:00Z"));
    assertThat(peer.verified()).contains("live:ab12");
    assertThat(peer.group()).contains("6b84d506");
    assertThat(peer.name()).isEqualTo("home");
    assertThat(peer.tier()).isEqualTo(Tier.GROUP);
    assertThat(peer.other()).isEqualTo(Map.of("colour", "blue"));
    assertThat(peer.comment()).isEqualTo("in the cellar");
  }

  @Test
  void aPeerMayBeInSeveralTiersWhoseOrderIsTheUsersOwn() {
    AuthorizedPeer peer = only(HOME + " tier=invite,local");
    assertThat(peer.tiers()).containsExactly(Tier.LOCAL, Tier.INVITE);
    assertThat(peer.tier()).isEqualTo(Tier.LOCAL);
    AuthorizedKeys keys = AuthorizedKeys.parse(HOME + " tier=invite,local\n");
    assertThat(text(keys.with(peer.withName("home"))))
        .isEqualTo(HOME + " tier=invite,local name=home\n");
  }

  @Test
  void whoIsAllowedAndThenDeniedHasWhatItHadBefore() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    for (String line :
        List.of(
            HOME + " group=6b84d506 tier=group",
            HOME + " group=6b84d506 expires=2027-01-31T18:00:00Z tier=group",
            HOME + " expires=2027-01-31T18:00:00Z tier=invite",
            HOME + " tier=group,invite")) {
      AuthorizedPeer before = only(line);
      AuthorizedPeer allowed = before.allowed(now);
      assertThat(allowed.tiers()).contains(Tier.LOCAL).containsAll(before.tiers());
      assertThat(allowed.isExpired(Instant.MAX)).isFalse();
      assertThat(allowed.denied(now)).contains(before);
      AuthorizedKeys file = AuthorizedKeys.parse(line + "\n").with(allowed);
      assertThat(AuthorizedKeys.parse(file.render()).peers()).containsExactly(allowed);
    }
    assertThat(only(HOME.toString()).denied(now)).isEmpty();
    AuthorizedPeer ended = only(HOME + " expires=2025-01-31T18:00:00Z group=6b84d506");
    assertThat(ended.allowed(now).tiers()).containsExactly(Tier.LOCAL);
    assertThat(ended.denied(now)).isEmpty();
  }

  @Test
  void peerIdAloneIsEnough() {
    AuthorizedPeer peer = only(HOME.toString());
    assertThat(peer.name()).startsWith("peer-").hasSize(11);
    assertThat(peer.tier()).isEqualTo(Tier.LOCAL);
    assertThat(peer.isExpired(Instant.MAX)).isFalse();
  }

  @Test
  void quotedNameMayHaveSpacesQuotesAndHashes() {
    assertThat(only(HOME + " name=\"my \\\"own\\\" \\\\ #1\" # c").name())
        .isEqualTo("my \"own\" \\ #1");
  }

  @Test
  void timeMayHaveAnOffset() {
    assertThat(only(HOME + " expires=2027-01-31T20:00:00+02:00").expires())
        .contains(Instant.parse("2027-01-31T18:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s name=a name=b",
        "%s name=",
        "%s name=\"\"",
        "%s name=\"open",
        "%s name=\"a\"b",
        "%s name=a\"b\"",
        "%s name=a#b",
        "%s name=\"a\\n\"",
        "%s name=\" a\"",
        "%s name=\"e\u0301\"",
        "%s home",
        "%s =home",
        "%s Name=home",
        "%s expires=tomorrow",
        "%s expires=2027-01-31",
        "%s expires=2027-13-31T00:00:00Z",
        "%s expires=+12027-01-31T00:00:00Z",
        "%s expires=",
        "%s tier=root",
        "%s tier=LOCAL",
        "%s tier=local,",
        "%s tier=,local",
        "%s tier=local,local",
        "%s tier=local;group",
        "%s tier=\"local, group\"",
        "%s tier=local,root",
        "%s tier-expires=tomorrow",
        "%sx",
        "x%s",
        "12D3KooW",
        "name=home %s",
        "%s name=a\rb",
        "%s # one\rtwo",
        "%s # nul \u0000",
        "%s # bidi \u202e evil",
        "%s # bidi \u2066 evil",
        "%s # escape \u001b[31m",
        "%s # line \u2028 separator",
        "%s # next \u0085 line",
        "\ufeff%s",
        "%s\u00a0name=home",
        "%s name=a\u200bb",
        "# comment \u202e",
      })
  void lineOutsideTheGrammarIsDisabledAndTheOthersAreNot(String form) {
    String bad = form.replace("%s", HOME.toString());
    String file = LAPTOP + " name=laptop\n" + bad + "\n" + PHONE + " name=phone\n";
    AuthorizedKeys keys = AuthorizedKeys.parse(file);
    assertThat(keys.peers()).extracting(AuthorizedPeer::peer).containsExactly(LAPTOP, PHONE);
    assertThat(keys.disabled()).hasSize(1);
    AuthorizedKeys.DisabledLine line = keys.disabled().getFirst();
    assertThat(line.number()).isEqualTo(2);
    assertThat(line.reason()).isNotEmpty();
    assertThat(line.text().codePoints().noneMatch(Character::isISOControl)).isTrue();
    assertThat(line.text()).doesNotContain("\u202e", "\u2066", "\u2028");
    assertThat(keys.render()).isEqualTo(file.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void lineFeedInACommentStartsANewLineThatMustBeValidItself() {
    AuthorizedKeys keys =
        AuthorizedKeys.parse(LAPTOP + " # comment\n" + "continued " + HOME + "\n");
    assertThat(keys.peers()).extracting(AuthorizedPeer::peer).containsExactly(LAPTOP);
    assertThat(keys.disabled()).hasSize(1);
  }

  @Test
  void bytesThatAreNotUtf8DisableTheirLineOnlyAndSurvive() {
    byte[] line = (LAPTOP + " name=laptop\n").getBytes(StandardCharsets.UTF_8);
    byte[] file = new byte[line.length + 5];
    file[0] = (byte) 0xff;
    file[1] = (byte) 0xfe;
    file[2] = '\n';
    System.arraycopy(line, 0, file, 3, line.length);
    file[file.length - 2] = '#';
    file[file.length - 1] = (byte) 0x80;
    AuthorizedKeys keys = AuthorizedKeys.parse(file);
    assertThat(keys.peers()).hasSize(1);
    assertThat(keys.disabled())
        .extracting(AuthorizedKeys.DisabledLine::number)
        .containsExactly(1, 3);
    byte[] more = keys.with(AuthorizedPeer.of(HOME, "home")).render();
    assertThat(more)
        .startsWith(Arrays.copyOf(file, file.length - 2))
        .endsWith(Arrays.copyOfRange(file, file.length - 2, file.length));
  }

  @Test
  void windowsLineEndsAreAcceptedAndKept() {
    String file = "# a\r\n" + LAPTOP + " name=laptop\r\n";
    AuthorizedKeys keys = AuthorizedKeys.parse(file);
    assertThat(keys.disabled()).isEmpty();
    assertThat(text(keys.with(keys.peers().getFirst().withName("lap"))))
        .isEqualTo("# a\r\n" + LAPTOP + " name=lap\r\n");
  }

  @Test
  void firstLineOfAPeerWinsAndTheSecondIsDisabled() {
    AuthorizedKeys keys =
        AuthorizedKeys.parse(HOME + " expires=2020-01-01T00:00:00Z\n\n" + HOME + " name=again\n");
    assertThat(keys.peers()).hasSize(1);
    assertThat(keys.peers().getFirst().expires()).isPresent();
    assertThat(keys.disabled().getFirst())
        .satisfies(l -> {
          assertThat(l.number()).isEqualTo(3);
          assertThat(l.reason()).isEqualTo("same peer as line 1");
        });
  }

  @Test
  void removingAPeerRemovesItsSecondLineToo() {
    AuthorizedKeys keys =
        AuthorizedKeys.parse(
            "# top\n"
                + HOME
                + " name=a\n"
                + LAPTOP
                + "\n"
                + HOME
                + " name=b\n"
                + HOME
                + " \u202e\n");
    assertThat(keys.mentions(HOME)).isTrue();
    assertThat(keys.without(HOME).mentions(HOME)).isFalse();
    assertThat(AuthorizedKeys.parse(HOME + " bad\n").mentions(HOME)).isTrue();
    assertThat(text(keys.without(HOME))).isEqualTo("# top\n" + LAPTOP + "\n");
    assertThat(keys.without(PHONE)).isSameAs(keys);
  }

  @Test
  void changingALineKeepsEverythingElseByteForByte() {
    String file =
        "# my peers\n\n"
            + "\t"
            + HOME
            + "   future=\"x y\"\tname=home  verified=old:1 #  keep  this\n"
            + "rubbish line\n"
            + LAPTOP;
    AuthorizedKeys keys = AuthorizedKeys.parse(file);
    AuthorizedPeer home = keys.find(HOME).orElseThrow();
    assertThat(text(keys.with(home))).isEqualTo(file);
    assertThat(text(keys.with(home.withName("new home"))))
        .isEqualTo(file.replace("name=home", "name=\"new home\""));
    assertThat(text(keys.with(home.withVerified(Optional.empty()))))
        .isEqualTo(file.replace("  verified=old:1", ""));
    assertThat(text(keys.with(home.withTier(Tier.INVITE).withGroup("ab"))))
        .isEqualTo(file.replace("verified=old:1", "verified=old:1 group=ab tier=invite"));
    assertThat(text(keys.with(AuthorizedPeer.of(PHONE, "phone"))))
        .isEqualTo(file.replace("line\n", "line\n" + PHONE + " name=phone\n"));
  }

  @Test
  void timeThatMeansTheSameKeepsItsForm() {
    String file = HOME + " expires=2027-01-31T20:00:00+02:00\n";
    AuthorizedKeys keys = AuthorizedKeys.parse(file);
    AuthorizedPeer home = keys.find(HOME).orElseThrow();
    assertThat(text(keys.with(home.withName("h"))))
        .isEqualTo(HOME + " expires=2027-01-31T20:00:00+02:00 name=h\n");
    assertThat(text(keys.with(home.withExpires(Optional.empty())))).isEqualTo(HOME + "\n");
  }

  @Test
  void newLineComesBackAsThePeerItWasMadeOf() {
    AuthorizedPeer peer =
        new AuthorizedPeer(
            HOME,
            Optional.of("the \"home\" #1 \\"),
            Optional.of(Instant.parse("2027-01-31T18:00:00.5Z")),
            Optional.of(Instant.parse("2027-01-01T00:00:00Z")),
            Optional.of("live:ab"),
            Optional.of("6b84d506"),
            Set.of(Tier.GROUP, Tier.LOCAL),
            Map.of("colour", "light blue"),
            "joined by code");
    AuthorizedKeys keys = AuthorizedKeys.empty().with(peer);
    assertThat(AuthorizedKeys.parse(keys.render()).peers()).containsExactly(peer);
    assertThat(keys.disabled()).isEmpty();
  }

  @Test
  void noValueCanSmuggleInAnotherAttributeOrLine() {
    for (String name : new String[] {"a\nb", "a\rb", "a\u0000", "a\u202eb"}) {
      assertThatThrownBy(() -> AuthorizedPeer.of(HOME, name)).isInstanceOf(MalformedInput.class);
    }
    assertThat(AuthorizedKeys.empty().with(AuthorizedPeer.of(HOME, "a tier=local # x")).peers())
        .first()
        .satisfies(p -> {
          assertThat(p.name()).isEqualTo("a tier=local # x");
          assertThat(p.givenTiers()).isEmpty();
        });
    for (Map<String, String> other :
        List.of(
            Map.of("x=1 tier", "local"),
            Map.of("X", "1"),
            Map.of("", "1"),
            Map.of("tier", "local"),
            Map.of("a\nb", "1"),
            Map.of("a", "1\n2"))) {
      assertThatThrownBy(() -> AuthorizedKeys.empty().with(peerWith(other)))
          .as(other.toString())
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void namesThatAreTakenGetANumber() {
    AuthorizedKeys keys = AuthorizedKeys.parse(HOME + " name=home\n" + LAPTOP + " name=home-2\n");
    assertThat(keys.freeName("home", PHONE)).isEqualTo("home-3");
    assertThat(keys.freeName("home", HOME)).isEqualTo("home");
    assertThat(keys.freeName("other", PHONE)).isEqualTo("other");
    String longest = "n".repeat(64);
    assertThat(keys.with(AuthorizedPeer.of(HOME, longest)).freeName(longest, PHONE))
        .isEqualTo("n".repeat(62) + "-2");
    assertThat(keys.find("home-2")).map(AuthorizedPeer::peer).contains(LAPTOP);
  }

  @ParameterizedTest
  @MethodSource("io.peerup.testkit.WeakKeys#names")
  void aKeyForWhichAnybodyCanSignDisablesItsLineByName(String name) {
    byte[] key = HOME.inlineKey().orElseThrow().data();
    String id = Radix.BASE58.encode(WeakKeys.instead(HOME.bytes(), key, WeakKeys.named(name)));
    AuthorizedKeys keys = AuthorizedKeys.parse(id + " name=anyone\n" + LAPTOP + " name=laptop\n");
    assertThat(keys.peers()).extracting(AuthorizedPeer::peer).containsExactly(LAPTOP);
    assertThat(keys.disabled()).hasSize(1);
    assertThat(keys.disabled().getFirst().reason()).contains(WeakKeys.REFUSAL);
  }

  @Test
  void keysThatMustNotBeIdentitiesDisableTheirLine() {
    for (JsonElement key : Vectors.json("kex/ed25519_refuse.json").getAsJsonArray("public_keys")) {
      String id = Radix.BASE58.encode(HexFormat.of().parseHex("002408011220" + key.getAsString()));
      AuthorizedKeys keys = AuthorizedKeys.parse(id + " name=anyone\n");
      assertThat(keys.peers()).as(id).isEmpty();
      assertThat(keys.disabled()).as(id).hasSize(1);
    }
  }

  @Test
  void linesAndPeersBeyondTheLimitsAreDisabled() {
    String pad = HOME + " # ";
    int room = Limits.LINE_BYTES_MAX - pad.length();
    assertThat(AuthorizedKeys.parse(pad + "x".repeat(room) + "\n").peers()).hasSize(1);
    assertThat(AuthorizedKeys.parse(pad + "x".repeat(room + 1) + "\n").peers()).isEmpty();

    StringBuilder attributes = new StringBuilder(HOME.toString());
    for (int i = 0; i < Limits.ATTRIBUTES_MAX; i++) {
      attributes.append(" a").append(i).append("=1");
    }
    assertThat(AuthorizedKeys.parse(attributes + "\n").peers()).hasSize(1);
    assertThat(AuthorizedKeys.parse(attributes + " b=1\n").peers()).isEmpty();

    StringBuilder many = new StringBuilder();
    for (int i = 0; i <= Limits.PEERS_MAX; i++) {
      many.append(hashed(i)).append('\n');
    }
    AuthorizedKeys keys = AuthorizedKeys.parse(many.toString());
    assertThat(keys.peers()).hasSize(Limits.PEERS_MAX);
    assertThat(keys.disabled()).hasSize(1);
    assertThatThrownBy(() -> keys.with(AuthorizedPeer.of(HOME, "home")))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void emptyFileAuthorisesNobody() {
    for (String file : new String[] {"", "\n", "# only\n\n   \n", "\t"}) {
      AuthorizedKeys keys = AuthorizedKeys.parse(file);
      assertThat(keys.peers()).isEmpty();
      assertThat(keys.disabled()).isEmpty();
      assertThat(text(keys)).isEqualTo(file);
    }
  }

  private static AuthorizedPeer peerWith(Map<String, String> other) {
    return new AuthorizedPeer(
        HOME,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Set.of(),
        other,
        "");
  }

  private static PeerId hashed(int number) {
    byte[] multihash = new byte[34];
    multihash[0] = 0x12;
    multihash[1] = 32;
    multihash[2] = (byte) number;
    multihash[3] = (byte) (number >> 8);
    return PeerId.fromBytes(multihash);
  }

  private static AuthorizedPeer only(String line) {
    AuthorizedKeys keys = AuthorizedKeys.parse(line + "\n");
    assertThat(keys.disabled()).isEmpty();
    assertThat(keys.peers()).hasSize(1);
    return keys.peers().getFirst();
  }

  private static String text(AuthorizedKeys keys) {
    return new String(keys.render(), StandardCharsets.UTF_8);
  }
}
