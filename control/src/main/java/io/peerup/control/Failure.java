package io.peerup.control;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
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

  /// @param code a stable word for scripts, lower case with dashes, such as `home-in-use`
  /// @param message one sentence: what was tried, on what, and what went wrong
  /// @param hint what to do next, or empty when there is nothing to suggest
  public Failure(String code, String message, String hint) {
    this(code, message, hint, null);
  }

  public Failure(String code, String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
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

  /// `{"error":{"code":…,"message":…,"hint":…}}`, the one form of an error in all JSON output.
  public JsonObject toJson() {
    JsonObject error = new JsonObject();
    error.addProperty("code", code);
    error.addProperty("message", message());
    error.addProperty("hint", hint);
    JsonObject outer = new JsonObject();
    outer.add("error", error);
    return outer;
  }

  /// The failure inside an object that [#toJson] made, or null when there is none.
  public static @Nullable Failure fromJson(JsonObject reply) {
    if (!(reply.get("error") instanceof JsonObject error)) {
      return null;
    }
    return new Failure(
        text(error, "code", "internal"),
        text(error, "message", "unknown error"),
        text(error, "hint", ""));
  }

  private static String text(JsonObject error, String key, String otherwise) {
    JsonElement value = error.get(key);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : otherwise;
  }
}
