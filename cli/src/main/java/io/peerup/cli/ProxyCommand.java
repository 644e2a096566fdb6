package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "proxy",
    description = {
      "Open a local port, TCP or UDP as the service is, that leads to a peer's service. Runs until interrupted.",
      "Example: peerup proxy home web 9000, then http://127.0.0.1:9000"
    })
final class ProxyCommand extends PeerupCommand {

  @Parameters(index = "0", paramLabel = "PEER", description = "Its name or peer id.")
  String peer = "";

  @Parameters(index = "1", paramLabel = "SERVICE", description = "The service's name there.")
  String service = "";

  @Parameters(
      index = "2",
      paramLabel = "LOCAL-PORT",
      description = "The port on 127.0.0.1; 0 takes any free one.")
  int port;

  @Override
  protected int run(Home home, Voice voice) {
    if (port < 0 || port > 65535) {
      throw misuse("LOCAL-PORT must be 0 to 65535");
    }
    JsonObject request = new JsonObject();
    request.addProperty("peer", peer);
    request.addProperty("service", service);
    request.addProperty("port", port);
    Running.node(home).stream(
        "POST",
        "/v1/proxy",
        request,
        line -> {
          if (voice.json()) {
            voice.emit(line);
          } else {
            show(line, voice);
          }
        });
    return Peerup.DONE;
  }

  private void show(JsonObject line, Voice voice) {
    switch (StatusView.text(line, "event")) {
      case "listening" ->
          voice.say(
              "Listening on "
                  + voice.bold(StatusView.text(line, "address"))
                  + (StatusView.text(line, "protocol").equals("udp") ? " (UDP)" : "")
                  + ", which leads to "
                  + Printable.of(service)
                  + " on "
                  + StatusView.text(line, "peerName")
                  + " "
                  + StatusView.badge(line)
                  + ". Ctrl-C ends it.");
      case "error" -> {
        voice.warn(StatusView.text(line, "message"));
        String hint = StatusView.text(line, "hint");
        if (!hint.isEmpty()) {
          voice.progress("hint: " + hint);
        }
      }
      default -> {
        // One line a connection would drown a busy proxy; --json has them.
      }
    }
  }
}
