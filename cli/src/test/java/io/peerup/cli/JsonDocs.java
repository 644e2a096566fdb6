package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `docs/json.md` as a contract: what it says of a command, against what the command prints.
final class JsonDocs {

  static final Path ROOT = Path.of(System.getProperty("peerup.root", ".."));

  private static final Pattern SECTION = Pattern.compile("(?m)^### `([^`]+)`$");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| (.*) \\|$");

  private final String text;

  JsonDocs() {
    try {
      text = Files.readString(ROOT.resolve("docs/json.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return text;
  }

  Set<String> commands() {
    Set<String> out = new TreeSet<>();
    Matcher section = SECTION.matcher(text.substring(text.indexOf("## Documents")));
    while (section.find()) {
      out.add(section.group(1));
    }
    return out;
  }

  /// Every field that the document has is described, and every field that is described and not
  /// optional is there.
  ///
  /// @param command the title of its section
  /// @param within beginning of the names that are meant, for commands with several documents
  void check(String command, String within, JsonObject document) {
    Map<String, String> described = fields(command);
    described.keySet().removeIf(name -> !name.startsWith(within));
    Set<String> printed = new TreeSet<>();
    Set<String> emptyLists = new TreeSet<>();
    collect("", document, printed, emptyLists);
    assertThat(printed)
        .as("every field that `%s` prints is in docs/json.md", command)
        .allMatch(name -> described.containsKey(name) || isParentOfADescribed(name, described));
    for (Map.Entry<String, String> field : described.entrySet()) {
      boolean excused =
          field.getValue().startsWith("optional")
              || emptyLists.stream().anyMatch(list -> field.getKey().startsWith(list + "[]."));
      assertThat(excused || printed.contains(field.getKey()))
          .as("`%s` prints `%s`: %s", command, field.getKey(), document)
          .isTrue();
    }
    assertThat(printed).allMatch(name -> name.matches("[a-zA-Z.\\[\\]]+"), "camelCase");
  }

  private static boolean isParentOfADescribed(String name, Map<String, String> described) {
    return described.keySet().stream().anyMatch(each -> each.startsWith(name + "."));
  }

  private Map<String, String> fields(String command) {
    int start = text.indexOf("### `" + command + "`\n");
    assertThat(start).as("a section for `%s` in docs/json.md", command).isPositive();
    int end = text.indexOf("\n#", start + 1);
    Map<String, String> out = new LinkedHashMap<>();
    Matcher row = ROW.matcher(text.substring(start, end < 0 ? text.length() : end));
    while (row.find()) {
      out.put(row.group(1), row.group(2));
    }
    return out;
  }

  private static void collect(
      String prefix, JsonElement value, Set<String> printed, Set<String> emptyLists) {
    if (value instanceof JsonObject object) {
      for (Map.Entry<String, JsonElement> each : object.entrySet()) {
        String name = prefix.isEmpty() ? each.getKey() : prefix + "." + each.getKey();
        printed.add(name);
        collect(name, each.getValue(), printed, emptyLists);
      }
    } else if (value instanceof JsonArray array) {
      if (array.isEmpty()) {
        emptyLists.add(prefix);
      }
      for (JsonElement each : array) {
        collect(prefix + "[]", each, printed, emptyLists);
      }
    }
  }
}
