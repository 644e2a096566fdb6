package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.RelayHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "pair",
    description = {
      "Make codes that let devices join this relay as one group.",
      "The codes are made here; the relay's process only gets hashes. See: peerup help pairing"
    })
final class RelayPairCommand extends PeerupCommand {

  /// As many members as a group can have.
  private static final int COUNT_MAX = 64;

  private static final Duration TTL_MIN = Duration.ofMinutes(1);
  private static final Duration TTL_MAX = Duration.ofDays(30);
  private static final Duration EXPIRES_MIN = Duration.ofMinutes(1);
  private static final Duration EXPIRES_MAX = Duration.ofDays(3650);

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many codes, one for each device: 1 to 64 (default: ${DEFAULT-VALUE}).")
  int count = 1;

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description = "How long the codes can be used (default: ${DEFAULT-VALUE}).")
  String ttl = "1h";

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      description = "When the devices' own authorisation ends, such as 720h (default: never).")
  @Nullable String expires;

  @Option(
      names = "--address",
      paramLabel = "HOST[:PORT]",
      description =
          "How devices reach this relay, if not at an address it listens on: an IP address, a DNS"
              + " name, or a multiaddr.")
  @Nullable String address;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "The private network that the devices join (default: the relay's own).")
  @Nullable String network;

  @Option(names = "--list", description = "List groups instead.")
  boolean list;

  @Option(
      names = "--revoke",
      paramLabel = "GROUP",
      description = "End a group's unused codes instead; devices that joined stay.")
  @Nullable String revoke;

  @Override
  protected int run(Home home, Voice voice) {
    if (list && revoke != null) {
      throw new ParameterException(spec.commandLine(), "--list and --revoke exclude each other");
    }
    ControlClient client = client(home);
    if (list) {
      return list(client, voice);
    }
    if (revoke != null) {
      return revoke(client, revoke, voice);
    }
    return make(client, voice);
  }

  private int make(ControlClient client, Voice voice) {
    if (count < 1 || count > COUNT_MAX) {
      throw new ParameterException(spec.commandLine(), "--count must be 1 to " + COUNT_MAX);
    }
    Duration life = RelayCommand.duration("--ttl", ttl, TTL_MIN, TTL_MAX);
    Duration authorised =
        expires == null || expires.equals("0")
            ? Duration.ZERO
            : RelayCommand.duration("--expires", expires, EXPIRES_MIN, EXPIRES_MAX);
    JsonObject info = client.call("GET", "/v1/relay", null, StatusCommand.ASK_MAX);
    RelayHost where = where(info);
    String namespace = network == null ? StatusView.text(info, "network") : network;
    GroupCode.NewGroup group;
    try {
      group =
          GroupCode.generate(
              count,
              PeerId.parse(info.get("peerId").getAsString()),
              where,
              namespace,
              KeyRandom.secure());
    } catch (MalformedInput e) {
      throw new Failure("bad-group", String.valueOf(e.getMessage()), e.hint(), e);
    }
    JsonObject request = new JsonObject();
    request.addProperty("selector", group.spec().selectorHex());
    JsonArray hashes = new JsonArray();
    group.spec().tokenHashesHex().forEach(hashes::add);
    request.add("tokenHashes", hashes);
    request.addProperty("ttlSeconds", life.toSeconds());
    request.addProperty("expiresSeconds", authorised.toSeconds());
    request.addProperty("namespace", namespace);
    JsonObject reply = client.call("POST", "/v1/groups", request, StatusCommand.ASK_MAX);
    tell(reply, group.codes().stream().map(GroupCode::text).toList(), where, life, voice);
    return Peerup.DONE;
  }

  private static void tell(
      JsonObject reply, List<String> codes, RelayHost where, Duration life, Voice voice) {
    Multiaddr address = where.multiaddr();
    if (!address.isPublic()) {
      voice.warn(
          "the codes name "
              + address
              + (address.isLoopback()
                  ? ", which only this machine can reach"
                  : ", which only this network can reach")
              + "; for other devices: peerup relay pair --address HOST");
    }
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.add("group", reply.get("group"));
      JsonArray array = new JsonArray();
      codes.forEach(array::add);
      out.add("codes", array);
      out.add("expiresAt", reply.get("expiresAt"));
      out.addProperty("relay", address.toString());
      voice.emit(out);
      return;
    }
    for (int i = 0; i < codes.size(); i++) {
      voice.say("Code " + (i + 1) + ":  " + voice.bold(codes.get(i)));
    }
    voice.say("");
    voice.say(
        "Group " + StatusView.text(reply, "group") + ". Each code works once, for one device,");
    voice.say("for " + Voice.time(life) + ". On the device:  peerup join CODE --name laptop");
  }

  private int list(ControlClient client, Voice voice) {
    JsonObject reply = client.call("GET", "/v1/groups", null, StatusCommand.ASK_MAX);
    if (voice.json()) {
      voice.emit(reply);
      return Peerup.DONE;
    }
    if (reply.getAsJsonArray("groups").isEmpty()) {
      voice.say("No groups. Make one: peerup relay pair --count 3");
    }
    List<List<String>> rows = new ArrayList<>();
    for (JsonElement element : reply.getAsJsonArray("groups")) {
      JsonObject group = element.getAsJsonObject();
      rows.add(
          List.of(
              StatusView.text(group, "group"),
              StatusView.text(group, "state"),
              group.get("used").getAsInt() + " of " + group.get("codes").getAsInt() + " used",
              group.get("failures").getAsInt() + " failures",
              "until " + StatusView.text(group, "expiresAt")));
    }
    voice.table(rows);
    return Peerup.DONE;
  }

  private static int revoke(ControlClient client, String group, Voice voice) {
    JsonObject reply =
        client.call(
            "DELETE", "/v1/groups/" + ControlClient.segment(group), null, StatusCommand.ASK_MAX);
    if (voice.json()) {
      voice.emit(reply);
    } else {
      voice.say("Revoked the unused codes of group " + StatusView.text(reply, "group"));
    }
    return Peerup.DONE;
  }

  /// The address that codes name: what the admin said, else the most public one that the relay
  /// listens on.
  private RelayHost where(JsonObject info) {
    List<Multiaddr> listening = new ArrayList<>();
    info.getAsJsonArray("addrs")
        .forEach(each -> listening.add(Multiaddr.parse(each.getAsString()).withoutPeer()));
    if (address != null) {
      return named(address, listening);
    }
    return listening.stream()
        .filter(each -> each.socketAddress().isPresent())
        .min(Comparator.comparingInt(RelayPairCommand::distance))
        .map(RelayHost::of)
        .orElseThrow(() ->
            new Failure(
                "no-address",
                "the relay listens on no address that a code can name",
                "say how devices reach it: --address HOST[:PORT]"));
  }

  /// Public before private before loopback; IPv4 first among equals, because its codes are shorter.
  private static int distance(Multiaddr each) {
    int reach = each.isPublic() ? 0 : each.isLoopback() ? 4 : 2;
    return reach + (each.has("ip4") ? 0 : 1);
  }

  private static RelayHost named(String text, List<Multiaddr> listening) {
    try {
      if (text.startsWith("/")) {
        return RelayHost.of(Multiaddr.parse(text));
      }
      int port =
          listening.stream()
              .flatMap(each -> each.value("tcp").stream())
              .map(Integer::parseInt)
              .findFirst()
              .orElse(7777);
      String host = text;
      int colon = text.lastIndexOf(':');
      if (text.startsWith("[") && text.indexOf(']') > 0) {
        host = text.substring(1, text.indexOf(']'));
        if (colon > text.indexOf(']')) {
          port = Integer.parseInt(text.substring(colon + 1));
        }
      } else if (colon > 0 && text.indexOf(':') == colon) {
        host = text.substring(0, colon);
        port = Integer.parseInt(text.substring(colon + 1));
      }
      return RelayHost.of(parse(host, port));
    } catch (MalformedInput | NumberFormatException e) {
      throw new Failure(
          "bad-address",
          "--address " + text + " cannot be put into a code: " + e.getMessage(),
          "write HOST or HOST:PORT, such as relay.example.net:7777",
          e);
    }
  }

  private static Multiaddr parse(String host, int port) {
    for (String protocol : List.of("ip4", "ip6")) {
      Optional<Multiaddr> literal = tryParse("/" + protocol + "/" + host + "/tcp/" + port);
      if (literal.isPresent()) {
        return literal.get();
      }
    }
    return Multiaddr.parse("/dns/" + host + "/tcp/" + port);
  }

  private static Optional<Multiaddr> tryParse(String text) {
    try {
      return Optional.of(Multiaddr.parse(text));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }
}
