package io.peerup.control;

import com.google.gson.JsonObject;
import java.util.Optional;

/// Small helpers on Gson trees: strict parsing within limits, and fields asked for by name with a
/// [Failure] (`bad-request`) that says which field is wrong and how.
public final class Jsons {
  private Jsons() {}

  /// One JSON object and nothing else: strict RFC 8259, no duplicate names, at most
  /// [Limits#JSON_BYTES] characters and [Limits#JSON_DEPTH] levels.
  ///
  /// @throws Failure `bad-json`
  public static JsonObject parseObject(String text) {
    throw new UnsupportedOperationException(text);
  }

  /// The string under `key`. @throws Failure `bad-request` when it is missing or no string
  public static String string(JsonObject object, String key) {
    throw new UnsupportedOperationException(object + key);
  }

  /// The string under `key`, empty when it is missing or null.
  public static Optional<String> optionalString(JsonObject object, String key) {
    throw new UnsupportedOperationException(object + key);
  }

  /// The whole number under `key`, which must lie within the bounds (both included).
  public static long integer(JsonObject object, String key, long min, long max) {
    throw new UnsupportedOperationException(object + key + min + max);
  }

  /// As [#integer], with a value for when it is missing or null.
  public static long integer(JsonObject object, String key, long min, long max, long otherwise) {
    throw new UnsupportedOperationException(object + key + min + max + otherwise);
  }

  /// The boolean under `key`, with a value for when it is missing or null.
  public static boolean bool(JsonObject object, String key, boolean otherwise) {
    throw new UnsupportedOperationException(object + key + otherwise);
  }

  /// The array of strings under `key`.
  public static java.util.List<String> strings(JsonObject object, String key) {
    throw new UnsupportedOperationException(object + key);
  }
}
