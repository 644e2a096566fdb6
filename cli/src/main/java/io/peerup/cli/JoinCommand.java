package io.peerup.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.pairing.Names;
import io.peerup.pairing.PairingCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "join",
    description = {
      "Pair with a code or link of another device or a code of a relay's group, and start the daemon.",
      "On a fresh machine this is the only command needed. See: peerup help pairing"
    })
final class JoinCommand extends PeerupCommand {

  /// Dial, up to three attempts, the relay's answer.
  private static final Duration JOIN_MAX = Duration.ofSeconds(60);

  /// With a link: how long its maker is waited for.
  private static final Duration LINK_WAIT = Duration.ofSeconds(30);

  /// No code or link is longer, with what percent-encoding adds; what is read from standard input
  /// stops here.
  private static final int CODE_LENGTH_MAX = 16_384;

  @Parameters(
      arity = "1..*",
      paramLabel = "CODE",
      description = "The code, with or without dashes and spaces; - reads it from standard input.")
  List<String> code = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the others call this device (default: this machine's host name).")
  @Nullable String name;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "The private network to be in: the code must be for it, and a node that is in another"
              + " moves there. Empty for the common one.")
  @Nullable String network;

  @Mixin PassphraseOptions passphrase = new PassphraseOptions();

  @Option(names = "--no-daemon", description = "Pair, but leave no daemon running afterwards.")
  boolean noDaemon;

  /// What was typed.
  ///
  /// @param name what this device is to be called
  /// @param network the network that the user named, if one was
  /// @param passphrase for the daemon, if it must be started
  record Wanted(
      String code,
      String name,
      @Nullable String network,
      PassphraseOptions passphrase,
      boolean noDaemon) {}

  @Override
  protected int run(Home home, Voice voice) throws Exception {
    // All that can be wrong with what was typed is found before anything is created or sent.
    String text = code.equals(List.of("-")) ? readCode() : String.join(" ", code);
    PairingCode parsed = parse(text);
    Wanted wanted = new Wanted(text, chosenName(name), network, passphrase, noDaemon);
    checkNetwork(network, this);
    voice.progress("This is " + described(form(parsed)) + ".");
    if (parsed instanceof PairingCode.Link) {
      AcceptCommand.tell(AcceptCommand.accept(home, wanted, LINK_WAIT, voice), voice);
    } else {
      JsonObject result = ask(home, wanted, new JsonObject(), JOIN_MAX, voice);
      result.addProperty("form", form(parsed));
      tell(result, voice);
    }
    return Peerup.DONE;
  }

  /// Which kind of code it is, as docs/json.md names them.
  private static String form(PairingCode code) {
    return switch (code) {
      case PairingCode.Spoken _ -> "spoken";
      case PairingCode.Typed _ -> "typed";
      case PairingCode.Full _ -> "full";
      case PairingCode.Group _ -> "group";
      case PairingCode.Link _ -> "link";
    };
  }

  private static String described(String form) {
    return switch (form) {
      case "group" -> "a code of a relay's group";
      case "link" -> "an invite link of a device";
      default -> "a " + form + " code of a device";
    };
  }

  /// Asks the node of this home, whose daemon is started if it does not run, and ended again if
  /// that came to nothing.
  ///
  /// @param request more for the request
  static JsonObject ask(Home home, Wanted wanted, JsonObject request, Duration most, Voice voice)
      throws Exception {
    Running node = Running.node(home);
    JsonObject result;
    if (node.isRunning()) {
      result = join(node, wanted, request, most, voice);
      result.addProperty("daemon", "running");
    } else {
      DaemonProcess.startNode(home, wanted.passphrase(), voice);
      try (Guard guard = new Guard(home)) {
        result = join(node, wanted, request, most, voice);
        if (!wanted.noDaemon()) {
          guard.keep();
        }
      }
      result.addProperty("daemon", wanted.noDaemon() ? "skipped" : "started");
    }
    return result;
  }

  /// Asks before this node goes to another network than it is in. Until then nothing has changed
  /// here, and the same code is good for a second try.
  private static JsonObject join(
      Running node, Wanted wanted, JsonObject request, Duration most, Voice voice) {
    voice.progress("Pairing…");
    request.addProperty("code", wanted.code());
    request.addProperty("name", wanted.name());
    if (wanted.network() != null) {
      request.addProperty("network", wanted.network());
    }
    try {
      return node.call("POST", "/v1/join", request, most);
    } catch (Failure e) {
      boolean mayAsk =
          e.code().equals("other-network") && !request.has("network") && voice.canAsk();
      if (mayAsk && voice.confirm(e.message() + ". Move this node there?")) {
        request.addProperty("network", e.fact("network"));
        return node.call("POST", "/v1/join", request, most);
      }
      throw e;
    }
  }

  /// Ends the daemon that this command started, unless the join succeeded: on a failure and on
  /// Ctrl-C alike.
  private static final class Guard implements AutoCloseable {
    private final Home home;
    private final Thread hook = Thread.ofPlatform().name("end-daemon").unstarted(this::stop);
    private boolean keep;

    Guard(Home home) {
      this.home = home;
      Runtime.getRuntime().addShutdownHook(hook);
    }

    void keep() {
      keep = true;
    }

    @Override
    public void close() {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The hook runs; it does what is left to do.
        return;
      }
      if (!keep) {
        stop();
      }
    }

    private void stop() {
      try {
        DaemonProcess.stop(home);
      } catch (Failure e) {
        // It has ended by itself; why the join failed is what the user should read.
      }
    }
  }

  static void tell(JsonObject result, Voice voice) {
    if (voice.json()) {
      voice.emit(result);
      return;
    }
    String name = result.get("name").getAsString();
    String network = result.get("network").getAsString();
    voice.say(
        "Joined as " + voice.bold(Printable.of(name)) + "  " + result.get("peerId").getAsString());
    voice.say("With:    " + described(result.get("form").getAsString()));
    voice.say("Network: " + (network.isEmpty() ? "default" : Printable.of(network)));
    voice.say(
        "Relay:   "
            + (result.has("relay")
                ? Printable.of(result.get("relay").getAsString())
                : "none; met on the local network"));
    for (JsonElement each : result.getAsJsonArray("warnings")) {
      voice.warn(each.getAsString());
    }
    if (result.getAsJsonArray("peers").isEmpty()) {
      voice.say("No other device is in the group yet; they will appear when they join.");
    }
    for (JsonElement each : result.getAsJsonArray("peers")) {
      JsonObject peer = each.getAsJsonObject();
      voice.say(
          "  "
              + Printable.of(peer.get("name").getAsString())
              + "  "
              + peer.get("peerId").getAsString()
              + "  "
              + voice.alert("[UNVERIFIED]"));
      voice.say("      looks like " + Printable.of(peer.get("quickCode").getAsString()));
    }
    if (!result.getAsJsonArray("peers").isEmpty()) {
      voice.say("Compare codes with their owners: peerup verify PEER");
      voice.say("Not whom you meant? peerup peer remove PEER");
    }
    voice.say(next(result.get("daemon").getAsString()));
  }

  /// What to do now, as the daemon stands.
  static String next(String daemon) {
    return switch (daemon) {
      case "started" -> "The daemon runs. Next: peerup status";
      case "running" -> "The running daemon knows. Next: peerup status";
      default -> "No daemon is running. Next: peerup daemon start";
    };
  }

  /// @throws picocli.CommandLine.ParameterException in the command's name
  static void checkNetwork(@Nullable String network, PeerupCommand command) {
    if (network == null || network.isEmpty()) {
      return;
    }
    try {
      Names.checkNamespace(network);
    } catch (MalformedInput e) {
      throw command.misuse("--network: " + e.getMessage());
    }
  }

  private static PairingCode parse(String text) {
    try {
      return PairingCode.parse(text);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-code",
          String.valueOf(e.getMessage()),
          e.hint().isEmpty() ? "copy the whole code again, dashes do not matter" : e.hint(),
          e);
    }
  }

  /// The name that was typed, or this machine's.
  static String chosenName(@Nullable String typed) {
    String chosen = typed == null ? hostName() : typed;
    checkName(chosen);
    return chosen;
  }

  static void checkName(String text) {
    try {
      Names.check(text);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-name",
          String.valueOf(e.getMessage()),
          e.hint().isEmpty() ? "choose another one: --name laptop" : e.hint(),
          e);
    }
  }

  /// One line of standard input.
  static String readCode() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n' && line.length() < CODE_LENGTH_MAX; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  /// The machine's name without its domain, as far as it can serve as a name.
  static String hostName() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "";
    }
    int dot = host.indexOf('.');
    String first = dot > 0 ? host.substring(0, dot) : host;
    String plain =
        Normalizer.normalize(first, Normalizer.Form.NFC)
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9-]", "-");
    return plain.isBlank() || plain.startsWith("-") ? "device" : plain;
  }
}
