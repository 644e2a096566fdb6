package io.peerup.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The claims table names tests as its proof: they must exist.
class ClaimsTest {

  private static final String CLAIMS = "docs/security-claims.md";

  @Test
  void everyTestThatAClaimNamesExists() throws IOException {
    assertThat(TestSources.requireAllNamedIn(CLAIMS))
        .as("tests named in the claims")
        .isGreaterThan(30);
  }

  @Test
  void everyClaimHasAProof() throws IOException {
    List<String> rows =
        Files.readString(TestSources.ROOT.resolve(CLAIMS))
            .lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| we say"))
            .toList();
    assertThat(rows)
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row).containsPattern(TestSources.NAMED));
  }
}
