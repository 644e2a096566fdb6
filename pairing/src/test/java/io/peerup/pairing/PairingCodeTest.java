package io.peerup.pairing;

import static io.peerup.pairing.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Codes as people type, hear and paste them.
class PairingCodeTest {

  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final String TYPED = "EJWJ-7KQK-W0C9-MGVF";
  private static final String SPOKEN = "4711-cobra-reproduce-accrue-integrate";

  private final SeededRandom random = SeededRandom.of(PairingCodeTest.class);
  private final KeyRandom keys = Fixtures.random(random);

  @Test
  void everyRowOfThePublishedTableIsReadOrRefusedAsItSays() {
    for (JsonElement each : known().getAsJsonArray("normalisation")) {
      JsonObject row = each.getAsJsonObject();
      String input = row.get("input").getAsString();
      String expected = row.get("expect").getAsString();
      if (expected.equals("accept")) {
        assertThat(text(PairingCode.parse(input)))
            .as(input)
            .isEqualTo(row.get("canonical").getAsString());
      } else {
        MalformedInput refused =
            catchThrowableOfType(MalformedInput.class, () -> PairingCode.parse(input));
        assertThat(refused.getMessage() + " " + refused.hint())
            .as(input)
            .contains(wordsFor(expected));
      }
    }
  }

  /// What our message says for each reason in the table.
  private static String wordsFor(String reason) {
    return switch (reason) {
      case "reject: check symbol" -> "its check symbol does not fit";
      case "reject: length" -> "a typed code has 16 characters, this one has 15";
      case "reject: U is not in the alphabet" -> "'U' at position 15";
      case "reject: leading zero" -> "begins with a 0";
      case "reject: word of the wrong list at position 1" -> "word 1 is one that stands at other";
      case "reject: word count" -> "this one has 3 words";
      case "reject: not a listed word, suggest cobra" -> "did you mean cobra?";
      default -> throw new AssertionError(reason);
    };
  }

  @Test
  void shortCodesHaveThePublishedSecrets() {
    for (JsonElement each : known().getAsJsonArray("codes")) {
      JsonObject row = each.getAsJsonObject();
      PairingSecret secret = secret(PairingCode.parse(row.get("shown").getAsString()));
      assertThat(secret.kind()).isEqualTo(row.get("kind").getAsInt());
      assertThat(secret.selector())
          .isEqualTo(Crypto.ascii(row.get("selector_ascii").getAsString()));
      assertThat(secret.prs()).isEqualTo(hex(row, "prs"));
    }
  }

  @Test
  void generatingFromThePublishedBytesGivesThePublishedCodes() {
    JsonObject spoken = known().getAsJsonArray("codes").get(0).getAsJsonObject();
    byte[] words = hex(spoken, "secret_bytes");
    assertThat(SpokenCode.generate("4711", t -> System.arraycopy(words, 0, t, 0, t.length)).text())
        .isEqualTo(SPOKEN);
    byte[] symbols = new byte[16];
    for (int i = 0; i < 16; i++) {
      // The upper bits of random bytes do not matter, and the last is the check in any case.
      symbols[i] = (byte) (ALPHABET.indexOf("EJWJ7KQKW0C9MGV0".charAt(i)) | 0xe0);
    }
    assertThat(TypedCode.generate(t -> System.arraycopy(symbols, 0, t, 0, t.length)).text())
        .isEqualTo(TYPED);
  }

  @Test
  void everyWrongSymbolAndEverySwapOfTwoIsNoticed() {
    for (int round = 0; round < 200; round++) {
      String code = TypedCode.generate(keys).text().replace("-", "");
      for (int i = 0; i < code.length(); i++) {
        for (int symbol = 0; symbol < 32; symbol++) {
          char other = ALPHABET.charAt(symbol);
          StringBuilder wrong = new StringBuilder(code);
          wrong.setCharAt(i, other);
          assertThat(TypedCode.matches(wrong.toString())).isEqualTo(other == code.charAt(i));
        }
        for (int j = 0; j < i; j++) {
          StringBuilder swapped = new StringBuilder(code);
          swapped.setCharAt(i, code.charAt(j));
          swapped.setCharAt(j, code.charAt(i));
          assertThat(TypedCode.matches(swapped.toString()))
              .isEqualTo(code.charAt(i) == code.charAt(j));
        }
      }
    }
  }

  @Test
  void codesAreReadBackAndAreNotRepeated() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      String typed = TypedCode.generate(keys).text();
      assertThat(text(PairingCode.parse(typed))).isEqualTo(typed);
      assertThat(seen.add(typed)).isTrue();
      String spoken = SpokenCode.generate("99999", keys).text();
      assertThat(text(PairingCode.parse(spoken))).isEqualTo(spoken);
    }
  }

  @Test
  void theWordsAreThePublishedOnes() {
    for (JsonElement each :
        JsonParser.parseString(Vectors.text("wordlists/pgp_word_list.json")).getAsJsonArray()) {
      JsonObject row = each.getAsJsonObject();
      byte value = (byte) row.get("byte").getAsInt();
      assertThat(WordList.word(0, value))
          .isEqualTo(row.get("even").getAsString().toLowerCase(Locale.ROOT));
      assertThat(WordList.word(1, value))
          .isEqualTo(row.get("odd").getAsString().toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void anyWordWithOneSlipIsNoOtherWordAndIsSuggested() {
    for (int place = 0; place < 2; place++) {
      for (int value = 0; value < 256; value++) {
        String word = WordList.word(place, (byte) value);
        for (int at = 0; at < word.length(); at++) {
          String slip = word.substring(0, at) + "x" + word.substring(at + 1);
          if (!slip.equals(word)) {
            assertThat(WordList.value(place, slip)).isEqualTo(-1);
            assertThat(WordList.suggestions(place, slip)).as(slip).contains(word);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4711-reproduce-cobra-accrue-integrate,        word 1",
    "4711-cobra-accrue-reproduce-integrate,        word 2",
    "4711-cobra-reproduce-accrue-integrate-cobra,  5 words",
    "471-cobra-reproduce-accrue-integrate,         4 or 5 digits",
    "471100-cobra-reproduce-accrue-integrate,      4 or 5 digits",
    "4711-cobra-reproduce-zzzzzzzz-integrate,      word 3 is none",
  })
  void spokenSlipsAreNamed(String input, String reason) {
    assertThatThrownBy(() -> PairingCode.parse(input))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(reason.strip());
  }

  @ParameterizedTest
  @CsvSource({
    "@45.33.1.1,               /ip4/45.33.1.1/tcp/7777",
    "@45.33.1.1:80,            /ip4/45.33.1.1/tcp/80",
    " @ [2001:db8::1],         /ip6/2001:db8::1/tcp/7777",
    "@[2001:db8::1]:8888,      /ip6/2001:db8::1/tcp/8888",
    "@Relay.Example.net,       /dns/relay.example.net/tcp/7777",
    "@relay.example.net:1,     /dns/relay.example.net/tcp/1",
  })
  void aShortCodeMayNameItsRelay(String suffix, String address) {
    for (String code : List.of(TYPED, SPOKEN)) {
      var relay =
          switch (PairingCode.parse(code + suffix)) {
            case PairingCode.Typed typed -> typed.relay();
            case PairingCode.Spoken spoken -> spoken.relay();
            default -> throw new AssertionError();
          };
      assertThat(relay.orElseThrow().multiaddr()).hasToString(address);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@",
        "@:7777",
        "@1.2.3",
        "@1.2.3.4:",
        "@1.2.3.4:0",
        "@1.2.3.4:65536",
        "@2001:db8::1",
        "@[2001:db8::1",
        "@[2001:db8::1]x",
        "@0.0.0.0",
        "@a b",
        "@host@host",
        "@host/x",
        "@-host"
      })
  void aRelayThatCannotBeDialledIsRefused(String suffix) {
    assertThatThrownBy(() -> PairingCode.parse(TYPED + suffix)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void everyKindIsToldByItsForm() {
    PeerId relay = Fixtures.peer(9);
    Multiaddr address = Fixtures.RELAY_HOST.multiaddr().withPeer(relay);
    String group =
        GroupCode.generate(1, relay, Fixtures.RELAY_HOST, "", keys).codes().getFirst().text();
    FullCode full =
        FullCode.generate(
            Fixtures.peer(1), List.of(address), "my-crew", Instant.ofEpochSecond(9), keys);
    assertThat(PairingCode.parse(TYPED)).isInstanceOf(PairingCode.Typed.class);
    assertThat(PairingCode.parse(SPOKEN)).isInstanceOf(PairingCode.Spoken.class);
    assertThat(PairingCode.parse(group)).isInstanceOf(PairingCode.Group.class);
    assertThat(PairingCode.parse(" <" + full.text() + ">. ")).isInstanceOf(PairingCode.Full.class);
    assertThat(PairingCode.parse(knownUrl())).isInstanceOf(PairingCode.Link.class);
    assertThatThrownBy(() -> PairingCode.parse(group + "@1.2.3.4"))
        .hasMessageContaining("names its relay itself");
    assertThatThrownBy(() -> PairingCode.parse(group.substring(0, group.length() - 1)))
        .hasMessageContaining("1 character short");
    assertThatThrownBy(() -> PairingCode.parse(SafetyNumber.of(relay, Fixtures.peer(1)).scan()))
        .hasMessageContaining("not for joining");
    assertThatThrownBy(() -> PairingCode.parse("peerup:new#AA"))
        .hasMessageContaining("newer version");
    assertThatThrownBy(() -> PairingCode.parse(" \n ")).hasMessageContaining("there is no code");
    assertThatThrownBy(() -> PairingCode.parse("A".repeat(Limits.PASTED_CHARS_MAX + 1)))
        .hasMessageContaining("far too long");
  }

  @Test
  void aTypedCodeThatLooksLikeWordsIsStillATypedCode() {
    // Digits first and then letters only, in every grouping that people use.
    int found = 0;
    for (int i = 0; i < 2_000_000 && found < 5; i++) {
      String code = TypedCode.generate(keys).text();
      String plain = code.replace("-", "");
      if (plain.substring(0, 4).chars().allMatch(Character::isDigit)
          && plain.substring(4).chars().noneMatch(Character::isDigit)) {
        found++;
        for (String form :
            List.of(code, plain, code.replace('-', ' '), code.toLowerCase(Locale.ROOT))) {
          assertThat(text(PairingCode.parse(form))).isEqualTo(code);
        }
      }
    }
    assertThat(found).isEqualTo(5);
  }

  @Test
  void aFullCodeHasThePublishedBytes() {
    JsonObject row = known().getAsJsonObject("full_code");
    String text = row.get("code").getAsString();
    FullCode code = ((PairingCode.Full) PairingCode.parse(text)).code();
    assertThat(code.text()).isEqualTo(text);
    assertThat(code.inviter().bytes()).isEqualTo(hex(row, "inviter_id"));
    assertThat(code.relays()).containsExactly(Multiaddr.fromBytes(hex(row, "relay_multiaddr")));
    assertThat(code.namespace()).contains("my-crew");
    assertThat(code.expires().getEpochSecond()).isEqualTo(row.get("expires_unix").getAsLong());
    assertThat(code.secret().selector()).isEqualTo(hex(row, "selector"));
    assertThat(code.secret().prs()).isEqualTo(hex(row, "secret_and_prs"));
  }

  @Test
  void everyAlteredCharacterOfAFullCodeIsNoticed() {
    String text = known().getAsJsonObject("full_code").get("code").getAsString();
    for (int at = FullCode.SCHEME.length(); at < text.length(); at++) {
      char other = text.charAt(at) == 'A' ? 'B' : 'A';
      String altered = text.substring(0, at) + other + text.substring(at + 1);
      assertThatThrownBy(() -> PairingCode.parse(altered))
          .isInstanceOf(MalformedInput.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void codesShowNoSecretAndErrorsDoNotRepeatThem() {
    assertThat(PairingCode.parse(TYPED).toString()).doesNotContain("MGV");
    assertThat(PairingCode.parse(SPOKEN).toString()).doesNotContain("cobra");
    String full = known().getAsJsonObject("full_code").get("code").getAsString();
    assertThat(PairingCode.parse(full).toString()).doesNotContain("cnJycnJy");
    assertThat(PairingCode.parse(knownUrl()).toString()).doesNotContain("Xl5eXl5e");
    for (String wrong : List.of("EJWJ-7KQK-W0C9-MGVE", "4711-cobra-reproduce-accrue-zzzzzzzz")) {
      MalformedInput e = catchThrowableOfType(MalformedInput.class, () -> PairingCode.parse(wrong));
      assertThat(e.getMessage() + e.hint()).doesNotContain("W0C9", "MGVE", "reproduce", "zzzz");
    }
  }

  @Test
  void nothingButMalformedInputComesOfAnyText() {
    String full = known().getAsJsonObject("full_code").get("code").getAsString();
    for (String seed : List.of(TYPED + "@1.2.3.4:5", SPOKEN, full, knownUrl())) {
      Fixtures.fuzz(
          b -> PairingCode.parse(new String(b, StandardCharsets.ISO_8859_1)),
          random,
          2_000,
          Crypto.ascii(seed));
    }
  }

  private static String text(PairingCode code) {
    return switch (code) {
      case PairingCode.Spoken spoken -> spoken.code().text();
      case PairingCode.Typed typed -> typed.code().text();
      case PairingCode.Full full -> full.code().text();
      case PairingCode.Group group -> group.code().text();
      case PairingCode.Link link -> link.link().text();
    };
  }

  private static PairingSecret secret(PairingCode code) {
    return switch (code) {
      case PairingCode.Spoken spoken -> spoken.code().secret();
      case PairingCode.Typed typed -> typed.code().secret();
      default -> throw new AssertionError();
    };
  }

  private static String knownUrl() {
    return known().getAsJsonObject("invite_url").get("url").getAsString();
  }

  private static JsonObject known() {
    return Vectors.json("pairing/pairing_known_answers.json");
  }
}
