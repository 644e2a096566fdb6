package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrorCodesTest {

  private static final Pattern CODE =
      Pattern.compile("(?:[Ff]ailure|unsafe)\\(\\s*\"([a-z]+(?:-[a-z]+)*)\"");

  @Test
  void everyErrorCodeInTheSourceIsDescribed() throws IOException {
    String text = new JsonDocs().text();
    Set<String> codes = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(JsonDocs.ROOT)) {
      for (Path source : sources.filter(ErrorCodesTest::isMainSource).toList()) {
        Matcher code = CODE.matcher(Files.readString(source));
        while (code.find()) {
          codes.add(code.group(1));
        }
      }
    }
    assertThat(codes).contains("not-running", "config-invalid", "pairing-failed");
    codes.removeIf(code -> code.startsWith("demo-"));
    assertThat(codes).allMatch(code -> text.contains("`" + code + "`"), "is in docs/json.md");
  }

  private static boolean isMainSource(Path path) {
    return path.toString().endsWith(".java")
        && path.toString().replace('\\', '/').contains("/src/main/java/");
  }
}
