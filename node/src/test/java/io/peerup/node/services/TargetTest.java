package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8000, 127.0.0.1:8000",
    "[::1]:22, [::1]:22",
    "nas.local:445, nas.local:445",
    "8080, 127.0.0.1:8080",
    "host:65535, host:65535",
    "host:1, host:1"
  })
  void readsAddressesAsPeopleWriteThem(String text, String canonical) {
    assertThat(Target.parse(text)).hasToString(canonical);
    assertThat(Target.parse(canonical)).isEqualTo(Target.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":80",
        "host:",
        "host:0",
        "host:65536",
        "host:-1",
        "host:8 0",
        "::1:80",
        "[::1]80",
        "[::1",
        "a b:80",
        "host:80:90",
        "host\n:80",
        "[]:80",
        "host:999999"
      })
  void refusesWhatIsNoAddress(String text) {
    assertThatThrownBy(() -> Target.parse(text))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo("bad-target"));
  }

  @Test
  void aHostNameMayBe253CharactersLongAndNoLonger() {
    assertThat(Target.parse("a".repeat(253) + ":80").port()).isEqualTo(80);
    assertThatThrownBy(() -> Target.parse("a".repeat(254) + ":80")).isInstanceOf(Failure.class);
  }
}
