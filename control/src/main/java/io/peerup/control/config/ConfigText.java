package io.peerup.control.config;

import io.peerup.control.Durations;
import java.util.List;
import java.util.Locale;

/// A [Config] as the text of a `config.yaml` that says all of it.
public final class ConfigText {
  private ConfigText() {}

  /// What [ConfigLoader#parse] reads back to the same values.
  public static String of(Config config) {
    Config.RelayLimits limits = config.relayServer().limits();
    return "version: 1\n"
        + "network:\n"
        + list("  listen", config.network().listen())
        + "discovery:\n"
        + "  network: "
        + quoted(config.discovery().network().value())
        + ("\n  lan: " + config.discovery().lan())
        + "\nrelay:\n"
        + list("  addresses", config.relay().addresses())
        + ("  direct: " + config.relay().direct())
        + "\nrelay-server:\n"
        + list("  listen", config.relayServer().listen())
        + ("  members-invite: " + config.relayServer().membersInvite())
        + "\n  limits:\n"
        + ("    reservations: " + limits.reservations())
        + ("\n    reservation-ttl: " + Durations.format(limits.reservationTtl()))
        + ("\n    circuits-per-peer: " + limits.circuitsPerPeer())
        + ("\n    circuit-bytes: " + Sizes.format(limits.circuitBytes()))
        + ("\n    circuit-duration: " + Durations.format(limits.circuitDuration()))
        + "\nsecrets:\n  passphrase-file: "
        + quoted(config.secrets().passphraseFile().value())
        + "\nlog:\n"
        + ("  level: " + config.log().level().name().toLowerCase(Locale.ROOT))
        + "\n";
  }

  private static String list(String key, List<Located<String>> values) {
    if (values.isEmpty()) {
      return key + ": []\n";
    }
    StringBuilder out = new StringBuilder(key).append(":\n");
    for (Located<String> value : values) {
      out.append("    - ").append(quoted(value.value())).append('\n');
    }
    return out.toString();
  }

  /// In single quotes nothing but the quote itself is special; the loader refuses line breaks and
  /// other control characters in values.
  private static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }
}
