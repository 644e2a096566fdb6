package io.peerup.control;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The text forms of requests, state files and command lines.
class ControlFuzzTest {

  private static final List<String> FIELDS = List.of("peer", "count", "list", "on");

  /// A request's body, a reply's line, a state file.
  @MethodSource("objects")
  @FuzzTest
  void json(byte[] input) {
    Decoding.of(input, Failure.class, bytes -> Jsons.parseObject(text(bytes)))
        .ifPresent(object -> {
          String written = Jsons.text(object);
          check(written.indexOf('\n') < 0, "one line");
          same(Jsons.text(Jsons.parseObject(written)), written);
          FIELDS.forEach(field -> readsOrRefuses(object, field));
        });
  }

  private static void readsOrRefuses(JsonObject object, String field) {
    byte[] none = {};
    Decoding.of(none, Failure.class, _ -> Jsons.string(object, field));
    Decoding.of(none, Failure.class, _ -> Jsons.strings(object, field));
    Decoding.of(none, Failure.class, _ -> Jsons.bool(object, field, true));
    Decoding.of(none, Failure.class, _ -> Jsons.integer(object, field, -5, 1000))
        .ifPresent(value -> check(value >= -5 && value <= 1000, "within the bounds"));
  }

  static Stream<byte[]> objects() {
    return Stream.of(
            "{}",
            "{\"peer\":\"laptop\",\"count\":5,\"list\":[\"a\",\"\\u00e9\"],\"on\":true}",
            "{\"count\":1e3,\"x\":-0.5,\"y\":1E-7,\"z\":12345678901234567890,\"n\":null}",
            "{\"deep\":{\"er\":[[{}]]},\"peer\":3,\"on\":\"no\"}")
        .map(ControlFuzzTest::bytes);
  }

  /// Path segments and query values.
  @MethodSource("encoded")
  @FuzzTest
  void percentCode(byte[] input) {
    Decoding.of(input, IllegalArgumentException.class, bytes -> PercentCode.decode(text(bytes)))
        .ifPresent(plain -> same(PercentCode.decode(PercentCode.encode(plain)), plain));
  }

  static Stream<byte[]> encoded() {
    return Stream.of("a%20b", "%C3%A9", "%e9", "100%", "~").map(ControlFuzzTest::bytes);
  }

  /// Whatever strangers say is safe on a terminal afterwards.
  @MethodSource("texts")
  @FuzzTest
  void printable(byte[] input) {
    Decoding.of(input, IllegalArgumentException.class, bytes -> Printable.of(text(bytes)))
        .ifPresent(shown -> {
          check(shown.codePoints().noneMatch(Character::isISOControl), "no control character");
          check(
              shown.codePoints().noneMatch(c -> Character.getType(c) == Character.FORMAT),
              "nothing that reorders a line");
          same(Printable.of(shown), shown);
        });
  }

  static Stream<byte[]> texts() {
    return Stream.of("plain", "\u001b[2J", "a\u202eb", "\u2028", "\ue000é")
        .map(ControlFuzzTest::bytes);
  }

  @MethodSource("durationTexts")
  @FuzzTest
  void durations(byte[] input) {
    Decoding.of(input, IllegalArgumentException.class, bytes -> Durations.parse(text(bytes)))
        .ifPresent(duration -> {
          check(!duration.isNegative(), "not negative");
          same(Durations.parse(Durations.format(duration)), floor(duration));
        });
  }

  private static Duration floor(Duration duration) {
    return Duration.ofMillis(duration.toMillis());
  }

  static Stream<byte[]> durationTexts() {
    return Stream.of("90s", "1h30m", "7d", "500ms", "0", "999999999d").map(ControlFuzzTest::bytes);
  }

  /// What may be in the cookie's file.
  @MethodSource("cookies")
  @FuzzTest
  void cookie(byte[] input) {
    Decoding.of(input, Failure.class, bytes -> Cookie.parse(bytes))
        .ifPresent(parsed ->
            parsed.ifPresent(cookie -> {
              check(cookie.isShownBy(cookie.header()), "it shows itself");
              check(!cookie.isShownBy("Bearer "), "nothing else shows it");
            }));
  }

  static Stream<byte[]> cookies() {
    return Stream.of(bytes("0123456789abcdef".repeat(4) + "\n"), bytes("0".repeat(63)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
