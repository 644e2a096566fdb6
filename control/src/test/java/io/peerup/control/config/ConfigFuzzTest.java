package io.peerup.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.peerup.control.Failure;
import io.peerup.testkit.SeededRandom;
import org.junit.jupiter.api.Test;

/// Whatever the text, the loader answers with a config or with problems, never otherwise.
class ConfigFuzzTest {
  private static final int ROUNDS = 1_000;
  private static final String[] PIECES = {
    ":",
    ": ",
    "\n",
    "\n  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!!x ",
    "|",
    ">",
    "'",
    "\"",
    "#",
    "? ",
    "%",
    "@",
    "~",
    "<<",
    "\t",
    "---\n",
    "...\n",
    "0",
    "-1",
    "1h",
    "relay",
    "listen",
    "\\",
    "é",
    "\u0000",
    "\uD800",
    "😀",
    "listen: ",
    "version: 1\n"
  };

  @Test
  void damagedExamplesAreAnsweredInOrder() {
    SeededRandom random = SeededRandom.of(ConfigFuzzTest.class);
    String whole = ConfigText.of(Config.defaults());
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String text = damaged(whole, random);
      try {
        ConfigLoader.parse("f", text);
      } catch (Failure e) {
        refused++;
        assertThat(e.code()).isEqualTo("config-invalid");
      } catch (RuntimeException | StackOverflowError e) {
        fail("seed " + SeededRandom.seed() + ", text:\n" + text, e);
      }
    }
    // Both kinds must occur, or this test would look at nothing.
    assertThat(refused).isBetween(ROUNDS / 10, ROUNDS - 1);
  }

  private static String damaged(String whole, SeededRandom random) {
    StringBuilder text = new StringBuilder(whole);
    for (int cuts = 1 + random.nextInt(4); cuts > 0; cuts--) {
      int from = random.nextInt(text.length() + 1);
      int to = Math.min(text.length(), from + random.nextInt(8));
      text.replace(from, to, PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }
}
