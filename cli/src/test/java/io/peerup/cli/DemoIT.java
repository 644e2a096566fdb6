package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The README's first command, played to its end and stopped in the middle.
@Timeout(180)
class DemoIT {

  /// The demo's folders go here, so that what is left is known to be its own.
  @TempDir Path temporary;

  private Process demo(String... options) throws IOException {
    List<String> command = new ArrayList<>(DaemonProcess.self());
    command.add("demo");
    command.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
    return builder.start();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> all = Files.list(temporary)) {
      return all.toList();
    }
  }

  private List<String> running() {
    return ProcessHandle.allProcesses()
        .flatMap(each -> each.info().commandLine().stream())
        .filter(line -> line.contains(temporary.toString()))
        .toList();
  }

  private void nothingIsLeft() throws IOException {
    assertThat(left()).isEmpty();
    // A daemon that has given up its home may take a moment to leave the list.
    await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(running()).isEmpty());
  }

  @Test
  void allOfItWorksAndNothingIsLeft() throws Exception {
    Process demo = demo("--json");
    String out = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(demo.waitFor()).as(out).isZero();
    JsonObject document = Jsons.parseObject(out.strip());
    new JsonDocs().check("demo", "", document);
    assertThat(document.get("ok").getAsBoolean()).isTrue();
    String steps = document.getAsJsonArray("steps").toString();
    assertThat(steps).contains("fetch a page", "ping home → phone", "daemon status of laptop");
    nothingIsLeft();
  }

  /// After so many steps the story is told to stop.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 4})
  void stoppedInTheMiddleItLeavesNoProcessAndNoFolder(int steps) throws Exception {
    Process demo = demo();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8));
    for (int i = 0; i < steps; i++) {
      assertThat(out.readLine()).startsWith("ok");
    }
    demo.destroy();
    assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    nothingIsLeft();
  }
}
