package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Durations;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.Names;
import io.peerup.pairing.RelayHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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

  @Option(
      names = "--count",
      paramLabel = "N",
      description =
          "How many codes, one for each device: 1 to 64 (default: 1; with --reissue as many as were"
              + " unused).")
  @Nullable Integer count;

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

  @Option(
      names = "--reissue",
      paramLabel = "CODE",
      description =
          "Replace a group's unused codes, also burned or expired ones, by fresh ones instead; CODE"
              + " is any old code of the group, - reads it from standard input.")
  @Nullable String reissue;

  @Override
  protected int run(Home home, Voice voice) throws IOException {
    if ((list ? 1 : 0) + (revoke == null ? 0 : 1) + (reissue == null ? 0 : 1) > 1) {
      throw misuse("--list, --revoke and --reissue exclude each other");
    }
    if (reissue != null && (expires != null || network != null)) {
      throw misuse("--reissue keeps the group's network and expiry");
    }
    if (count != null && (count < 1 || count > COUNT_MAX)) {
      throw misuse("--count must be 1 to " + COUNT_MAX);
    }
    Running relay = Running.relay(home);
    if (list) {
      return list(relay, voice);
    }
    if (revoke != null) {
      return revoke(relay, revoke, voice);
    }
    return reissue == null ? make(relay, voice) : reissue(relay, reissue, voice);
  }

  private int reissue(Running relay, String given, Voice voice) throws IOException {
    Duration life = duration("--ttl", ttl, TTL_MIN, TTL_MAX);
    GroupCode old;
    try {
      old = GroupCode.parse(given.equals("-") ? JoinCommand.readCode() : given);
    } catch (MalformedInput e) {
      throw new Failure("bad-code", String.valueOf(e.getMessage()), e.hint(), e);
    }
    JsonObject info = relay.call("GET", "/v1/relay", null);
    if (!old.pins(PeerId.parse(info.get("peerId").getAsString()))) {
      throw new Failure(
          "wrong-relay", "this code was made by another relay", "use the home of that relay");
    }
    RelayHost where = where(info);
    GroupCode.NewGroup group =
        old.reissue(
            count == null ? unusedCodes(relay, old.groupId()) : count, where, KeyRandom.secure());
    JsonObject request = new JsonObject();
    request.add("tokenHashes", hashes(group));
    request.addProperty("ttlSeconds", life.toSeconds());
    JsonObject reply = relay.call("POST", "/v1/groups/" + old.groupId() + "/codes", request);
    tell(reply, group.codes().stream().map(GroupCode::text).toList(), where, life, voice);
    return Peerup.DONE;
  }

  /// At least one, also when all were used: whoever asks for fresh codes has a use for one.
  private static int unusedCodes(Running relay, String group) {
    for (JsonElement each : relay.call("GET", "/v1/groups", null).getAsJsonArray("groups")) {
      JsonObject one = each.getAsJsonObject();
      if (one.get("group").getAsString().equals(group)) {
        return Math.max(1, one.get("codes").getAsInt() - one.get("used").getAsInt());
      }
    }
    return 1;
  }

  private static JsonArray hashes(GroupCode.NewGroup group) {
    JsonArray hashes = new JsonArray();
    group.spec().tokenHashesHex().forEach(hashes::add);
    return hashes;
  }

  private int make(Running relay, Voice voice) {
    Duration life = duration("--ttl", ttl, TTL_MIN, TTL_MAX);
    Duration authorised =
        expires == null || expires.equals("0")
            ? Duration.ZERO
            : duration("--expires", expires, EXPIRES_MIN, EXPIRES_MAX);
    checkNetwork();
    JsonObject info = relay.call("GET", "/v1/relay", null);
    RelayHost where = where(info);
    String namespace = network == null ? StatusView.text(info, "network") : network;
    GroupCode.NewGroup group;
    try {
      group =
          GroupCode.generate(
              count == null ? 1 : count,
              PeerId.parse(info.get("peerId").getAsString()),
              where,
              namespace,
              KeyRandom.secure());
    } catch (MalformedInput e) {
      throw new Failure("bad-group", String.valueOf(e.getMessage()), e.hint(), e);
    }
    JsonObject request = new JsonObject();
    request.addProperty("selector", group.spec().selectorHex());
    request.add("tokenHashes", hashes(group));
    request.addProperty("ttlSeconds", life.toSeconds());
    request.addProperty("expiresSeconds", authorised.toSeconds());
    request.addProperty("namespace", namespace);
    JsonObject reply = relay.call("POST", "/v1/groups", request);
    tell(reply, group.codes().stream().map(GroupCode::text).toList(), where, life, voice);
    return Peerup.DONE;
  }

  private void checkNetwork() {
    if (network == null || network.isEmpty()) {
      return;
    }
    try {
      Names.checkNamespace(network);
    } catch (MalformedInput e) {
      throw misuse("--network: " + e.getMessage());
    }
  }

  private void tell(
      JsonObject reply, List<String> codes, RelayHost where, Duration life, Voice voice) {
    Multiaddr address = where.multiaddr();
    if (!address.isPublic()) {
      voice.warn(
          "the codes name "
              + address
              + (address.isLoopback()
                  ? ", which only this machine can reach"
                  : ", which only this network can reach")
              + (this.address == null
                  ? "; for other devices: peerup relay pair --address HOST[:PORT]"
                  : ""));
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
    voice.say("for " + Durations.format(life) + ". On the device:  peerup join CODE --name laptop");
  }

  private static int list(Running relay, Voice voice) {
    JsonObject reply = relay.call("GET", "/v1/groups", null);
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
              "until " + StatusView.instant(group, "expiresAt")));
    }
    voice.table(rows);
    return Peerup.DONE;
  }

  private static int revoke(Running relay, String group, Voice voice) {
    JsonObject reply = relay.call("DELETE", "/v1/groups/" + ControlClient.segment(group), null);
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
    if (address == null) {
      return Addresses.best(listening)
          .orElseThrow(() ->
              new Failure(
                  "no-address",
                  "the relay listens on no address that a code can name",
                  "say how devices reach it: --address HOST[:PORT]"));
    }
    try {
      return Addresses.named(address, listening);
    } catch (MalformedInput e) {
      throw misuse(
          "--address "
              + address
              + ": "
              + e.getMessage()
              + "; write it like relay.example.net:7777");
    }
  }

  private Duration duration(String option, String text, Duration min, Duration max) {
    Duration value;
    try {
      value = Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw misuse(option + ": " + e.getMessage());
    }
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw misuse(option + " must be " + Durations.format(min) + " to " + Durations.format(max));
    }
    return value;
  }
}
