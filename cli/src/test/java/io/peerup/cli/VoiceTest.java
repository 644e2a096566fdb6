package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VoiceTest {

  private static final String ESCAPE = "\u001b";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Voice voice(boolean json, boolean terminal, boolean noColour) {
    return new Voice(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        json,
        terminal,
        noColour);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anErrorIsASentenceAndAHintOnStandardError() {
    voice(false, false, false).fail(new Failure("x", "it broke", "mend it"));
    assertThat(err()).isEqualTo("error: it broke\nhint: mend it\n");
    assertThat(out()).isEmpty();
  }

  @Test
  void anErrorWithoutAHintIsOneLine() {
    voice(false, false, false).fail(new Failure("x", "it broke", ""));
    assertThat(err()).isEqualTo("error: it broke\n");
  }

  @Test
  void anErrorOfManyLinesIsMarkedOnEach() {
    voice(false, false, false).fail(new Failure("x", "one\ntwo", ""));
    assertThat(err()).isEqualTo("error: one\nerror: two\n");
  }

  @Test
  void withJsonAnErrorIsOneDocumentOnStandardOutputAndNothingElse() {
    voice(true, true, false).fail(new Failure("code-of-it", "it broke", "mend it"));
    assertThat(out())
        .isEqualTo(
            "{\"error\":{\"code\":\"code-of-it\",\"message\":\"it broke\",\"hint\":\"mend it\"}}\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void whatOthersWroteCannotSteerTheTerminal() {
    Voice voice = voice(false, true, true);
    voice.fail(new Failure("x", "a" + ESCAPE + "[31mb", "c\u202ed"));
    voice.warn("e" + ESCAPE + "f");
    assertThat(err()).doesNotContain(ESCAPE).doesNotContain("\u202e").contains("a<U+001B>[31mb");
  }

  @Test
  void colourIsForTerminalsOnly() {
    assertThat(voice(false, true, false).good("x")).isEqualTo(ESCAPE + "[32mx" + ESCAPE + "[0m");
    assertThat(voice(false, false, false).good("x")).isEqualTo("x");
    assertThat(voice(false, true, true).good("x")).as("NO_COLOR").isEqualTo("x");
    assertThat(voice(true, true, false).good("x")).as("--json").isEqualTo("x");
  }

  @Test
  void progressIsForTerminalsOnlyAndGoesToStandardError() {
    voice(false, false, false).progress("no");
    voice(true, true, false).progress("no");
    assertThat(err()).isEmpty();
    voice(false, true, false).progress("yes");
    assertThat(err()).isEqualTo("yes\n");
    assertThat(out()).isEmpty();
  }

  @Test
  void aDocumentIsOneLine() {
    JsonObject document = new JsonObject();
    document.addProperty("name", "a\nb");
    voice(true, false, false).emit(document);
    assertThat(out()).isEqualTo("{\"name\":\"a\\nb\"}\n");
  }

  @Test
  void columnsLineUpWhetherColouredOrNotAndLinesHaveNoTail() {
    Voice voice = voice(false, true, false);
    voice.table(List.of(List.of(voice.good("ab"), "c", ""), List.of("a", "cde", "f")));
    assertThat(out().replaceAll(ESCAPE + "\\[[0-9;]*m", "")).isEqualTo("ab  c\na   cde  f\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 s",
    "1, 1 ms",
    "999, 999 ms",
    "1000, 1 s",
    "1500, 1.5 s",
    "59999, 60.0 s",
    "60000, 1m 0s",
    "3599000, 59m 59s",
    "3600000, 1h 0m",
    "86400000, 1d 0h",
    "90061000, 1d 1h"
  })
  void timesReadWell(long millis, String text) {
    assertThat(Voice.time(Duration.ofMillis(millis))).isEqualTo(text);
  }
}
