package io.peerup.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `config.yaml.example` tells the truth: every key, its default, and a word about it.
class ConfigExampleTest {
  private String example;

  @BeforeEach
  void read() throws IOException {
    Path root = Path.of(System.getProperty("peerup.root", ".."));
    example = Files.readString(root.resolve("config.yaml.example"));
  }

  @Test
  void theExampleIsTheDefaults() {
    Config config = ConfigLoader.parse("config.yaml.example", example);

    assertThat(ConfigText.of(config)).isEqualTo(ConfigText.of(Config.defaults()));
  }

  @Test
  void theExampleShowsEveryKeyInOrderAndNoOther() {
    assertThat(keysWithValues()).isEqualTo(ConfigKeys.ALL);
  }

  @Test
  void theLoaderAsksForEveryKeyOfTheList() {
    for (String key : ConfigKeys.ALL) {
      // A list of lists fits no key, so whoever reads the key complains about it.
      String yaml = nested(key, "[[]]");
      Problems found = new Problems("f");
      try {
        ConfigLoader.parse("f", yaml);
      } catch (io.peerup.control.Failure e) {
        found.add(0, "", e.message());
      }
      assertThat(found.lines()).as(key).hasSize(1).first().asString().contains(": " + key);
    }
  }

  @Test
  void everyKeyIsExplainedAboveIt() {
    List<String> lines = example.lines().toList();
    List<String> unexplained = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      boolean hasValueHere = lines.get(i).strip().matches("[a-z-]+: .+");
      boolean isList = lines.get(i).strip().equals("listen:");
      if ((hasValueHere || isList) && !lines.get(i - 1).strip().startsWith("#")) {
        unexplained.add(lines.get(i));
      }
    }
    assertThat(unexplained).isEmpty();
  }

  @Test
  void noRetiredKeyIsKnown() {
    assertThat(ConfigKeys.RETIRED.keySet())
        .noneMatch(key -> ConfigKeys.ALL.contains(key) || ConfigKeys.isSection(key));
  }

  /// The dotted keys of the example that are followed by a value or a list.
  private List<String> keysWithValues() {
    List<String> path = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    List<String> lines =
        example.lines().filter(line -> !line.isBlank() && !line.strip().startsWith("#")).toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.strip().startsWith("-")) {
        continue;
      }
      int depth = (line.length() - line.stripLeading().length()) / 2;
      path = new ArrayList<>(path.subList(0, depth));
      path.add(line.strip().replaceFirst(":.*", ""));
      boolean listFollows = i + 1 < lines.size() && lines.get(i + 1).strip().startsWith("-");
      if (!line.endsWith(":") || listFollows) {
        keys.add(String.join(".", path));
      }
    }
    return keys;
  }

  private static String nested(String key, String value) {
    StringBuilder yaml = new StringBuilder();
    String[] parts = key.split("\\.", -1);
    for (String part : parts) {
      yaml.append('{').append(part).append(": ");
    }
    return yaml.append(value).append("}".repeat(parts.length)).toString();
  }
}
