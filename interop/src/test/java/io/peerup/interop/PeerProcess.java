package io.peerup.interop;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// A peer in a process of its own: commands go in and answers and events come out, one JSON object
/// a line. Every wait is bounded; closing ends the process, by force if it does not end by itself.
final class PeerProcess implements AutoCloseable {

  /// Long enough for two cores that also run everything else; a hang is found by it all the same.
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private static final Duration FAREWELL = Duration.ofSeconds(5);

  /// A command that the peer answered with an error.
  static final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailed(String message) {
      super(message);
    }
  }

  private final String name;
  private final Process process;
  private final Path errors;
  private final BufferedWriter commands;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final List<JsonObject> events = new ArrayList<>();

  private PeerProcess(String name, Process process, Path errors) {
    this.name = name;
    this.process = process;
    this.errors = errors;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().name("output of " + name).start(this::readOutput);
  }

  /// Starts the command and waits until it says that it is ready.
  static PeerProcess start(String name, List<String> command) {
    return start(name, command, "ready").process();
  }

  /// A process and the event that told that it had started.
  record Started(PeerProcess process, JsonObject event) {}

  /// Starts the command and waits for its first event of this kind.
  static Started start(String name, List<String> command, String firstEvent) {
    try {
      Path logs = Files.createDirectories(Path.of("target", "interop"));
      Path errors = Files.createTempFile(logs, name + "-", ".log");
      Process process =
          new ProcessBuilder(command).redirectError(errors.toFile()).directory(null).start();
      PeerProcess peer = new PeerProcess(name, process, errors);
      try {
        return new Started(peer, peer.awaitEvent(firstEvent, event -> true));
      } catch (RuntimeException | AssertionError failed) {
        peer.close();
        throw failed;
      }
    } catch (IOException cannot) {
      throw new UncheckedIOException("cannot start " + name, cannot);
    }
  }

  /// Sends a command; `fields` are names and values in turn (String, Number, Boolean or List of
  /// String). Does not wait.
  CompletableFuture<JsonObject> send(String command, Object... fields) {
    JsonObject json = Json.object(fields);
    int id = ids.incrementAndGet();
    json.addProperty("id", id);
    json.addProperty("cmd", command);
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    try {
      synchronized (commands) {
        commands.write(json + "\n");
        commands.flush();
      }
    } catch (IOException gone) {
      answer.completeExceptionally(new CommandFailed(name + " is gone: " + tail()));
    }
    return answer.thenApply(result -> {
      if (!result.get("ok").getAsBoolean()) {
        throw new CommandFailed(name + ": " + command + ": " + result.get("error").getAsString());
      }
      return result;
    });
  }

  /// Sends a command and waits for its answer. Throws [CommandFailed] if the peer says so.
  JsonObject call(String command, Object... fields) {
    return await(send(command, fields), command);
  }

  /// Waits for the answer to `what`.
  JsonObject await(CompletableFuture<JsonObject> answer, String what) {
    try {
      return answer.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof CommandFailed reason) {
        throw reason;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (TimeoutException late) {
      throw new AssertionError(
          name + " did not answer " + what + " within " + ANSWER + "; stderr: " + tail(), late);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted waiting for " + what, stopped);
    }
  }

  /// Waits for an event of this kind that passes the test; events are used up by it.
  JsonObject awaitEvent(String kind, Predicate<JsonObject> wanted) {
    long end = System.nanoTime() + ANSWER.toNanos();
    synchronized (events) {
      for (; ; ) {
        for (JsonObject event : events) {
          if (event.get("event").getAsString().equals(kind) && wanted.test(event)) {
            events.remove(event);
            return event;
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0 || !process.isAlive()) {
          throw new AssertionError(
              "no event '"
                  + kind
                  + "' from "
                  + name
                  + "; it said "
                  + events
                  + "; stderr: "
                  + tail());
        }
        try {
          events.wait(Math.min(left, 250));
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted waiting for " + kind, stopped);
        }
      }
    }
  }

  /// What the process wrote to its standard error so far.
  String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException cannot) {
      throw new UncheckedIOException(cannot);
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
      if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void readOutput() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(JsonParser.parseString(line).getAsJsonObject());
      }
    } catch (IOException | RuntimeException ended) {
      // The answers that never come say so below.
    }
    answers
        .values()
        .forEach(
            answer -> answer.completeExceptionally(new CommandFailed(name + " ended: " + tail())));
  }

  private void take(JsonObject message) {
    if (message.has("id")) {
      CompletableFuture<JsonObject> answer = answers.remove(message.get("id").getAsInt());
      if (answer != null) {
        answer.complete(message);
      }
    } else {
      synchronized (events) {
        events.add(message);
        events.notifyAll();
      }
    }
  }

  private String tail() {
    String all = errors();
    return all.substring(Math.max(0, all.length() - 2000));
  }

  @Override
  public String toString() {
    return name;
  }
}
