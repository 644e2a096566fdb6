package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The small text helpers: what is printed, durations, percent-encoding, failures.
class TextsTest {
  @Test
  void ordinaryTextOfAnyLanguageIsPrintedAsItIs() {
    String text = "Höme-1 日本 العربية 😀 (a \\ \"b\")";

    assertThat(Printable.of(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0x0, <U+0000>",
    "0x7, <U+0007>",
    "0xA, <U+000A>",
    "0x1B, <U+001B>",
    "0x7F, <U+007F>",
    "0x9B, <U+009B>",
    "0x85, <U+0085>",
    "0xAD, <U+00AD>",
    "0x200B, <U+200B>",
    "0x200E, <U+200E>",
    "0x2028, <U+2028>",
    "0x202E, <U+202E>",
    "0x2066, <U+2066>",
    "0xFEFF, <U+FEFF>",
    "0xD800, <U+D800>",
    "0xE000, <U+E000>",
    "0xE0041, <U+E0041>",
    "0x61C, <U+061C>",
  })
  void whatCouldSteerATerminalIsShownAsItsNumber(String codePoint, String shown) {
    String text = "a" + Character.toString(Integer.decode(codePoint)) + "b";

    assertThat(Printable.of(text)).isEqualTo("a" + shown + "b");
  }

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "0s, PT0S",
    "90s, PT1M30S",
    "15m, PT15M",
    "1h30m, PT1H30M",
    "7d, PT168H",
    "500ms, PT0.5S",
    "1d2h3m4s5ms, PT26H3M4.005S",
    "999999999d, PT23999999976H",
  })
  void durationsAreReadAsPeopleWriteThem(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "-1s",
        "1.5h",
        "1 h",
        "h",
        "1m1h",
        "1h1h",
        "1x",
        "10000000000s",
        "1H",
        "PT1H",
        "٣s"
      })
  void whatIsNoDurationIsRefusedWithAnExample(String text) {
    assertThatThrownBy(() -> Durations.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("write it like 90s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "1ms", "59s", "1m", "1h", "1h30m", "1d", "7d1s"})
  void durationsAreWrittenAsTheyAreRead(String text) {
    assertThat(Durations.format(Durations.parse(text))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "a b/c?d#e%f+g&h", "höme 😀", "\u0000\n"})
  void percentEncodingIsReversible(String text) {
    String encoded = PercentCode.encode(text);

    assertThat(encoded).matches("[A-Za-z0-9._~%-]*");
    assertThat(PercentCode.decode(encoded)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "a%", "%C3", "%FF%FE", "%ED%A0%80", "ü", "%４１"})
  void brokenPercentEncodingIsRefused(String text) {
    assertThatThrownBy(() -> PercentCode.decode(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFailureSurvivesItsJsonForm() {
    Failure failure = new Failure("some-code", "It \"failed\"\n.", "try ü");

    Failure again = Failure.fromJson(Jsons.parseObject(Jsons.text(failure.toJson())));

    assertThat(again).isNotNull();
    assertThat(again.code()).isEqualTo(failure.code());
    assertThat(again.message()).isEqualTo(failure.message());
    assertThat(again.hint()).isEqualTo(failure.hint());
  }

  @Test
  void anObjectWithoutErrorIsNoFailure() {
    assertThat(Failure.fromJson(Jsons.parseObject("{\"error\":\"text\"}"))).isNull();
    assertThat(Failure.fromJson(Jsons.parseObject("{\"code\":\"x\"}"))).isNull();
  }

  @Test
  void theCookieIsShownOnlyByItsOwnHeader() {
    Cookie cookie = Cookie.create();
    String header = cookie.header();

    assertThat(header).matches("Bearer [0-9a-f]{64}");
    assertThat(cookie.isShownBy(header)).isTrue();
    assertThat(cookie.isShownBy("")).isFalse();
    assertThat(cookie.isShownBy("Bearer ")).isFalse();
    assertThat(cookie.isShownBy(header + "0")).isFalse();
    assertThat(cookie.isShownBy(header.substring(0, header.length() - 1))).isFalse();
    assertThat(cookie.isShownBy(Cookie.create().header())).isFalse();
    assertThat(cookie.toString()).doesNotContain(header.substring(7));
  }
}
