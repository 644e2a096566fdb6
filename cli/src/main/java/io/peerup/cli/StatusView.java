package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Shows the status document to people.
final class StatusView {

  private final Voice voice;

  StatusView(Voice voice) {
    this.voice = voice;
  }

  /// Everything the daemon knows of itself.
  void full(JsonObject status) {
    head(status);
    list("Listening", status.getAsJsonArray("listenAddrs"));
    list("Relayed", status.getAsJsonArray("relayedAddrs"));
    relays(status);
    reachability(status, true);
    peers(status);
    waitingFor(status);
    services(status);
    warnings(status);
  }

  /// The same, without addresses and evidence.
  void brief(JsonObject status) {
    head(status);
    relays(status);
    reachability(status, false);
    peers(status);
    waitingFor(status);
    services(status);
    warnings(status);
  }

  /// The peers alone.
  void peers(JsonObject status) {
    JsonArray peers = status.getAsJsonArray("peers");
    if (peers.isEmpty()) {
      voice.say("Peers     none yet: peerup join CODE, or wait until others join");
      return;
    }
    voice.say("Peers");
    List<List<String>> rows = new ArrayList<>();
    for (JsonElement element : peers) {
      rows.add(row(element.getAsJsonObject()));
    }
    voice.table(rows);
  }

  /// `direct`, `direct, QUIC`, `relayed via 12D3KooW…`, or `offline`.
  static String path(JsonObject peer) {
    return switch (text(peer, "path")) {
      case "direct" -> text(peer, "addr").contains("/quic-v1") ? "direct, QUIC" : "direct";
      case "relayed" -> "relayed via " + shortId(text(peer, "relay"));
      default -> "offline";
    };
  }

  static String badge(JsonObject peer) {
    return peer.get("verified").getAsBoolean() ? "[VERIFIED]" : "[UNVERIFIED]";
  }

  static String rtt(JsonObject peer) {
    return peer.has("rttMs") && !peer.get("rttMs").isJsonNull()
        ? String.format(Locale.ROOT, "%.1f ms", peer.get("rttMs").getAsDouble())
        : "";
  }

  private List<String> row(JsonObject peer) {
    boolean connected = peer.get("connected").getAsBoolean();
    boolean verified = peer.get("verified").getAsBoolean();
    String path = path(peer);
    return List.of(
        "  " + voice.bold(text(peer, "name")),
        shortId(text(peer, "peerId")),
        verified ? voice.good(badge(peer)) : voice.alert(badge(peer)),
        connected ? voice.good(path) : voice.dim(path),
        connected ? rtt(peer) : voice.dim(text(peer, "problem")));
  }

  private void head(JsonObject status) {
    String network = text(status, "network");
    voice.say("Peer id   " + text(status, "peerId"));
    voice.say("Name      " + name(status));
    voice.say("Network   " + (network.isEmpty() ? "default" : network));
    voice.say(
        "Uptime    " + Voice.time(Duration.ofSeconds(status.get("uptimeSeconds").getAsLong())));
  }

  /// A node has its name from the first group that it joins.
  private String name(JsonObject status) {
    String name = text(status, "name");
    return name.isEmpty() ? voice.dim("none yet") : voice.bold(name);
  }

  private void relays(JsonObject status) {
    JsonArray relays = status.getAsJsonArray("relays");
    if (relays.isEmpty()) {
      voice.say("Relays    none: join a group, or set relay.addresses in config.yaml");
      return;
    }
    voice.say("Relays");
    List<List<String>> rows = new ArrayList<>();
    for (JsonElement element : relays) {
      JsonObject relay = element.getAsJsonObject();
      boolean reserved = relay.get("reserved").getAsBoolean();
      rows.add(
          List.of(
              "  " + shortId(text(relay, "peerId")),
              text(relay, "addr"),
              reserved ? voice.good("reserved") : voice.alert("no reservation"),
              voice.dim(reserved ? "" : text(relay, "trouble"))));
    }
    voice.table(rows);
  }

  private void reachability(JsonObject status, boolean evidence) {
    JsonObject reach = status.getAsJsonObject("reachability");
    String grade = text(reach, "grade");
    voice.say(
        "Reach     "
            + voice.bold(grade.equals("unknown") ? "?" : grade)
            + "  "
            + text(reach, "label")
            + "  "
            + voice.dim("(confidence: " + text(reach, "confidence") + ")"));
    if (evidence) {
      reach
          .getAsJsonArray("evidence")
          .forEach(line -> voice.say("          " + voice.dim(Printable.of(line.getAsString()))));
    }
  }

  private void waitingFor(JsonObject status) {
    for (JsonElement element : status.getAsJsonArray("waitingFor")) {
      JsonObject each = element.getAsJsonObject();
      String name = voice.bold(text(each, "name"));
      voice.say(
          switch (text(each, "status")) {
            case "drop_sent" -> "Waiting   for " + name + ", until " + text(each, "expiresAt");
            case "already_used" -> "Not paired with " + name + ": its link was already used";
            case "expired" -> "Not paired with " + name + ": its link ended without an answer";
            default -> "Not paired with " + name + ": it is in another network";
          });
    }
  }

  private void services(JsonObject status) {
    JsonArray services = status.getAsJsonArray("services");
    if (services.isEmpty()) {
      return;
    }
    voice.say("Services");
    List<List<String>> rows = new ArrayList<>();
    for (JsonElement element : services) {
      JsonObject service = element.getAsJsonObject();
      rows.add(
          List.of(
              "  " + text(service, "name"),
              target(service),
              service.get("enabled").getAsBoolean() ? "" : voice.dim("disabled")));
    }
    voice.table(rows);
  }

  /// Where a service is, and that it speaks UDP if it does.
  static String target(JsonObject service) {
    String target = text(service, "target");
    return text(service, "protocol").equals("udp") ? target + " (UDP)" : target;
  }

  private void warnings(JsonObject status) {
    status.getAsJsonArray("warnings").forEach(each -> voice.warn(each.getAsString()));
  }

  private void list(String title, JsonArray values) {
    String label = String.format(Locale.ROOT, "%-10s", title);
    if (values.isEmpty()) {
      voice.say(label + "none");
    }
    for (JsonElement value : values) {
      voice.say(label + Printable.of(value.getAsString()));
      label = " ".repeat(10);
    }
  }

  /// A point in time to the second.
  static String instant(JsonObject object, String key) {
    return text(object, key).replaceFirst("\\.[0-9]+Z$", "Z");
  }

  static String shortId(String peerId) {
    return peerId.length() > 16 ? peerId.substring(0, 16) + "…" : peerId;
  }

  static String text(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value == null || value.isJsonNull() ? "" : Printable.of(value.getAsString());
  }
}
