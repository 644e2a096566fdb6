package io.peerup.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The sources of all tests, for documents that name tests as proof.
final class TestSources {

  static final Path ROOT = Path.of(System.getProperty("peerup.root", ".."));

  /// A test as documents name it.
  static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

  private TestSources() {}

  /// Fails unless every test that the document names exists; returns how many it names.
  static int requireAllNamedIn(String document) throws IOException {
    Map<String, String> sources = read();
    Matcher named = NAMED.matcher(Files.readString(ROOT.resolve(document)));
    int count = 0;
    while (named.find()) {
      count++;
      assertThat(sources).as("test class %s", named.group(1)).containsKey(named.group(1));
      assertThat(sources.get(named.group(1)))
          .as("%s has a test %s", named.group(1), named.group(2))
          .contains(" " + named.group(2) + "(");
    }
    return count;
  }

  private static Map<String, String> read() throws IOException {
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
