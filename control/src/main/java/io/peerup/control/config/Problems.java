package io.peerup.control.config;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Collects everything that is wrong with one configuration file, so that the user sees it all at
/// once and not one error at a time.
public final class Problems {
  private record Problem(int line, String text) {}

  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private int more;

  /// @param file how the file is named to the user
  public Problems(String file) {
    this.file = file;
  }

  /// Adds `file:line: key: problem`.
  ///
  /// @param line counted from 1; 0 when no line is to blame
  /// @param key the dotted name; empty when no key is to blame
  public void add(int line, String key, String problem) {
    if (problems.size() >= Limits.PROBLEMS) {
      more++;
      return;
    }
    StringBuilder text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line);
    }
    text.append(": ");
    if (!key.isEmpty()) {
      text.append(key).append(": ");
    }
    problems.add(new Problem(line, Printable.of(text.append(problem).toString())));
  }

  /// Adds a problem with a value that was read.
  public void add(Located<?> value, String problem) {
    add(value.line(), value.key(), problem);
  }

  /// One text a problem, in the order of the file.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    problems.stream()
        .sorted(Comparator.comparingInt(Problem::line))
        .forEach(problem -> lines.add(problem.text()));
    if (more > 0) {
      lines.add(Printable.of(file) + ": and " + more + " more");
    }
    return List.copyOf(lines);
  }

  /// @throws Failure `config-invalid` with all problems, one a line, when there is any
  public void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new Failure(
          "config-invalid",
          String.join("\n", lines()),
          "correct the file and check it with `peerup config validate`;"
              + " config.yaml.example shows every key");
    }
  }
}
