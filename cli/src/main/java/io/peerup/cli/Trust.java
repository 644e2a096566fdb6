package io.peerup.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import io.peerup.trust.TrustVerbs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Asks whoever runs a home about trust, node or relay; when nothing runs, does the same to the
/// home's files.
final class Trust {

  private Trust() {}

  /// What the owner can say of one peer.
  enum Verb {
    ALLOW,
    DENY,
    BLOCK,
    UNBLOCK,
    EXPLAIN
  }

  /// The decision in force afterwards.
  static JsonObject ask(Home home, Verb verb, String peer, Optional<String> name) {
    if (!isRunning(home)) {
      try (OfflineHome files =
          verb == Verb.EXPLAIN ? OfflineHome.toRead(home) : OfflineHome.toWrite(home)) {
        return locally(files.verbs(), verb, peer, name);
      } catch (Failure e) {
        // It has just been started: then it can be asked.
        if (!e.code().equals("home-in-use") || !isRunning(home)) {
          throw e;
        }
      }
    }
    JsonObject request = new JsonObject();
    request.addProperty("peer", peer);
    name.ifPresent(given -> request.addProperty("name", given));
    String path = "/v1/trust/" + verb.name().toLowerCase(Locale.ROOT);
    return ControlClient.of(home).call("POST", path, request, StatusCommand.ASK_MAX);
  }

  static JsonObject ask(Home home, Verb verb, String peer) {
    return ask(home, verb, peer, Optional.empty());
  }

  /// Who is blocked.
  static JsonObject blocked(Home home) {
    if (isRunning(home)) {
      return ControlClient.of(home).call("GET", "/v1/trust/blocked", null, StatusCommand.ASK_MAX);
    }
    try (OfflineHome files = OfflineHome.toRead(home)) {
      return files.verbs().listBlocked();
    }
  }

  /// Everyone with a line in `authorized_keys`, as `GET /v1/peers` says it.
  static JsonObject peers(Home home) {
    if (isRunning(home)) {
      return Running.node(home).call("GET", "/v1/peers", null);
    }
    try (OfflineHome files = OfflineHome.toRead(home)) {
      return files.peers();
    }
  }

  /// The safety number with a peer; with what a person brought from the other device, it is marked
  /// as verified if that is the same.
  static JsonObject safetyNumber(Home home, String peer, Optional<String> brought) {
    if (!isRunning(home)) {
      try (OfflineHome files =
          brought.isEmpty() ? OfflineHome.toRead(home) : OfflineHome.toWrite(home)) {
        return files.safetyNumber(peer, brought);
      } catch (Failure e) {
        if (!e.code().equals("home-in-use") || !isRunning(home)) {
          throw e;
        }
      }
    }
    JsonObject request = new JsonObject();
    request.addProperty("peer", peer);
    brought.ifPresent(text -> request.addProperty("brought", text));
    return Running.node(home).call("POST", "/v1/verify/number", request);
  }

  /// Name, id and `[UNVERIFIED]`; no name if there is none.
  static String title(JsonObject peer) {
    String name = StatusView.text(peer, "name");
    String id = StatusView.text(peer, "peerId");
    return (name.isEmpty() ? "" : name + "  ") + id + "  " + StatusView.badge(peer);
  }

  /// The strings of a list, with commas between them.
  static String words(JsonObject document, String list) {
    List<String> out = new ArrayList<>();
    for (JsonElement each : document.getAsJsonArray(list)) {
      out.add(each.getAsString());
    }
    return String.join(", ", out);
  }

  private static boolean isRunning(Home home) {
    return home.exists() && ControlClient.of(home).isRunning();
  }

  private static JsonObject locally(
      TrustVerbs verbs, Verb verb, String peer, Optional<String> name) {
    return switch (verb) {
      case ALLOW -> verbs.allow(peer, name);
      case DENY -> verbs.deny(peer);
      case BLOCK -> verbs.block(peer);
      case UNBLOCK -> verbs.unblock(peer);
      case EXPLAIN -> verbs.explain(peer);
    };
  }
}
