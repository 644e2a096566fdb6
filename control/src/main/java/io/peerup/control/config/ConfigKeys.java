package io.peerup.control.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The names that `config.yaml` may hold, and those that programs before this one had.
final class ConfigKeys {
  /// Every key that has a value, in the order of the example file.
  static final List<String> ALL =
      List.of(
          "version",
          "network.listen",
          "network.security",
          "discovery.network",
          "discovery.lan",
          "relay.addresses",
          "relay.direct",
          "relay-server.listen",
          "relay-server.members-invite",
          "relay-server.limits.reservations",
          "relay-server.limits.reservation-ttl",
          "relay-server.limits.circuits-per-peer",
          "relay-server.limits.circuit-bytes",
          "relay-server.limits.circuit-duration",
          "secrets.passphrase-file",
          "log.level");

  /// Keys of the earlier Go program of the same name, so that its users learn where each went
  /// instead of being told that it is unknown. A whole section may be named.
  static final Map<String, String> RETIRED =
      Map.ofEntries(
          Map.entry("identity", "the key is always the file identity.key in the home"),
          Map.entry(
              "security",
              "connections are always gated by authorized_keys in the home; what they are secured"
                  + " with is network.security"),
          Map.entry("protocols", "protocol names are fixed; use `peerup ping`"),
          Map.entry("services", "services are kept by `peerup service add`"),
          Map.entry("names", "names are kept by `peerup peer rename`"),
          Map.entry("telemetry", "there is no telemetry"),
          Map.entry("network.listen_addresses", "it is now network.listen"),
          Map.entry(
              "network.force_private_reachability",
              "relay reservations are always made; nothing needs to be forced"),
          Map.entry("network.resource_limits_enabled", "limits are always enforced"),
          Map.entry(
              "relay.reservation_interval", "reservations are renewed in time without a setting"),
          Map.entry("discovery.rendezvous", "use discovery.network to separate networks"),
          Map.entry("discovery.bootstrap_peers", "use relay.addresses"),
          Map.entry("resources", "use relay-server.limits"));

  /// Whatever a misspelt key may have meant: keys and their sections.
  private static final Set<String> WITH_SECTIONS = withSections();

  private ConfigKeys() {}

  private static Set<String> withSections() {
    Set<String> all = new LinkedHashSet<>();
    for (String known : ALL) {
      for (String each = known; !each.isEmpty(); each = parent(each)) {
        all.add(each);
      }
    }
    return all;
  }

  /// Whether `key` is a section: something with known keys below it.
  static boolean isSection(String key) {
    return ALL.stream().anyMatch(known -> known.startsWith(key + "."));
  }

  /// What to say about a key that is not known: why it went, or the nearest that exists.
  static String explainUnknown(String key) {
    String retired = RETIRED.get(key);
    if (retired != null) {
      return "is no longer a setting: " + retired;
    }
    return "unknown key" + nearest(key).map(known -> " (did you mean " + known + "?)").orElse("");
  }

  /// The known key or section that looks most like `key`: by its whole name, or by its last part,
  /// for a key that was put under the wrong section.
  static Optional<String> nearest(String key) {
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    String lastOfKey = lastPart(key);
    int allowed = allowed(lastOfKey);
    for (String candidate : WITH_SECTIONS) {
      String lastOfCandidate = lastPart(candidate);
      if (Math.abs(lastOfCandidate.length() - lastOfKey.length()) > allowed) {
        continue; // a difference in length is a distance
      }
      int last = EditDistance.between(lastOfKey, lastOfCandidate);
      if (last > allowed) {
        continue;
      }
      // A match of only the last part is a weaker hint than one of the whole name.
      int distance = Math.min(2 * EditDistance.between(key, candidate), 2 * last + 1);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /// Two slips in a short word, more in a long one; beyond that a suggestion only confuses.
  private static int allowed(String word) {
    return Math.max(2, word.length() / 3);
  }

  private static String parent(String key) {
    return key.substring(0, Math.max(0, key.lastIndexOf('.')));
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }
}
