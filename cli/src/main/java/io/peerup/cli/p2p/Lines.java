package io.peerup.cli.p2p;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.PrintWriter;
import java.util.Collection;

/// The toolbox's voice: one JSON object a line, flushed at once so that a program at the other end
/// of a pipe can act on it.
final class Lines {

  private final PrintWriter out;

  Lines(PrintWriter out) {
    this.out = out;
  }

  /// Starts a line of this kind.
  static Line event(String kind) {
    return new Line(kind);
  }

  void print(Line line) {
    synchronized (out) {
      out.println(line.json);
      out.flush();
    }
  }

  void error(String message, String hint) {
    print(event("error").with("message", message).with("hint", hint));
  }

  /// One line being put together.
  static final class Line {
    private final JsonObject json = new JsonObject();

    private Line(String kind) {
      json.addProperty("event", kind);
    }

    Line with(String name, String value) {
      json.addProperty(name, value);
      return this;
    }

    Line with(String name, Number value) {
      json.addProperty(name, value);
      return this;
    }

    Line with(String name, boolean value) {
      json.addProperty(name, value);
      return this;
    }

    Line with(String name, JsonElement value) {
      json.add(name, value);
      return this;
    }

    Line with(String name, Collection<?> values) {
      JsonArray array = new JsonArray();
      values.forEach(value -> array.add(new JsonPrimitive(value.toString())));
      json.add(name, array);
      return this;
    }
  }
}
