package io.peerup.node;

import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import io.peerup.control.config.Problems;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The node's part of `config.yaml`, understood.
///
/// @param listen where to listen; empty for a node that only dials
/// @param hybridOnly whether connections without post-quantum security are neither made nor taken
/// @param relays relays named in the file, with their addresses
/// @param direct whether direct paths are tried
/// @param lan whether devices find this one, and it them, on the local network
/// @param network the private network's name; empty for the common one
public record NodeSettings(
    List<Multiaddr> listen,
    boolean hybridOnly,
    Map<PeerId, List<Multiaddr>> relays,
    boolean direct,
    boolean lan,
    String network) {

  private static final int RELAYS_MAX = io.peerup.relay.circuit.Limits.RELAYS_MAX;

  /// Judges the values. @throws io.peerup.control.Failure `config-invalid` with every problem
  public static NodeSettings of(Config config) {
    Problems problems = new Problems(config.file());
    NodeSettings settings = read(config, problems);
    problems.throwIfAny();
    return settings;
  }

  /// Notes every problem: for the loader, which reports them together with its own.
  public static void check(Config config, Problems problems) {
    read(config, problems);
  }

  private static NodeSettings read(Config config, Problems problems) {
    List<Multiaddr> listen = new ArrayList<>();
    for (Located<String> each : config.network().listen()) {
      parse(each, problems)
          .ifPresent(address -> {
            if (address.socketAddress().isEmpty() || !(address.has("tcp") || address.isQuic())) {
              problems.add(
                  each,
                  "must be an IP address and port, such as /ip4/0.0.0.0/tcp/0 or /ip4/0.0.0.0/udp/0/quic-v1");
            } else {
              listen.add(address);
            }
          });
    }
    Map<PeerId, List<Multiaddr>> relays = new LinkedHashMap<>();
    for (Located<String> each : config.relay().addresses()) {
      parse(each, problems)
          .ifPresent(address -> {
            if (address.peer().isEmpty() || address.isCircuit()) {
              problems.add(each, "must end with /p2p/ and the relay's peer id");
            } else if (!address.has("tcp") && !address.isQuic()) {
              problems.add(
                  each, "must name a port: /ip4/…/tcp/7777/p2p/… or /ip4/…/udp/7777/quic-v1/p2p/…");
            } else if (!relays.containsKey(address.peer().get()) && relays.size() >= RELAYS_MAX) {
              problems.add(each, "more than " + RELAYS_MAX + " relays");
            } else {
              relays
                  .computeIfAbsent(address.peer().get(), _ -> new ArrayList<>())
                  .add(address.withoutPeer());
            }
          });
    }
    return new NodeSettings(
        List.copyOf(listen),
        config.network().security() == Config.Security.HYBRID_ONLY,
        relays,
        config.relay().direct(),
        // Who wants all traffic to go through relays wants no direct pairing.
        config.discovery().lan() && config.relay().direct(),
        config.discovery().network().value());
  }

  private static Optional<Multiaddr> parse(Located<String> value, Problems problems) {
    try {
      return Optional.of(Multiaddr.parse(value.value()));
    } catch (MalformedInput e) {
      problems.add(value, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }
}
