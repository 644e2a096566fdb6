package io.peerup.cli.p2p;

import io.peerup.control.Home;
import io.peerup.libp2p.Multiaddr;
import io.peerup.relay.circuit.Reservation;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `peerup p2p listen`.
@Command(
    name = "listen",
    header = "Be a peer that others can dial.",
    description = {
      "Prints {\"event\":\"listening\",\"peerId\",\"addrs\"} once everything is bound, then serves"
          + " identify, ping and perf until --timeout or a signal."
    })
final class ListenCommand extends ToolCommand {

  @Option(
      names = "--listen",
      paramLabel = "MULTIADDR",
      converter = Converters.Address.class,
      description =
          "Where to listen; may be given more than once. <relay address>/p2p-circuit listens through"
              + " a relay. Default: /ip4/127.0.0.1/tcp/0, or as --transport says.")
  private List<Multiaddr> addresses = new ArrayList<>();

  @Option(
      names = "--relay-server",
      description = "Be a circuit relay (v2) for the peers that may connect.")
  private boolean relayServer;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description =
          "Whose authorized_keys to go by (default: $PEERUP_HOME, else ~/.config/peerup).")
  private @Nullable String home;

  @Option(
      names = "--open",
      description =
          "Let everyone connect. Otherwise, if the home has an authorized_keys file, only the peers"
              + " in it may.")
  private boolean open;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "",
      converter = Converters.Network.class,
      description =
          "The network to belong to, a DNS label. Told in the first line; none of the protocols"
              + " served here depends on it.")
  private String network = "";

  @Override
  void run(Lines out) throws InterruptedException {
    if (addresses.isEmpty()) {
      addresses.add(options.listenDefault());
    }
    List<Multiaddr> relays =
        addresses.stream().filter(Multiaddr::isCircuit).map(this::relayOf).toList();
    List<Multiaddr> direct = addresses.stream().filter(each -> !each.isCircuit()).toList();
    try (Guests guests = open ? Guests.everyone(home()) : Guests.ofHome(home());
        ToolNode node = ToolNode.listener(options, direct, guests)) {
      if (relayServer) {
        node.relayForOthers();
      }
      for (Multiaddr relay : relays) {
        Reservation place = node.reserve(relay, node.deadline(options));
        node.keep(place, relay);
      }
      out.print(
          Lines.event("listening")
              .with("peerId", node.host().id().toString())
              .with(
                  "addrs", node.host().advertisedAddresses().stream().map(node::dialable).toList())
              .with("relayServer", relayServer)
              .with("network", network)
              .with("open", guests.everyoneMayCome()));
      Staying.until(options.timeout());
    }
  }

  /// As every other command finds it (io.peerup.cli knows this package, so it cannot be asked).
  private Home home() {
    String chosen = home != null ? home : System.getenv("PEERUP_HOME");
    try {
      return Home.of(
          chosen != null && !chosen.isBlank()
              ? Path.of(chosen)
              : Path.of(System.getProperty("user.home"), ".config", "peerup"));
    } catch (InvalidPathException wrong) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "the home folder's name cannot be used: " + wrong.getReason(), wrong);
    }
  }

  private Multiaddr relayOf(Multiaddr circuit) {
    return circuit
        .relayPart()
        .filter(relay -> relay.peer().isPresent() && !relay.isCircuit())
        .orElseThrow(() ->
            new CommandLine.ParameterException(
                spec.commandLine(),
                circuit + " does not name a relay: <address>/p2p/<relay>/p2p-circuit"));
  }
}
