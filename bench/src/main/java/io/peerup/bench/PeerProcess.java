package io.peerup.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A peer in a process of its own: a command goes in and its answer comes out, one JSON object a
/// line, one at a time. A process that hangs is ended by force and what it wrote to its standard
/// error shown.
final class PeerProcess implements AutoCloseable {

  /// Far above every measurement and start.
  private static final int ANSWER_SECONDS_MAX = 120;

  private static final int FAREWELL_SECONDS = 5;

  private final String name;
  private final Process process;
  private final Path errors;
  private final BufferedWriter commands;
  private final BufferedReader answers;
  private final String versions;
  private int lastId;

  private PeerProcess(String name, List<String> command, Path logs) throws IOException {
    this.name = name;
    this.errors = Files.createTempFile(Files.createDirectories(logs), name + "-", ".log");
    this.process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.versions = describe(next("its start").get("versions"));
  }

  /// Starts the command and waits until it says that it is ready.
  static PeerProcess start(String name, List<String> command, Path logs) {
    try {
      return new PeerProcess(name, command, logs);
    } catch (IOException cannot) {
      throw new UncheckedIOException("cannot start " + name, cannot);
    }
  }

  /// Our code with the options that the application's long-running processes have, and `more`.
  static PeerProcess java(Class<?> main, Setting setting, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + setting.root().resolve("cli/src/main/app/daemon.options"));
    command.addAll(List.of(System.getProperty("peerup.bench.options", "").split(" ")));
    command.removeIf(String::isEmpty);
    command.addAll(List.of(more));
    command.addAll(List.of("-cp", setting.classPath(), main.getName()));
    return start(main.getSimpleName(), command, setting.logs());
  }

  static PeerProcess js(Setting setting) {
    String script = setting.root().resolve("interop/js/bench.mjs").toString();
    return start("js", List.of(setting.node(), script), setting.logs());
  }

  /// What the process says it is made of.
  String versions() {
    return versions;
  }

  long pid() {
    return process.pid();
  }

  /// Runs a command; `fields` are names and values in turn. Throws if the peer says it failed.
  JsonObject call(String command, Object... fields) {
    JsonObject json = Json.object(fields);
    json.addProperty("id", ++lastId);
    json.addProperty("cmd", command);
    try {
      commands.write(json + "\n");
      commands.flush();
    } catch (IOException gone) {
      throw new IllegalStateException(name + " is gone: " + tail(), gone);
    }
    JsonObject answer = next(command);
    if (!Json.flag(answer, "ok")) {
      throw new IllegalStateException(name + ": " + command + ": " + answer.get("error"));
    }
    return answer;
  }

  private JsonObject next(String what) {
    Thread watchdog =
        Thread.ofVirtual()
            .name("watchdog of " + name)
            .start(() -> {
              try {
                Thread.sleep(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS_MAX));
                process.destroyForcibly();
              } catch (InterruptedException answered) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException(name + " ended during " + what + ": " + tail());
      }
      return JsonParser.parseString(line).getAsJsonObject();
    } catch (IOException gone) {
      throw new IllegalStateException(name + " is gone during " + what + ": " + tail(), gone);
    } finally {
      watchdog.interrupt();
    }
  }

  private static String describe(JsonElement versions) {
    if (versions.isJsonPrimitive()) {
      return versions.getAsString();
    }
    StringBuilder all = new StringBuilder();
    versions
        .getAsJsonObject()
        .entrySet()
        .forEach(each ->
            all.append(all.isEmpty() ? "" : ", ")
                .append(each.getKey())
                .append(' ')
                .append(each.getValue().getAsString()));
    return all.toString();
  }

  private String tail() {
    try {
      String all = Files.readString(errors);
      return all.substring(Math.max(0, all.length() - 2000));
    } catch (IOException cannot) {
      return "(" + cannot + ")";
    }
  }

  /// Closes the process's input, which tells it to end, and makes sure that it does.
  @Override
  public void close() {
    try {
      commands.close();
    } catch (IOException alreadyGone) {
      // What matters follows.
    }
    try {
      if (!process.waitFor(FAREWELL_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(FAREWELL_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
