package io.peerup.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs a program of the system and gives back what it said.
public final class Sh {
  /// @param output standard output and error together
  public record Result(int status, String output) {}

  private Sh() {}

  public static Result run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("still running after a minute: " + command);
    }
    return new Result(process.exitValue(), output);
  }

  public static Result run(String... command) throws IOException, InterruptedException {
    return run(List.of(command));
  }

  /// Whether the program exists here.
  public static boolean has(String program) throws IOException, InterruptedException {
    return run("sh", "-c", "command -v " + program).status() == 0;
  }
}
