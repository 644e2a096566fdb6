package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.SeededRandom;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupCodeTest {

  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final String CODE =
      "808124GK-2GAHC5RR-34G228H3-4GJJC9S8-54N2PB1D-5TCD9DP0-ZC4EZSYD-WQ5G0W87-3SGHFXQJ";
  private static final String SYMBOLS = CODE.replace("-", "");

  private final KeyRandom random = Fixtures.random(SeededRandom.of(GroupCodeTest.class));

  @Test
  void codeForAnIpv4RelayOnTheDefaultNetworkHas80Characters() {
    GroupCode.NewGroup group =
        GroupCode.generate(3, Fixtures.peer(1), Fixtures.RELAY_HOST, "", random);
    assertThat(group.codes()).allSatisfy(c -> assertThat(c.text()).hasSize(80).startsWith("8"));
  }

  @Test
  void everySingleSubstitutionIsDetected() {
    for (int i = 0; i < SYMBOLS.length(); i++) {
      for (int symbol = 0; symbol < ALPHABET.length(); symbol++) {
        char c = ALPHABET.charAt(symbol);
        if (c != SYMBOLS.charAt(i)) {
          String wrong = SYMBOLS.substring(0, i) + c + SYMBOLS.substring(i + 1);
          assertThatThrownBy(() -> GroupCode.parse(wrong)).isInstanceOf(MalformedInput.class);
        }
      }
    }
  }

  @Test
  void everySwapOfNeighboursIsDetected() {
    for (int i = 0; i + 1 < SYMBOLS.length(); i++) {
      if (SYMBOLS.charAt(i) != SYMBOLS.charAt(i + 1)) {
        String wrong =
            SYMBOLS.substring(0, i)
                + SYMBOLS.charAt(i + 1)
                + SYMBOLS.charAt(i)
                + SYMBOLS.substring(i + 2);
        assertThatThrownBy(() -> GroupCode.parse(wrong)).isInstanceOf(MalformedInput.class);
      }
    }
  }

  @Test
  void truncatedCodeSaysHowMuchIsMissing() {
    for (int missing = 1; missing < SYMBOLS.length(); missing++) {
      String rest = SYMBOLS.substring(0, SYMBOLS.length() - missing);
      // With the first symbol alone the form of the address is not known yet.
      String count = (rest.length() < 2 ? "at least " : "") + (missing == 1 ? "1 character" : "");
      assertThatThrownBy(() -> GroupCode.parse(rest))
          .isInstanceOf(MalformedInput.class)
          .hasMessageContaining("short")
          .hasMessageContaining(count);
    }
    assertThatThrownBy(() -> GroupCode.parse(CODE.substring(0, CODE.length() - 2)))
        .hasMessage("the code is 2 characters short");
    assertThatThrownBy(() -> GroupCode.parse(CODE + "0"))
        .hasMessage("the code is 1 character too long");
    assertThatThrownBy(() -> GroupCode.parse(CODE + CODE))
        .hasMessage("the code is 72 characters too long");
  }

  @Test
  void truncatedCodeWithNameAndNetworkIsDetectedAtEveryLength() {
    String symbols =
        GroupCode.generate(
                1,
                Fixtures.peer(1),
                new RelayHost.Dns("relay.example.org", 7777),
                "my-crew",
                random)
            .codes()
            .getFirst()
            .text()
            .replace("-", "");
    for (int length = 1; length < symbols.length(); length++) {
      String rest = symbols.substring(0, length);
      assertThatThrownBy(() -> GroupCode.parse(rest))
          .isInstanceOf(MalformedInput.class)
          .hasMessageContaining("short");
    }
  }

  @Test
  void caseDashesSpacesAndLookalikesDoNotMatter() {
    String[] variants = {
      CODE.toLowerCase(Locale.ROOT),
      SYMBOLS,
      "  " + CODE + "\r\n",
      CODE.replace('-', ' '),
      CODE.replace("-", " - "),
      CODE.replace("-", "\u2013"),
      CODE.replace("-", "\u2011"),
      CODE.replace("-", "\u00a0"),
      CODE.replace("-", "-\n"),
      CODE.replace('0', 'O'),
      CODE.replace('0', 'o'),
      CODE.replace('1', 'I'),
      CODE.replace('1', 'l'),
    };
    for (String variant : variants) {
      assertThat(GroupCode.parse(variant).text()).isEqualTo(CODE);
    }
  }

  @Test
  void wrongCheckIsNamedAsATypingError() {
    String wrong =
        CODE.substring(0, 30) + (CODE.charAt(30) == '7' ? '8' : '7') + CODE.substring(31);
    assertThatThrownBy(() -> GroupCode.parse(wrong))
        .hasMessage("the code is mistyped: its check failed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "-", "\n"})
  void nothingIsNotACode(String text) {
    assertThatThrownBy(() -> GroupCode.parse(text)).hasMessage("there is no code");
  }

  @ParameterizedTest
  @ValueSource(strings = {"U", "!", "\u0000", "Ä", "𝟖", "٣", "\u202e", "<"})
  void foreignCharacterIsNamedWithItsPosition(String foreign) {
    assertThatThrownBy(() -> GroupCode.parse(CODE.substring(0, 5) + foreign + CODE.substring(6)))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("position 6")
        .hasMessageNotContaining(CODE.substring(7, 15));
  }

  @Test
  void textThatIsNoGroupCodeIsSaidToBeNone() {
    assertThatThrownBy(() -> GroupCode.parse("EJWJ-7KQK-W0C9-MGVF"))
        .hasMessageContaining("not a group code");
    assertThatThrownBy(() -> GroupCode.parse("8".repeat(5000))).hasMessageContaining("too long");
  }

  @Test
  void paddingBitsMustBeZero() {
    GroupCode code =
        GroupCode.generate(1, Fixtures.peer(1), Fixtures.RELAY_HOST, "my-crew", random)
            .codes()
            .getFirst();
    String text = code.text();
    // 53 bytes are 424 bits: the last of 85 symbols carries four of them and one of padding.
    int last = ALPHABET.indexOf(text.charAt(text.length() - 1));
    assertThat(last & 1).isZero();
    String padded = text.substring(0, text.length() - 1) + ALPHABET.charAt(last | 1);
    assertThatThrownBy(() -> GroupCode.parse(padded)).hasMessageContaining("mistyped");
    assertThat(GroupCode.parse(text).namespace()).contains("my-crew");
  }

  @Test
  void codesOfAGroupShareTheSelectorAndNothingElse() {
    GroupCode.NewGroup group =
        GroupCode.generate(64, Fixtures.peer(1), Fixtures.RELAY_HOST, "", random);
    Set<String> texts = new HashSet<>();
    Set<String> hashes = new HashSet<>(group.spec().tokenHashesHex());
    for (GroupCode code : group.codes()) {
      GroupCode parsed = GroupCode.parse(code.text());
      assertThat(texts.add(code.text())).isTrue();
      assertThat(parsed.secrets().selector()).isEqualTo(group.spec().selector());
      assertThat(hashes.remove(HexFormat.of().formatHex(parsed.secrets().tokenHash()))).isTrue();
    }
    assertThat(hashes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65, 1_000_000})
  void countOutsideItsLimitsIsRefused(int count) {
    assertThatThrownBy(
            () -> GroupCode.generate(count, Fixtures.peer(1), Fixtures.RELAY_HOST, "", random))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("1 to 64 codes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"My-Crew", "-a", "a-", "a b", "a.b", "ä"})
  void networkThatIsNoLabelIsRefused(String namespace) {
    assertThatThrownBy(
            () -> GroupCode.generate(1, Fixtures.peer(1), Fixtures.RELAY_HOST, namespace, random))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void longestHostAndNetworkSurviveTheTrip() {
    String label = "a".repeat(63);
    String host = label + "." + label + "." + label + "." + "b".repeat(61);
    GroupCode code =
        GroupCode.generate(1, Fixtures.peer(1), new RelayHost.Dns(host, 65535), label, random)
            .codes()
            .getFirst();
    assertThat(code.text().length()).isLessThan(Limits.CODE_CHARS_MAX);
    GroupCode parsed = GroupCode.parse(code.text());
    assertThat(parsed.relay()).isEqualTo(new RelayHost.Dns(host, 65535));
    assertThat(parsed.namespace()).contains(label);
    assertThatThrownBy(() -> new RelayHost.Dns(host + "b", 1)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void addressThatNobodyCanDialDoesNotGetIntoACode() {
    for (String address :
        new String[] {
          "/ip4/0.0.0.0/tcp/7777",
          "/ip6/::/tcp/7777",
          "/ip4/192.0.2.1/tcp/0",
          "/ip4/224.0.0.1/tcp/7777",
          "/ip4/192.0.2.1/udp/7777"
        }) {
      assertThatThrownBy(() -> RelayHost.of(Multiaddr.parse(address)))
          .isInstanceOf(MalformedInput.class);
    }
    assertThat(RelayHost.of(Multiaddr.parse("/dns4/Relay.Example.org/tcp/1/p2p/" + peer())))
        .isEqualTo(new RelayHost.Dns("relay.example.org", 1));
    assertThat(RelayHost.of(Multiaddr.parse("/ip6/2001:db8::7/tcp/443")).multiaddr())
        .isEqualTo(Multiaddr.parse("/ip6/2001:db8::7/tcp/443"));
  }

  @Test
  void noSecretIsInAnyToString() {
    GroupCode.NewGroup group =
        GroupCode.generate(1, Fixtures.peer(1), Fixtures.RELAY_HOST, "", random);
    GroupCode code = group.codes().getFirst();
    GroupSecrets secrets = code.secrets();
    HexFormat hex = HexFormat.of();
    for (Object shown : new Object[] {group, code, secrets, secrets.groupKey(), group.spec()}) {
      assertThat(shown.toString())
          .doesNotContain(hex.formatHex(secrets.token()))
          .doesNotContain(hex.formatHex(secrets.groupKey().key()))
          .doesNotContain(code.text())
          .doesNotContain(code.text().substring(9, 17));
    }
  }

  @Test
  void destroyedSecretsAreGone() {
    GroupSecrets secrets = GroupCode.parse(CODE).secrets();
    secrets.destroy();
    assertThat(secrets.token()).isEqualTo(new byte[16]);
    assertThat(secrets.groupKey().key()).isEqualTo(new byte[16]);
    assertThat(secrets.groupKey().macKey()).isEqualTo(new byte[32]);
    assertThat(secrets.groupKey().nameKey()).isEqualTo(new byte[32]);
  }

  private static PeerId peer() {
    return PeerId.of(PrivateKey.ofEd25519Seed(new byte[32]).publicKey());
  }
}
