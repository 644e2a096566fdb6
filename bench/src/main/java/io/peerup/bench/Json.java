package io.peerup.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;

/// Small JSON objects, written and read.
final class Json {

  private Json() {}

  /// An object of names and values in turn: String, Number, Boolean, List of String or Number.
  static JsonObject object(Object... namesAndValues) {
    JsonObject out = new JsonObject();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = (String) namesAndValues[i];
      switch (namesAndValues[i + 1]) {
        case String text -> out.addProperty(name, text);
        case Number number -> out.addProperty(name, number);
        case Boolean flag -> out.addProperty(name, flag);
        case List<?> list -> out.add(name, array(list));
        case Object other ->
            throw new IllegalArgumentException("no JSON for " + other.getClass().getName());
      }
    }
    return out;
  }

  static List<String> strings(JsonObject object, String name) {
    return object.getAsJsonArray(name).asList().stream().map(JsonElement::getAsString).toList();
  }

  static List<Double> numbers(JsonObject object, String name) {
    return object.getAsJsonArray(name).asList().stream().map(JsonElement::getAsDouble).toList();
  }

  static String string(JsonObject object, String name) {
    return object.get(name).getAsString();
  }

  static double number(JsonObject object, String name) {
    return object.get(name).getAsDouble();
  }

  static boolean flag(JsonObject object, String name) {
    return object.has(name) && object.get(name).getAsBoolean();
  }

  private static JsonArray array(List<?> values) {
    JsonArray out = new JsonArray();
    for (Object value : values) {
      if (value instanceof Number number) {
        out.add(number);
      } else {
        out.add((String) value);
      }
    }
    return out;
  }
}
