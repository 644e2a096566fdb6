package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "ping",
    description = "Measure the round trip to a peer, and say which path it takes.",
    footer = "Exit status 0 when at least one ping was answered.")
final class PingCommand extends PeerupCommand {

  private static final int COUNT_MAX = 1_000_000;

  @Parameters(paramLabel = "PEER", description = "Its name or peer id.")
  String peer = "";

  @Option(
      names = {"-c", "-n", "--count"},
      paramLabel = "N",
      description = "How many pings (default: ${DEFAULT-VALUE}); 0 goes on until interrupted.")
  int count = 4;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "MS",
      description = "Milliseconds between pings (default: ${DEFAULT-VALUE}).")
  int intervalMs = 1000;

  @Override
  protected int run(Home home, Voice voice) {
    if (count < 0 || count > COUNT_MAX) {
      throw misuse("--count must be 0 to " + COUNT_MAX);
    }
    if (intervalMs < 10 || intervalMs > 3_600_000) {
      throw misuse("--interval must be 10 to 3600000");
    }
    JsonObject request = new JsonObject();
    request.addProperty("peer", peer);
    request.addProperty("count", count);
    request.addProperty("intervalMs", intervalMs);
    PingTally tally = new PingTally();
    // Ctrl-C is how an endless ping ends, and who typed it wants to know the result.
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("summary")
                .unstarted(() -> {
                  if (tally.isOpen()) {
                    tell(tally.summary(), voice);
                  }
                }));
    Running.node(home).stream(
        "POST",
        "/v1/ping",
        request,
        line -> {
          tally.count(line);
          tell(line, voice);
        });
    return tally.anyReceived() ? Peerup.DONE : Peerup.FAILED;
  }

  private static void tell(JsonObject line, Voice voice) {
    if (!voice.json()) {
      show(line, voice);
    } else if (!line.has("target")) {
      // Scripts get a line a ping and the summary, nothing else.
      voice.emit(line);
    }
  }

  private static void show(JsonObject line, Voice voice) {
    if (line.has("target")) {
      JsonObject target = line.getAsJsonObject("target");
      voice.say(
          "PING "
              + StatusView.text(target, "name")
              + " ("
              + StatusView.text(target, "peerId")
              + ") "
              + StatusView.badge(target));
    } else if (line.has("summary")) {
      JsonObject summary = line.getAsJsonObject("summary");
      int sent = summary.get("sent").getAsInt();
      int received = summary.get("received").getAsInt();
      StringBuilder text = new StringBuilder();
      text.append(sent).append(" sent, ").append(received).append(" received");
      if (received > 0) {
        text.append(
            String.format(
                Locale.ROOT,
                ", rtt min/avg/max = %.1f/%.1f/%.1f ms",
                summary.get("minMs").getAsDouble(),
                summary.get("avgMs").getAsDouble(),
                summary.get("maxMs").getAsDouble()));
      }
      voice.say(text.toString());
    } else if (line.has("rttMs") && !line.get("rttMs").isJsonNull()) {
      voice.say(
          "seq="
              + line.get("seq").getAsLong()
              + " rtt="
              + StatusView.rtt(line)
              + " path="
              + StatusView.path(line));
    } else {
      voice.say(
          "seq=" + line.get("seq").getAsLong() + " no answer: " + StatusView.text(line, "message"));
    }
  }
}
