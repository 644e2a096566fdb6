package io.peerup.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The claims table names tests as its proof: they must exist.
class ClaimsTest {

  private static final Path ROOT = Path.of(System.getProperty("peerup.root", ".."));
  private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

  @Test
  void everyTestThatAClaimNamesExists() throws IOException {
    Map<String, String> sources = testSources();
    Matcher named = NAMED.matcher(Files.readString(ROOT.resolve("docs/security-claims.md")));
    int count = 0;
    while (named.find()) {
      count++;
      assertThat(sources).as("test class %s", named.group(1)).containsKey(named.group(1));
      assertThat(sources.get(named.group(1)))
          .as("%s has a test %s", named.group(1), named.group(2))
          .contains(" " + named.group(2) + "(");
    }
    assertThat(count).as("tests named in the claims").isGreaterThan(30);
  }

  @Test
  void everyClaimHasAProof() throws IOException {
    List<String> rows =
        Files.readString(ROOT.resolve("docs/security-claims.md"))
            .lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| we say"))
            .toList();
    assertThat(rows).isNotEmpty().allSatisfy(row -> assertThat(row).containsPattern(NAMED));
  }

  private static Map<String, String> testSources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> all = Files.walk(ROOT)) {
      for (Path file :
          all.filter(each -> each.toString().contains("/src/test/java/"))
              .filter(each -> each.toString().matches(".*(Test|IT)\\.java"))
              .toList()) {
        String name = String.valueOf(file.getFileName());
        sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
      }
    }
    return sources;
  }
}
