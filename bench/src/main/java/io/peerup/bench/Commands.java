package io.peerup.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The measured end of a [PeerProcess]: one command object a line on standard input, one answer a
/// line on standard output. Ends with its input.
final class Commands {

  /// One command. Blocks; several run at a time.
  interface Command {
    JsonObject run(JsonObject arguments) throws Exception;
  }

  private final PrintStream out = System.out;
  private final Map<String, Command> commands;

  Commands(Map<String, Command> commands) {
    this.commands = commands;
    // Whatever else prints must not get between the lines.
    System.setOut(System.err);
  }

  /// Serves until the input ends.
  void serve() throws IOException {
    say(
        Json.object(
            "event",
            "ready",
            "versions",
            "JDK " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonObject command = JsonParser.parseString(line).getAsJsonObject();
        Thread.ofVirtual().name("command " + command.get("cmd")).start(() -> execute(command));
      }
    }
  }

  private void execute(JsonObject arguments) {
    JsonObject answer;
    try {
      Command command = commands.get(Json.string(arguments, "cmd"));
      if (command == null) {
        throw new IllegalArgumentException("no such command");
      }
      answer = command.run(arguments);
      answer.addProperty("ok", true);
    } catch (Exception failed) {
      StringWriter trace = new StringWriter();
      failed.printStackTrace(new PrintWriter(trace));
      answer = Json.object("ok", false, "error", trace.toString());
    }
    answer.add("id", arguments.get("id"));
    say(answer);
  }

  private void say(JsonObject line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
