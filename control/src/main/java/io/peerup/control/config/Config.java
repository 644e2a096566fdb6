package io.peerup.control.config;

import java.time.Duration;
import java.util.List;

/// Everything that `config.yaml` can say, with a default for each key. `config.yaml.example` shows
/// the same keys with an explanation each.
///
/// @param file how the file is named to the user, for further [Problems]
public record Config(
    String file,
    Network network,
    Discovery discovery,
    Relay relay,
    RelayServer relayServer,
    Secrets secrets,
    Log log) {

  /// @param listen multiaddrs to listen on as a node
  /// @param security what connections are secured with
  public record Network(List<Located<String>> listen, Security security) {
    public Network {
      listen = List.copyOf(listen);
    }
  }

  /// What connections are secured with.
  public enum Security {
    /// The best that the other side has.
    ANY,
    /// Post-quantum, or there is no connection.
    HYBRID_ONLY
  }

  /// @param network the DNS label that separates one private network from others; empty for the
  ///   common one
  /// @param lan whether devices find each other on the local network
  public record Discovery(Located<String> network, boolean lan) {}

  /// @param addresses relays to use, each a multiaddr that ends with `/p2p/<peer id>`
  /// @param direct whether direct paths are tried at all
  public record Relay(List<Located<String>> addresses, boolean direct) {
    public Relay {
      addresses = List.copyOf(addresses);
    }
  }

  /// @param listen multiaddrs to listen on as a relay
  /// @param membersInvite whether members may bring others
  public record RelayServer(
      List<Located<String>> listen, boolean membersInvite, RelayLimits limits) {
    public RelayServer {
      listen = List.copyOf(listen);
    }
  }

  /// What a relay grants its members.
  ///
  /// @param reservations peers that may hold a reservation at the same time
  /// @param reservationTtl how long one lasts before it must be renewed
  /// @param circuitsPerPeer relayed connections that one peer may have open
  /// @param circuitBytes bytes each way in one relayed connection; 0 for no limit
  /// @param circuitDuration age at which a relayed connection is cut; zero for no limit
  public record RelayLimits(
      int reservations,
      Duration reservationTtl,
      int circuitsPerPeer,
      long circuitBytes,
      Duration circuitDuration) {}

  /// @param passphraseFile where the passphrase of the identity is read from; empty for nowhere
  public record Secrets(Located<String> passphraseFile) {}

  public record Log(Level level) {}

  /// From quiet to talkative.
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /// What an empty or missing file means.
  public static Config defaults() {
    return new Config(
        "config.yaml",
        new Network(
            List.of(
                Located.byDefault("/ip4/0.0.0.0/tcp/0", "network.listen[0]"),
                Located.byDefault("/ip6/::/tcp/0", "network.listen[1]"),
                Located.byDefault("/ip4/0.0.0.0/udp/0/quic-v1", "network.listen[2]"),
                Located.byDefault("/ip6/::/udp/0/quic-v1", "network.listen[3]")),
            Security.ANY),
        new Discovery(Located.byDefault("", "discovery.network"), true),
        new Relay(List.of(), true),
        new RelayServer(
            List.of(
                Located.byDefault("/ip4/0.0.0.0/tcp/7777", "relay-server.listen[0]"),
                Located.byDefault("/ip6/::/tcp/7777", "relay-server.listen[1]")),
            true,
            new RelayLimits(1024, Duration.ofHours(1), 64, 64L << 30, Duration.ofHours(24))),
        new Secrets(Located.byDefault("", "secrets.passphrase-file")),
        new Log(Level.INFO));
  }
}
