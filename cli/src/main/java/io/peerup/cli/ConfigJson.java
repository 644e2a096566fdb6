package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Durations;
import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import java.util.List;
import java.util.Locale;

/// The settings in force as JSON: the keys of `config.yaml`, in camelCase.
final class ConfigJson {

  private ConfigJson() {}

  static JsonObject of(Config config) {
    JsonObject network = new JsonObject();
    network.add("listen", list(config.network().listen()));
    network.addProperty("security", word(config.network().security()));
    JsonObject discovery = new JsonObject();
    discovery.addProperty("network", config.discovery().network().value());
    discovery.addProperty("lan", config.discovery().lan());
    JsonObject relay = new JsonObject();
    relay.add("addresses", list(config.relay().addresses()));
    relay.addProperty("direct", config.relay().direct());
    JsonObject limits = new JsonObject();
    Config.RelayLimits from = config.relayServer().limits();
    limits.addProperty("reservations", from.reservations());
    limits.addProperty("reservationTtl", Durations.format(from.reservationTtl()));
    limits.addProperty("circuitsPerPeer", from.circuitsPerPeer());
    limits.addProperty("circuitBytes", from.circuitBytes());
    limits.addProperty("circuitDuration", Durations.format(from.circuitDuration()));
    JsonObject relayServer = new JsonObject();
    relayServer.add("listen", list(config.relayServer().listen()));
    relayServer.add("limits", limits);
    JsonObject secrets = new JsonObject();
    secrets.addProperty("passphraseFile", config.secrets().passphraseFile().value());
    JsonObject log = new JsonObject();
    log.addProperty("level", word(config.log().level()));
    JsonObject out = new JsonObject();
    out.add("network", network);
    out.add("discovery", discovery);
    out.add("relay", relay);
    out.add("relayServer", relayServer);
    out.add("secrets", secrets);
    out.add("log", log);
    return out;
  }

  /// As it is written in the file.
  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static JsonArray list(List<Located<String>> values) {
    JsonArray out = new JsonArray();
    values.forEach(each -> out.add(each.value()));
    return out;
  }
}
