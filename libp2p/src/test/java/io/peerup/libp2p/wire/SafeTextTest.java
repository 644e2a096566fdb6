package io.peerup.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "a b", "Büro", "ноутбук", "部屋", "🚀", "a=\"#\\"})
  void printableTextIsReturnedAsItIs(String text) {
    assertThat(SafeText.decode(text.getBytes(StandardCharsets.UTF_8), 64, "it")).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " a",
        "a ",
        "a\tb",
        "a\u0000",
        "a\u007f",
        "a\u0085",
        "a\u00a0b",
        "a\u00ad",
        "a\u061c",
        "a\u200b",
        "a\u200e",
        "a\u2028",
        "a\u202e",
        "a\u2069",
        "\ufeffa",
        "\ue000",
        "\udb40\udc01",
        "e\u0301",
        "\uffff"
      })
  void textThatCouldDeceiveIsRefused(String text) {
    assertThatThrownBy(() -> SafeText.check(text, 64, "it"))
        .isInstanceOf(MalformedInput.class)
        .hasMessageStartingWith("it ");
  }

  @Test
  void lengthIsCountedInBytesAndCheckedAtItsLimit() {
    assertThat(SafeText.check("é".repeat(32), 64, "it")).hasSize(32);
    assertThatThrownBy(() -> SafeText.check("é".repeat(32) + "a", 64, "it"))
        .hasMessage("it is longer than 64 bytes");
    assertThatThrownBy(() -> SafeText.decode(new byte[65], 64, "it"))
        .hasMessage("it is longer than 64 bytes");
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    for (byte[] bytes :
        new byte[][] {{(byte) 0xff}, {(byte) 0xc0, (byte) 0xaf}, {(byte) 0xed, (byte) 0xa0, 0}}) {
      assertThatThrownBy(() -> SafeText.decode(bytes, 64, "it")).isInstanceOf(MalformedInput.class);
    }
    assertThatThrownBy(() -> SafeText.check("\ud800", 64, "it")).isInstanceOf(MalformedInput.class);
  }
}
