package io.peerup.control.config;

import io.peerup.control.Failure;
import java.nio.file.Path;

/// Reads `config.yaml`: a missing file means all defaults, a wrong one is refused with everything
/// that is wrong with it.
public final class ConfigLoader {
  private ConfigLoader() {}

  /// @throws Failure `config-invalid` with all problems as `file:line: key: problem`;
  ///   `config-unsafe` when others may change the file
  public static Config load(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /// As [#load], from text.
  ///
  /// @param name how the file is named in problems
  public static Config parse(String name, String yaml) {
    throw new UnsupportedOperationException(name + yaml);
  }
}
