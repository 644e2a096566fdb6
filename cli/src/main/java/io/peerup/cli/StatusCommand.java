package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import java.time.Duration;
import picocli.CommandLine.Command;

@Command(
    name = "status",
    description = "Show this node on one screen: who it is, its relays, its peers and services.")
final class StatusCommand extends PeerupCommand {

  static final Duration ASK_MAX = Duration.ofSeconds(10);

  @Override
  protected int run(Home home, Voice voice) {
    JsonObject status = Running.node(home).call("GET", "/v1/status", null);
    if (voice.json()) {
      voice.emit(status);
    } else {
      new StatusView(voice).brief(status);
    }
    return Peerup.DONE;
  }
}
