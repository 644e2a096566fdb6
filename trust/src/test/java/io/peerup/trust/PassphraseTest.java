package io.peerup.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassphraseTest {

  private static Passphrase line(String text) {
    return Passphrase.ofLine(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"one two", "one two\n", "one two\r\n"})
  void aFileAndATypedLineSayTheSameWhateverEndsTheLine(String text) {
    assertThat(line(text).same(Passphrase.ofTyped("one two".toCharArray()))).isTrue();
  }

  @Test
  void nothingElseIsTrimmedOrChanged() {
    assertThat(line(" one").same(line("one"))).isFalse();
    assertThat(line("one ").same(line("one"))).isFalse();
    assertThat(line("e\u0301").same(line("\u00e9"))).isFalse();
    assertThat(line("\u00e9").same(Passphrase.ofTyped("\u00e9".toCharArray()))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n", "two\nlines", "two\nlines\n", "a\0b", "a\r"})
  void whatIsNoLineIsRefused(String text) {
    refused(() -> line(text));
  }

  @Test
  void atItsLimitsItIsTakenAndOneBeyondIsRefused() {
    line("x".repeat(8)).checkLength();
    refused(() -> line("x".repeat(7)).checkLength());
    assertThat(line("x".repeat(1024)).bytes()).hasSize(1024);
    refused(() -> line("x".repeat(1025)));
  }

  @Test
  void whatIsTypedIsWipedAndNoTextIsRefused() {
    char[] typed = "one two".toCharArray();
    Passphrase.ofTyped(typed).close();
    assertThat(typed).containsOnly('\0');
    refused(() -> Passphrase.ofTyped(new char[] {'\ud800', 'x'}));
  }

  @Test
  void itShowsNothingAndIsGoneOnceItIsClosed() {
    Passphrase secret = line("one two");
    assertThat(secret.toString()).doesNotContain("one");
    secret.close();
    assertThat(secret.bytes()).containsOnly(0);
  }

  private static void refused(Runnable made) {
    assertThatThrownBy(made::run)
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("bad-passphrase");
              assertThat(e.hint()).isNotEmpty();
            });
  }
}
