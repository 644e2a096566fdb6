package io.peerup.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What holds for the tests of every module.
class TestSetupTest {

  /// A module's own file hides the test kit's.
  @Test
  void lostBuffersAreLookedForInEveryModule() throws IOException {
    List<Path> files;
    try (Stream<Path> modules = Files.list(TestSources.ROOT)) {
      files =
          modules
              .flatMap(module ->
                  Stream.of("src/test/resources", "src/main/resources")
                      .map(module::resolve)
                      .map(each -> each.resolve("junit-platform.properties")))
              .filter(Files::exists)
              .toList();
    }
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      assertThat(Files.readAllLines(file))
          .as("%s", file)
          .contains("junit.jupiter.extensions.autodetection.enabled=true");
    }
  }

  /// Another word in one of the three places, and those tests would never run.
  @Test
  void whatRunsAloneIsWhatTheOthersLeaveOut() throws IOException {
    assertThat(TestSources.ROOT.resolve("testkit/src/main/java/io/peerup/testkit/Alone.java"))
        .content()
        .contains("@Tag(\"alone\")");
    assertThat(TestSources.ROOT.resolve("pom.xml"))
        .content()
        .contains("<groups>alone</groups>", "<excludedGroups>alone</excludedGroups>");
  }
}
