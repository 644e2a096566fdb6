package io.peerup.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Something that a user asked for and cannot have: one clear sentence, and what to do next.
///
/// The same three texts reach the user whether the failure happened in the command itself or in the
/// daemon: over the control socket they travel as `{"error":{"code","message","hint"}}`. Messages
/// may be logged and printed, so they never contain a secret.
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final String hint;
  private final transient Map<String, String> facts;

  /// @param code a stable word for scripts, lower case with dashes, such as `home-in-use`
  /// @param message one sentence: what was tried, on what, and what went wrong
  /// @param hint what to do next, or empty when there is nothing to suggest
  public Failure(String code, String message, String hint) {
    this(code, message, hint, null);
  }

  public Failure(String code, String message, String hint, @Nullable Throwable cause) {
    this(code, message, hint, Map.of(), cause);
  }

  private Failure(
      String code,
      @Nullable String message,
      String hint,
      Map<String, String> facts,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
    this.facts = Map.copyOf(facts);
  }

  /// The same with a fact that a program can use: one more field beside `code`. No secret.
  public Failure with(String field, String value) {
    Map<String, String> more = new TreeMap<>(facts);
    more.put(field, value);
    return new Failure(code, message(), hint, more, getCause());
  }

  /// The stable word that scripts compare, such as `not-running`.
  public String code() {
    return code;
  }

  /// The sentence for the user.
  public String message() {
    String message = getMessage();
    return message == null ? code : message;
  }

  /// What to do next; empty when there is nothing to suggest.
  public String hint() {
    return hint;
  }

  /// What [#with] said under this field; empty if nothing.
  public String fact(String field) {
    return facts.getOrDefault(field, "");
  }

  /// `{"error":{"code":…,"message":…,"hint":…}}`, the one form of an error in all JSON output.
  public JsonObject toJson() {
    JsonObject error = new JsonObject();
    error.addProperty("code", code);
    error.addProperty("message", message());
    error.addProperty("hint", hint);
    new TreeMap<>(facts).forEach(error::addProperty);
    JsonObject outer = new JsonObject();
    outer.add("error", error);
    return outer;
  }

  /// The failure inside an object that [#toJson] made, or null when there is none.
  public static @Nullable Failure fromJson(JsonObject reply) {
    if (!(reply.get("error") instanceof JsonObject error)) {
      return null;
    }
    Map<String, String> facts = new TreeMap<>();
    error.keySet().forEach(field -> facts.put(field, text(error, field, "")));
    facts.keySet().removeAll(List.of("code", "message", "hint"));
    return new Failure(
        text(error, "code", "internal"),
        text(error, "message", "unknown error"),
        text(error, "hint", ""),
        facts,
        null);
  }

  private static String text(JsonObject error, String key, String otherwise) {
    JsonElement value = error.get(key);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : otherwise;
  }
}
