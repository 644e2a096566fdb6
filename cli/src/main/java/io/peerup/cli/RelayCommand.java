package io.peerup.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.control.client.ControlClient;
import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import io.peerup.relay.server.RelayServer;
import io.peerup.relay.server.RelaySettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
final class RelayCommand extends GroupCommand {

  @Command(
      name = "serve",
      description = {
        "Run this home as a relay in the foreground.",
        "It ends on SIGTERM, Ctrl-C, or `peerup daemon stop` for the same home.",
        "Without --listen it listens on port 7777 of every address, or as config.yaml says."
      })
  static final class Serve extends PeerupCommand {
    @Option(
        names = "--listen",
        paramLabel = "MULTIADDR",
        description = "Where to listen, such as /ip4/0.0.0.0/tcp/7777. Repeatable.")
    List<String> listen = new ArrayList<>();

    @Mixin PassphraseOptions passphrase = new PassphraseOptions();

    @Override
    protected int run(Home home, Voice voice) throws Exception {
      for (String each : listen) {
        Addresses.checkListen(each)
            .ifPresent(problem -> {
              throw misuse("--listen " + Printable.of(each) + ": " + problem);
            });
      }
      Config config = listenAs(Logging.toFile(home, RelaySettings::check), listen);
      try (RelayServer relay = RelayServer.start(home, config, passphrase.source(home, voice));
          Shutdown _ = Shutdown.onSignal(relay)) {
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
          new Config.RelayServer(
              addresses, config.relayServer().membersInvite(), config.relayServer().limits()),
          config.secrets(),
          config.log());
    }
  }

  @Command(name = "info", description = "Show the running relay: who it is, where, and how busy.")
  static final class Info extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject info = Running.relay(home).call("GET", "/v1/relay", null);
      if (voice.json()) {
        voice.emit(info);
        return Peerup.DONE;
      }
      voice.say("Peer id       " + StatusView.text(info, "peerId"));
      info.getAsJsonArray("addrs")
          .forEach(each -> voice.say("Address       " + Printable.of(each.getAsString())));
      voice.say(
          "Uptime        " + Voice.time(Duration.ofSeconds(info.get("uptimeSeconds").getAsLong())));
      number("Members", info, "members", voice);
      number("Connections", info, "connections", voice);
      number("Reservations", info, "reservations", voice);
      voice.say("Circuits      " + info.getAsJsonArray("circuits").size());
      number("Open groups", info, "openGroups", voice);
      number("Open invites", info, "openInvites", voice);
      number("Mailboxes", info, "mailboxes", voice);
      number("Messages", info, "messages", voice);
      number("On probation", info, "visitors", voice);
      return Peerup.DONE;
    }

    private static void number(String title, JsonObject info, String key, Voice voice) {
      voice.say(String.format(Locale.ROOT, "%-13s ", title) + info.get(key).getAsLong());
    }
  }

  @Command(
      name = "peers",
      description = {
        "List the devices that this relay serves.",
        "Shows who brought them and what it keeps for them."
      })
  static final class Peers extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Running.relay(home).call("GET", "/v1/members", null);
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
        String expires = StatusView.instant(member, "expiresAt");
        rows.add(
            List.of(
                StatusView.text(member, "peerId"),
                StatusView.text(member, "name"),
                connected ? voice.good("connected") : voice.dim("offline"),
                member.get("reserved").getAsBoolean() ? "reserved" : "",
                kept(member),
                expires.isEmpty() ? "" : "until " + expires));
      }
      voice.table(rows);
      return Peerup.DONE;
    }

    private static String kept(JsonObject member) {
      List<String> words = new ArrayList<>();
      String by = StatusView.text(member, "vouchedBy");
      if (!by.isEmpty()) {
        words.add("brought by " + by);
      }
      add(words, member.get("openInvites").getAsInt(), "open invite");
      add(words, member.get("capabilities").getAsInt(), "open link");
      add(words, member.get("messages").getAsInt(), "message");
      return String.join(", ", words);
    }

    private static void add(List<String> words, int count, String what) {
      if (count > 0) {
        words.add(count + " " + what + (count == 1 ? "" : "s"));
      }
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
      Addresses.checkPeerId(peer);
      JsonObject request = new JsonObject();
      request.addProperty("peerId", peer);
      if (name != null) {
        request.addProperty("name", name);
      }
      JsonObject reply = Running.relay(home).call("POST", "/v1/members", request);
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
      Addresses.checkPeerId(peer);
      JsonObject reply =
          Running.relay(home).call("DELETE", "/v1/members/" + ControlClient.segment(peer), null);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("No longer serving " + StatusView.text(reply, "peerId"));
      }
      return Peerup.DONE;
    }
  }
}
