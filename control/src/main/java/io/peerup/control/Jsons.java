package io.peerup.control;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Small helpers on Gson trees: strict parsing within limits, and fields asked for by name with a
/// [Failure] (`bad-request`) that says which field is wrong and how.
public final class Jsons {
  private Jsons() {}

  /// One JSON object and nothing else: strict RFC 8259, no duplicate names, at most
  /// [Limits#JSON_BYTES] characters and [Limits#JSON_DEPTH] levels.
  ///
  /// @throws Failure `bad-json`
  public static JsonObject parseObject(String text) {
    if (text.length() > Limits.JSON_BYTES) {
      throw badJson("it is longer than " + Limits.JSON_BYTES + " characters", null);
    }
    JsonReader reader = new JsonReader(new StringReader(text));
    reader.setStrictness(Strictness.STRICT);
    reader.setNestingLimit(Limits.JSON_DEPTH);
    try {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw badJson("it is not an object", null);
      }
      JsonObject object = readObject(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw badJson("something follows the object", null);
      }
      return object;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw badJson("it breaks off or is malformed at " + Printable.of(reader.getPath()), e);
    }
  }

  private static JsonObject readObject(JsonReader reader) throws IOException {
    JsonObject object = new JsonObject();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (object.has(name)) {
        throw badJson("a name occurs twice at " + Printable.of(reader.getPath()), null);
      }
      object.add(name, readValue(reader));
    }
    reader.endObject();
    return object;
  }

  private static JsonArray readArray(JsonReader reader) throws IOException {
    JsonArray array = new JsonArray();
    reader.beginArray();
    while (reader.hasNext()) {
      array.add(readValue(reader));
    }
    reader.endArray();
    return array;
  }

  private static JsonElement readValue(JsonReader reader) throws IOException {
    JsonToken token = reader.peek();
    return switch (token) {
      case BEGIN_OBJECT -> readObject(reader);
      case BEGIN_ARRAY -> readArray(reader);
      case STRING -> new JsonPrimitive(reader.nextString());
      case NUMBER -> new JsonPrimitive(number(reader.nextString()));
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      case END_OBJECT, END_ARRAY, NAME, END_DOCUMENT ->
          throw new IllegalStateException("unexpected " + token);
    };
  }

  private static Number number(String digits) {
    if (digits.length() > Limits.JSON_NUMBER_CHARACTERS) {
      throw new NumberFormatException("too many digits");
    }
    BigDecimal exact = new BigDecimal(digits);
    try {
      return exact.longValueExact();
    } catch (ArithmeticException _) {
      // Written again it may be longer, and then nobody could read what we wrote.
      if (exact.toString().length() > Limits.JSON_NUMBER_CHARACTERS) {
        throw new NumberFormatException("too many digits");
      }
      return exact;
    }
  }

  private static Failure badJson(String why, @Nullable Throwable cause) {
    return new Failure(
        "bad-json",
        "this is not a JSON object we can read: " + why,
        "send one object such as {}",
        cause);
  }

  /// `json` on one line: the form of a reply, and of each line of a stream. Written here and not by
  /// `Gson`, whose reflective adapters would cost every command a part of its start-up time.
  ///
  /// @throws IllegalArgumentException when it holds a number that JSON does not know (NaN)
  public static String text(JsonObject json) {
    StringWriter out = new StringWriter();
    JsonWriter writer = new JsonWriter(out);
    writer.setStrictness(Strictness.STRICT);
    try {
      write(writer, json);
    } catch (IOException e) {
      throw new IllegalStateException("writing to a string cannot fail", e);
    }
    return out.toString();
  }

  private static void write(JsonWriter writer, JsonElement value) throws IOException {
    switch (value) {
      case JsonObject object -> {
        writer.beginObject();
        for (Map.Entry<String, JsonElement> field : object.entrySet()) {
          write(writer.name(field.getKey()), field.getValue());
        }
        writer.endObject();
      }
      case JsonArray array -> {
        writer.beginArray();
        for (JsonElement element : array) {
          write(writer, element);
        }
        writer.endArray();
      }
      case JsonPrimitive primitive when primitive.isNumber() ->
          writer.value(primitive.getAsNumber());
      case JsonPrimitive primitive when primitive.isBoolean() ->
          writer.value(primitive.getAsBoolean());
      case JsonPrimitive primitive -> writer.value(primitive.getAsString());
      default -> writer.nullValue();
    }
  }

  /// The string under `key`.
  ///
  /// @throws Failure `bad-request` when it is missing or no string
  public static String string(JsonObject object, String key) {
    return optionalString(object, key).orElseThrow(() -> badRequest(key, "is missing"));
  }

  /// The string under `key`, empty when it is missing or null.
  ///
  /// @throws Failure `bad-request` when it is something else
  public static Optional<String> optionalString(JsonObject object, String key) {
    return Optional.ofNullable(present(object, key)).map(value -> text(key, value));
  }

  /// The whole number under `key`, which must lie within the bounds (both included).
  ///
  /// @throws Failure `bad-request` when it is missing, out of bounds or no whole number
  public static long integer(JsonObject object, String key, long min, long max) {
    JsonElement value = present(object, key);
    if (value == null) {
      throw badRequest(key, "is missing");
    }
    if (!(value instanceof JsonPrimitive number) || !number.isNumber()) {
      throw badRequest(key, "must be a whole number");
    }
    long whole;
    try {
      whole = new BigDecimal(number.getAsString()).longValueExact();
    } catch (ArithmeticException | NumberFormatException _) {
      throw badRequest(key, "must be a whole number from " + min + " to " + max);
    }
    if (whole < min || whole > max) {
      throw badRequest(key, "must be from " + min + " to " + max + ", not " + whole);
    }
    return whole;
  }

  /// As [#integer], with a value for when it is missing or null.
  public static long integer(JsonObject object, String key, long min, long max, long otherwise) {
    return present(object, key) == null ? otherwise : integer(object, key, min, max);
  }

  /// The boolean under `key`, with a value for when it is missing or null.
  ///
  /// @throws Failure `bad-request` when it is something else
  public static boolean bool(JsonObject object, String key, boolean otherwise) {
    JsonElement value = present(object, key);
    if (value == null) {
      return otherwise;
    }
    if (!(value instanceof JsonPrimitive flag) || !flag.isBoolean()) {
      throw badRequest(key, "must be true or false");
    }
    return flag.getAsBoolean();
  }

  /// The array of strings under `key`; empty when it is missing or null.
  ///
  /// @throws Failure `bad-request` when it is something else
  public static List<String> strings(JsonObject object, String key) {
    JsonElement value = present(object, key);
    List<String> strings = new ArrayList<>();
    if (value != null) {
      if (!(value instanceof JsonArray array)) {
        throw badRequest(key, "must be a list of strings");
      }
      for (int i = 0; i < array.size(); i++) {
        strings.add(text(key + "[" + i + "]", array.get(i)));
      }
    }
    return List.copyOf(strings);
  }

  private static String text(String key, JsonElement value) {
    if (!(value instanceof JsonPrimitive string) || !string.isString()) {
      throw badRequest(key, "must be a string");
    }
    return string.getAsString();
  }

  private static @Nullable JsonElement present(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value == null || value.isJsonNull() ? null : value;
  }

  private static Failure badRequest(String key, String problem) {
    return new Failure("bad-request", "the field \"" + Printable.of(key) + "\" " + problem, "");
  }
}
