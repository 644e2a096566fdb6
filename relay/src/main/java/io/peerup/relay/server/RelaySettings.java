package io.peerup.relay.server;

import io.peerup.control.config.Config;
import io.peerup.control.config.Located;
import io.peerup.control.config.Problems;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.wire.CircuitLimit;
import java.util.ArrayList;
import java.util.List;

/// What `relay-server.*` of the configuration means, and `network.security`.
///
/// @param listen where to listen, with the line that says so
/// @param hybridOnly whether connections without post-quantum security are neither made nor taken
/// @param membersInvite whether members may bring others
/// @param policy what to lend
public record RelaySettings(
    List<Located<Multiaddr>> listen,
    boolean hybridOnly,
    boolean membersInvite,
    RelayPolicy policy) {

  /// The key of the addresses to listen on.
  static final String LISTEN = "relay-server.listen";

  public RelaySettings {
    listen = List.copyOf(listen);
  }

  /// Throws [io.peerup.control.Failure] `config-invalid` with everything that is wrong.
  public static RelaySettings of(Config config) {
    Problems problems = new Problems(config.file());
    RelaySettings settings = read(config, problems);
    problems.throwIfAny();
    return settings;
  }

  /// Notes every problem: for the loader, which reports them together with its own.
  public static void check(Config config, Problems problems) {
    read(config, problems);
  }

  private static RelaySettings read(Config config, Problems problems) {
    List<Located<Multiaddr>> listen = new ArrayList<>();
    for (Located<String> text : config.relayServer().listen()) {
      try {
        Multiaddr address = Multiaddr.parse(text.value());
        if (address.socketAddress().isEmpty()
            || !(address.has("tcp") || address.isQuic())
            || address.isCircuit()) {
          problems.add(
              text, "a relay listens on /ip4|ip6/<address>/tcp/<port> or …/udp/<port>/quic-v1");
        } else {
          listen.add(new Located<>(address, text.key(), text.line()));
        }
      } catch (MalformedInput e) {
        problems.add(text, String.valueOf(e.getMessage()));
      }
    }
    if (config.relayServer().listen().isEmpty()) {
      problems.add(0, LISTEN, "a relay needs at least one address to listen on");
    }
    return new RelaySettings(
        listen,
        config.network().security() == Config.Security.HYBRID_ONLY,
        config.relayServer().membersInvite(),
        policy(config.relayServer().limits()));
  }

  /// Members are authorised one by one, so nothing is counted by address.
  private static RelayPolicy policy(Config.RelayLimits limits) {
    RelayPolicy members = RelayPolicy.members();
    return new RelayPolicy(
        limits.reservations(),
        limits.reservations(),
        limits.reservations(),
        limits.reservationTtl(),
        members.circuitsMax(),
        limits.circuitsPerPeer(),
        new CircuitLimit(limits.circuitDuration(), limits.circuitBytes()));
  }
}
