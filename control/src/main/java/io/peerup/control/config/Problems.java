package io.peerup.control.config;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import java.util.ArrayList;
import java.util.List;

/// Collects everything that is wrong with one configuration file, so that the user sees it all at
/// once and not one error at a time.
public final class Problems {
  private final String file;
  private final List<String> lines = new ArrayList<>();

  /// @param file how the file is named to the user
  public Problems(String file) {
    this.file = file;
  }

  /// Adds `file:line: key: problem`.
  public void add(int line, String key, String problem) {
    StringBuilder text = new StringBuilder(Printable.of(file));
    if (line > 0) {
      text.append(':').append(line);
    }
    text.append(": ");
    if (!key.isEmpty()) {
      text.append(Printable.of(key)).append(": ");
    }
    lines.add(text.append(Printable.of(problem)).toString());
  }

  /// Adds a problem with a value that was read.
  public void add(Located<?> value, String problem) {
    add(value.line(), value.key(), problem);
  }

  public List<String> lines() {
    return List.copyOf(lines);
  }

  /// @throws Failure `config-invalid` with all problems, one a line, when there is any
  public void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new Failure(
          "config-invalid",
          String.join("\n", lines),
          "correct the file; `peerup config validate` checks it again, config.yaml.example shows every key");
    }
  }
}
