package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "service",
    description = "Offer TCP and UDP services of this device to its peers.",
    subcommands = {
      ServiceCommand.Add.class,
      ServiceCommand.ListServices.class,
      ServiceCommand.Remove.class,
      ServiceCommand.Enable.class,
      ServiceCommand.Disable.class
    })
final class ServiceCommand extends GroupCommand {

  @Command(name = "add", description = "Offer an address of this device or its network to peers.")
  static final class Add extends PeerupCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "How peers name it, such as web.")
    String name = "";

    @Parameters(
        index = "1",
        paramLabel = "HOST:PORT",
        description = "Where it really is, such as 127.0.0.1:8000.")
    String target = "";

    @Option(
        names = "--allow",
        paramLabel = "PEER",
        split = ",",
        description = "Only these peers may use it (default: every authorised peer). Repeatable.")
    List<String> allow = new ArrayList<>();

    @Option(names = "--udp", description = "The service speaks UDP, as DNS does, and not TCP.")
    boolean udp;

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject request = new JsonObject();
      request.addProperty("name", name);
      request.addProperty("target", target);
      request.addProperty("protocol", udp ? "udp" : "tcp");
      JsonArray allowed = new JsonArray();
      allow.forEach(allowed::add);
      request.add("allow", allowed);
      JsonObject reply = Running.node(home).call("POST", "/v1/services", request);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        String added = StatusView.text(reply, "name");
        voice.say("Offering " + added + " at " + StatusView.target(reply));
        voice.say(
            "On a peer: peerup proxy "
                + StatusView.text(reply, "peerName")
                + " "
                + added
                + " LOCAL-PORT");
      }
      return Peerup.DONE;
    }
  }

  @Command(name = "list", description = "List the services of this device.")
  static final class ListServices extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Running.node(home).call("GET", "/v1/services", null);
      if (voice.json()) {
        voice.emit(reply);
        return Peerup.DONE;
      }
      if (reply.getAsJsonArray("services").isEmpty()) {
        voice.say("No services. Offer one: peerup service add web 127.0.0.1:8000");
      }
      List<List<String>> rows = new ArrayList<>();
      for (JsonElement element : reply.getAsJsonArray("services")) {
        JsonObject service = element.getAsJsonObject();
        List<String> allowed = new ArrayList<>();
        service
            .getAsJsonArray("allowed")
            .forEach(each -> allowed.add(StatusView.shortId(each.getAsString())));
        rows.add(
            List.of(
                voice.bold(StatusView.text(service, "name")),
                StatusView.target(service),
                service.get("enabled").getAsBoolean() ? "enabled" : voice.dim("disabled"),
                allowed.isEmpty() ? "every authorised peer" : String.join(", ", allowed)));
      }
      voice.table(rows);
      return Peerup.DONE;
    }
  }

  /// What remove, enable and disable have in common: a name, and one request.
  abstract static class OnOne extends PeerupCommand {
    private final String method;
    private final String suffix;
    private final String done;

    @Parameters(paramLabel = "NAME", description = "The service.")
    String name = "";

    OnOne(String method, String suffix, String done) {
      this.method = method;
      this.suffix = suffix;
      this.done = done;
    }

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply =
          Running.node(home)
              .call(method, "/v1/services/" + ControlClient.segment(name) + suffix, null);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say(done + " " + StatusView.text(reply, "name"));
      }
      return Peerup.DONE;
    }
  }

  @Command(name = "remove", description = "Stop offering a service, and end its connections.")
  static final class Remove extends OnOne {
    Remove() {
      super("DELETE", "", "Removed");
    }
  }

  @Command(name = "enable", description = "Offer a disabled service again.")
  static final class Enable extends OnOne {
    Enable() {
      super("POST", "/enable", "Enabled");
    }
  }

  @Command(
      name = "disable",
      description = "Keep a service but do not offer it, and end its connections.")
  static final class Disable extends OnOne {
    Disable() {
      super("POST", "/disable", "Disabled");
    }
  }
}
