package io.peerup.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Durations;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import io.peerup.control.config.Config;
import io.peerup.control.config.ConfigLoader;
import io.peerup.control.config.Located;
import io.peerup.relay.server.RelayServer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "relay",
    description = "Run a relay, and admit devices to it.",
    subcommands = {
      RelayCommand.Serve.class,
      RelayPairCommand.class,
      RelayCommand.Info.class,
      RelayCommand.Peers.class,
      RelayCommand.Authorize.class,
      RelayCommand.Deauthorize.class
    })
final class RelayCommand implements Runnable {

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: serve, pair, info, peers, authorize, deauthorize");
  }

  @Command(
      name = "serve",
      description = {
        "Run this home as a relay in the foreground.",
        "Without --listen it listens on port 7777 of every address, or as config.yaml says."
      })
  static final class Serve extends PeerupCommand {
    @Option(
        names = "--listen",
        paramLabel = "MULTIADDR",
        description = "Where to listen, such as /ip4/0.0.0.0/tcp/7777. Repeatable.")
    List<String> listen = new ArrayList<>();

    @Override
    protected int run(Home home, Voice voice) throws Exception {
      Logging.toFile(home);
      Config config = listenAs(ConfigLoader.load(home.config()), listen);
      try (RelayServer relay = RelayServer.start(home, config)) {
        Runtime.getRuntime()
            .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(relay::close));
        if (voice.json()) {
          JsonObject ready = new JsonObject();
          ready.addProperty("event", "ready");
          ready.addProperty("peerId", relay.peerId().toString());
          ready.addProperty("home", home.root().toString());
          var addresses = new com.google.gson.JsonArray();
          relay.addresses().forEach(address -> addresses.add(address.toString()));
          ready.add("addrs", addresses);
          voice.emit(ready);
        } else {
          voice.say("Relay " + relay.peerId());
          relay.addresses().forEach(address -> voice.say("Listening on " + address));
          voice.say("Admit devices: peerup relay pair --count 3");
        }
        relay.awaitClose();
      }
      return Peerup.DONE;
    }

    private static Config listenAs(Config config, List<String> listen) {
      if (listen.isEmpty()) {
        return config;
      }
      List<Located<String>> addresses =
          listen.stream().map(each -> Located.byDefault(each, "--listen")).toList();
      return new Config(
          config.file(),
          config.network(),
          config.discovery(),
          config.relay(),
          new Config.RelayServer(addresses, config.relayServer().limits()),
          config.log());
    }
  }

  @Command(name = "info", description = "Show the running relay: who it is, where, and how busy.")
  static final class Info extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject info = client(home).call("GET", "/v1/relay", null, StatusCommand.ASK_MAX);
      if (voice.json()) {
        voice.emit(info);
        return Peerup.DONE;
      }
      voice.say("Peer id       " + StatusView.text(info, "peerId"));
      info.getAsJsonArray("addrs")
          .forEach(each -> voice.say("Address       " + each.getAsString()));
      voice.say(
          "Uptime        " + Voice.time(Duration.ofSeconds(info.get("uptimeSeconds").getAsLong())));
      for (String key :
          List.of("members", "connections", "reservations", "circuits", "groups", "probation")) {
        if (info.has(key)) {
          voice.say(String.format("%-13s ", capital(key)) + info.get(key).getAsString());
        }
      }
      return Peerup.DONE;
    }

    private static String capital(String key) {
      return Character.toUpperCase(key.charAt(0)) + key.substring(1);
    }
  }

  @Command(name = "peers", description = "List the devices that this relay serves.")
  static final class Peers extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = client(home).call("GET", "/v1/members", null, StatusCommand.ASK_MAX);
      if (voice.json()) {
        voice.emit(reply);
        return Peerup.DONE;
      }
      if (reply.getAsJsonArray("members").isEmpty()) {
        voice.say("No devices yet. Admit some: peerup relay pair --count 3");
      }
      List<List<String>> rows = new ArrayList<>();
      for (JsonElement element : reply.getAsJsonArray("members")) {
        JsonObject member = element.getAsJsonObject();
        boolean connected = member.get("connected").getAsBoolean();
        String expires = StatusView.text(member, "expiresAt");
        rows.add(
            List.of(
                StatusView.text(member, "peerId"),
                StatusView.text(member, "name"),
                connected ? voice.good("connected") : voice.dim("offline"),
                member.get("reserved").getAsBoolean() ? "reserved" : "",
                expires.isEmpty() ? "" : "until " + expires));
      }
      voice.table(rows);
      return Peerup.DONE;
    }
  }

  @Command(
      name = "authorize",
      description = {
        "Let a device use this relay without a code.",
        "It does not introduce the device to others; pairing does."
      })
  static final class Authorize extends PeerupCommand {
    @Parameters(paramLabel = "PEER-ID", description = "The device's peer id (peerup whoami).")
    String peer = "";

    @Option(names = "--name", paramLabel = "NAME", description = "A name for your own list.")
    @Nullable String name;

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject request = new JsonObject();
      request.addProperty("peerId", peer);
      if (name != null) {
        request.addProperty("name", name);
      }
      JsonObject reply = client(home).call("POST", "/v1/members", request, StatusCommand.ASK_MAX);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("Authorised " + StatusView.text(reply, "peerId"));
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "deauthorize",
      description = "Stop serving a device; its connections to this relay end at once.")
  static final class Deauthorize extends PeerupCommand {
    @Parameters(paramLabel = "PEER-ID", description = "The device's peer id.")
    String peer = "";

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply =
          client(home)
              .call(
                  "DELETE",
                  "/v1/members/" + ControlClient.segment(peer),
                  null,
                  StatusCommand.ASK_MAX);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("No longer serving " + StatusView.text(reply, "peerId"));
      }
      return Peerup.DONE;
    }
  }

  /// A duration as people type it, within bounds. @throws Failure `bad-duration`
  static Duration duration(String option, String text, Duration min, Duration max) {
    Duration value;
    try {
      value = Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Failure(
          "bad-duration", option + ": " + e.getMessage(), "write it like 90s, 15m, 1h or 7d", e);
    }
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new Failure(
          "bad-duration",
          option + " must be between " + Durations.format(min) + " and " + Durations.format(max),
          "");
    }
    return value;
  }

  /// `in 59m 58s (2026-01-01T00:00:00Z)`.
  static String until(Instant end, Instant now) {
    return "in " + Voice.time(Duration.between(now, end)) + " (" + end + ")";
  }
}
