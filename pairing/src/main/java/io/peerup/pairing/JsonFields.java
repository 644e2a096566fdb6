package io.peerup.pairing;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Strict access to the fields of a snapshot: anything missing or of another kind is
/// [MalformedInput], never a null or a cast.
public record JsonFields(JsonObject tree) {

  public String text(String key) {
    return textOf(required(key), key);
  }

  public Optional<String> optionalText(String key) {
    return optional(key).map(e -> textOf(e, key));
  }

  public byte[] hex(String key) {
    return hexOf(text(key), key);
  }

  public int integer(String key, int max) {
    if (required(key) instanceof JsonPrimitive p && p.isNumber()) {
      try {
        int value = Integer.parseInt(p.getAsString());
        if (value >= 0 && value <= max) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw wrong(key, "a whole number", e);
      }
    }
    throw wrong(key, "a number from 0 to " + max, null);
  }

  public boolean has(String key) {
    return optional(key).isPresent();
  }

  public boolean bool(String key) {
    if (required(key) instanceof JsonPrimitive p && p.isBoolean()) {
      return p.getAsBoolean();
    }
    throw wrong(key, "true or false", null);
  }

  public Instant instant(String key) {
    return instantOf(text(key), key);
  }

  public Optional<Instant> optionalInstant(String key) {
    return optionalText(key).map(t -> instantOf(t, key));
  }

  public Optional<PeerId> optionalPeer(String key) {
    return optionalText(key).map(PeerId::parse);
  }

  public JsonFields object(String key) {
    return objectOf(required(key), key);
  }

  public Optional<JsonFields> optionalObject(String key) {
    return optional(key).map(e -> objectOf(e, key));
  }

  /// The objects of an array of at most `max`, each made into something.
  public <T> List<T> objects(String key, int max, Function<JsonFields, T> make) {
    return elements(key, max, e -> make.apply(objectOf(e, key)));
  }

  /// The texts of an array of at most `max`, each made into something.
  public <T> List<T> texts(String key, int max, Function<String, T> make) {
    return elements(key, max, e -> make.apply(textOf(e, key)));
  }

  static byte[] hexOf(String text, String key) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw wrong(key, "hexadecimal", e);
    }
  }

  private <T> List<T> elements(String key, int max, Function<JsonElement, T> make) {
    if (!(required(key) instanceof JsonArray array) || array.size() > max) {
      throw wrong(key, "a list of at most " + max, null);
    }
    List<T> out = new ArrayList<>();
    array.forEach(e -> out.add(make.apply(e)));
    return out;
  }

  private JsonElement required(String key) {
    return optional(key).orElseThrow(() -> wrong(key, "present", null));
  }

  private Optional<JsonElement> optional(String key) {
    return Optional.ofNullable(tree.get(key)).filter(e -> !e.isJsonNull());
  }

  private static JsonFields objectOf(JsonElement element, String key) {
    if (element instanceof JsonObject object) {
      return new JsonFields(object);
    }
    throw wrong(key, "an object", null);
  }

  private static String textOf(JsonElement element, String key) {
    if (element instanceof JsonPrimitive p && p.isString()) {
      return p.getAsString();
    }
    throw wrong(key, "text", null);
  }

  static Instant instantOf(String text, String key) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw wrong(key, "a time", e);
    }
  }

  private static MalformedInput wrong(String key, String wanted, @Nullable Throwable cause) {
    return new MalformedInput("\"" + key + "\" is not " + wanted, cause);
  }
}
