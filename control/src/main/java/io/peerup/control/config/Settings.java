package io.peerup.control.config;

import io.peerup.control.Durations;
import io.peerup.control.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// The values of a YAML document by dotted key, asked for with a type and a default. What does not
/// fit is noted in [Problems] and answered with the default, so that reading goes on and finds the
/// next problem.
final class Settings {
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Problems problems;

  /// @param root the document, null when it is empty
  Settings(@Nullable Node root, Problems problems) {
    this.problems = problems;
    if (root == null || isNull(root)) {
      return;
    }
    if (root instanceof MappingNode mapping) {
      collect("", mapping);
    } else {
      problems.add(line(root), "", "the file must hold `key: value` lines");
    }
  }

  /// Flattens sections into dotted keys and notes what is unknown or written twice.
  private void collect(String prefix, MappingNode mapping) {
    Map<String, Integer> seen = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
        problems.add(line(tuple.getKeyNode()), "", "a key must be a plain word");
        continue;
      }
      String key = prefix + name.getValue();
      Integer earlier = seen.putIfAbsent(key, line(name));
      if (earlier != null) {
        problems.add(line(name), key, "written twice, first in line " + earlier);
      } else {
        accept(key, name, tuple.getValueNode());
      }
    }
  }

  private void accept(String key, ScalarNode name, Node value) {
    if (ConfigKeys.ALL.contains(key)) {
      values.put(key, value);
    } else if (!ConfigKeys.isSection(key)) {
      problems.add(line(name), key, ConfigKeys.explainUnknown(key));
    } else if (value instanceof MappingNode section) {
      collect(key + ".", section);
    } else if (!isNull(value)) {
      problems.add(line(value), key, "is a section: its settings go indented below it");
    }
  }

  Located<String> text(String key, String otherwise) {
    Node node = values.get(key);
    String text = node == null ? null : scalar(node, key, "a text");
    return node == null || text == null
        ? Located.byDefault(otherwise, key)
        : new Located<>(text, key, line(node));
  }

  boolean bool(String key, boolean otherwise) {
    return parsed(
        key,
        "true or false",
        otherwise,
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new IllegalArgumentException("expected true or false");
            });
  }

  int integer(String key, int min, int max, int otherwise) {
    return parsed(
        key,
        "a whole number",
        otherwise,
        text -> {
          if (!text.matches("0|[1-9][0-9]{0,9}")) {
            throw new IllegalArgumentException("expected a whole number");
          }
          long number = Long.parseLong(text);
          if (number < min || number > max) {
            throw new IllegalArgumentException("must be from " + min + " to " + max);
          }
          return (int) number;
        });
  }

  Duration duration(String key, Duration min, Duration max, Duration otherwise) {
    return parsed(
        key,
        "a duration like 90s or 1h",
        otherwise,
        text -> {
          Duration duration = Durations.parse(text);
          if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                "must be from " + Durations.format(min) + " to " + Durations.format(max));
          }
          return duration;
        });
  }

  long size(String key, long otherwise) {
    return parsed(key, "a number of bytes", otherwise, Sizes::parse);
  }

  <E extends Enum<E>> E oneOf(String key, Class<E> words, E otherwise) {
    return parsed(
        key,
        "a word",
        otherwise,
        text -> {
          List<String> allowed = new ArrayList<>();
          for (E word : words.getEnumConstants()) {
            allowed.add(word.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            if (allowed.getLast().equals(text)) {
              return word;
            }
          }
          throw new IllegalArgumentException("must be one of " + String.join(", ", allowed));
        });
  }

  List<Located<String>> texts(String key, List<Located<String>> otherwise) {
    Node node = values.get(key);
    if (node == null) {
      return otherwise;
    }
    if (!(node instanceof SequenceNode sequence)) {
      String form = "expected a list, one `- value` a line, or [] for none";
      problems.add(line(node), key, form);
      return otherwise;
    }
    List<Located<String>> texts = new ArrayList<>();
    for (Node entry : sequence.getValue()) {
      String entryKey = key + "[" + texts.size() + "]";
      if (texts.size() == Limits.LIST_ENTRIES) {
        problems.add(line(entry), key, "has more than " + Limits.LIST_ENTRIES + " entries");
        break;
      }
      String text = scalar(entry, entryKey, "a text");
      texts.add(new Located<>(text == null ? "" : text, entryKey, line(entry)));
    }
    return texts;
  }

  private <T> T parsed(String key, String what, T otherwise, Function<String, T> parse) {
    Node node = values.get(key);
    String text = node == null ? null : scalar(node, key, what);
    if (node == null || text == null) {
      return otherwise;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      problems.add(line(node), key, String.valueOf(e.getMessage()));
      return otherwise;
    }
  }

  /// The text of a scalar as written, whatever YAML would make of it: `no` stays `no`.
  private @Nullable String scalar(Node node, String key, String what) {
    if (isNull(node)) {
      problems.add(line(node), key, "has no value; write one, or remove the line for the default");
    } else if (!(node instanceof ScalarNode scalar)) {
      String found = node instanceof SequenceNode ? "a list" : "a section";
      problems.add(line(node), key, "expected " + what + ", found " + found);
    } else if (scalar.getValue().length() > Limits.TEXT_CHARACTERS) {
      problems.add(line(node), key, "is longer than " + Limits.TEXT_CHARACTERS + " characters");
    } else if (!Printable.of(scalar.getValue()).equals(scalar.getValue())) {
      problems.add(line(node), key, "contains an invisible character");
    } else {
      return scalar.getValue();
    }
    return null;
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
