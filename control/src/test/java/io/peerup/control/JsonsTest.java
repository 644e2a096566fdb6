package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"x\"",
        "1",
        "{",
        "}",
        "{}{}",
        "{} x",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\":[1,]}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":01}",
        "{\"a\":TRUE}",
        "{\"a\":\"\u0001\"}",
        "{\"a\":\"\\x\"}",
        "{/*c*/}",
        "# c\n{}",
        "{\"a\":1e99999999999}",
        "{\"a\":11111111111111111111111111111111111111111}",
        "{\"a\":nul",
        "{\"a\":\"b",
      })
  void whatIsNotOneStrictObjectIsRefused(String text) {
    assertThat(Failures.of(() -> Jsons.parseObject(text)).code()).isEqualTo("bad-json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":[1,-2.5,true,false,null,\"x\",{\"b\":{}}]}",
        "{\"digits\":1111111111111111111111111111111111111111}",
        "{\"big\":9223372036854775807,\"huge\":92233720368547758070}",
        "{\"text\":\"quote \\\" slash \\\\ line \\n ü 😀\"}",
      })
  void whatIsParsedIsWrittenBack(String text) {
    JsonObject parsed = Jsons.parseObject(text);

    assertThat(Jsons.text(parsed)).isEqualTo(text);
  }

  @Test
  void nestingIsAcceptedToItsLimitAndNotBeyond() {
    Jsons.parseObject(nested(Limits.JSON_DEPTH));

    assertThat(Failures.of(() -> Jsons.parseObject(nested(Limits.JSON_DEPTH + 1))).code())
        .isEqualTo("bad-json");
  }

  private static String nested(int depth) {
    return "{\"a\":" + "[".repeat(depth - 1) + "]".repeat(depth - 1) + "}";
  }

  @Test
  void aDocumentIsAcceptedToItsLimitAndNotBeyond() {
    String frame = "{\"a\":\"\"}";
    String fits = "{\"a\":\"" + "x".repeat(Limits.JSON_BYTES - frame.length()) + "\"}";
    Jsons.parseObject(fits);

    assertThat(Failures.of(() -> Jsons.parseObject(fits + " ")).code()).isEqualTo("bad-json");
  }

  @Test
  void aDocumentIsWrittenOnOneLine() {
    JsonObject json = new JsonObject();
    json.addProperty("text", "a\nb\u2028c\r");

    assertThat(Jsons.text(json)).doesNotContain("\n", "\r", "\u2028");
  }

  @Test
  void aNumberThatJsonDoesNotKnowIsNotWritten() {
    JsonObject json = new JsonObject();
    json.addProperty("x", Double.POSITIVE_INFINITY);

    assertThatThrownBy(() -> Jsons.text(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fieldsAreReadByType() {
    JsonObject json =
        Jsons.parseObject("{\"s\":\"x\",\"n\":7,\"b\":true,\"l\":[\"a\",\"b\"],\"z\":null}");

    assertThat(Jsons.string(json, "s")).isEqualTo("x");
    assertThat(Jsons.optionalString(json, "z")).isEmpty();
    assertThat(Jsons.optionalString(json, "none")).isEmpty();
    assertThat(Jsons.integer(json, "n", 0, 10)).isEqualTo(7);
    assertThat(Jsons.integer(json, "none", 0, 10, 3)).isEqualTo(3);
    assertThat(Jsons.bool(json, "b", false)).isTrue();
    assertThat(Jsons.bool(json, "none", true)).isTrue();
    assertThat(Jsons.strings(json, "l")).containsExactly("a", "b");
    assertThat(Jsons.strings(json, "none")).isEmpty();
  }

  @Test
  void wrongFieldsAreNamed() {
    JsonObject json =
        Jsons.parseObject("{\"s\":\"x\",\"n\":7,\"f\":1.5,\"l\":[\"a\",1],\"big\":1e30}");

    assertProblem(() -> Jsons.string(json, "none"), "\"none\" is missing");
    assertProblem(() -> Jsons.string(json, "n"), "\"n\" must be a string");
    assertProblem(() -> Jsons.integer(json, "none", 0, 1), "\"none\" is missing");
    assertProblem(() -> Jsons.integer(json, "s", 0, 1), "\"s\" must be a whole number");
    assertProblem(() -> Jsons.integer(json, "f", 0, 1), "\"f\" must be a whole number");
    assertProblem(() -> Jsons.integer(json, "big", 0, 1), "\"big\" must be a whole number");
    assertProblem(() -> Jsons.integer(json, "n", 0, 6), "\"n\" must be from 0 to 6, not 7");
    assertProblem(() -> Jsons.integer(json, "n", 8, 9), "\"n\" must be from 8 to 9, not 7");
    assertProblem(() -> Jsons.bool(json, "n", true), "\"n\" must be true or false");
    assertProblem(() -> Jsons.strings(json, "s"), "\"s\" must be a list of strings");
    assertProblem(() -> Jsons.strings(json, "l"), "\"l[1]\" must be a string");
  }

  private static void assertProblem(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String problem) {
    Failure failure = Failures.of(call);
    assertThat(failure.code()).isEqualTo("bad-request");
    assertThat(failure.message()).contains(problem);
  }
}
