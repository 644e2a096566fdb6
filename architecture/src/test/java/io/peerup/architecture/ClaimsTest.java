package io.peerup.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The tables of claims and of attacks name tests as their proof: they must exist.
class ClaimsTest {

  @ParameterizedTest
  @ValueSource(strings = {"docs/security-claims.md", "docs/protocols/attacks.md"})
  void everyTestThatAPageNamesExists(String page) throws IOException {
    assertThat(TestSources.requireAllNamedIn(page)).as("tests named").isGreaterThan(30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/security-claims.md", "docs/protocols/attacks.md"})
  void everyRowHasAProof(String page) throws IOException {
    List<String> rows =
        Files.readString(TestSources.ROOT.resolve(page))
            .lines()
            .filter(line -> line.startsWith("| "))
            .filter(line -> !line.startsWith("| we say") && !line.startsWith("| attack |"))
            .toList();
    assertThat(rows)
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row).containsPattern(TestSources.NAMED));
  }
}
