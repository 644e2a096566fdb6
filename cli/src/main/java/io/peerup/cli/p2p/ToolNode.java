package io.peerup.cli.p2p;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.Reservation;
import io.peerup.relay.circuit.Reservations;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// The host of one command, with circuits; the assembly of this package. Ended by signals too, so
/// that peers hear good-bye.
final class ToolNode implements AutoCloseable {

  private final InstantSource clock = InstantSource.system();
  private final NodeOptions options;
  private final PrivateKey identity;
  private final Host host;
  private final CircuitClient circuits;
  private final Reservations reservations;
  private final ConcurrentHashMap<PeerId, Reservation> held = new ConcurrentHashMap<>();

  private ToolNode(NodeOptions options, PrivateKey identity, Host host) {
    this.options = options;
    this.identity = identity;
    this.host = host;
    this.circuits = CircuitClient.install(host, CircuitClient.Offers.FROM_OUR_RELAYS, clock);
    this.reservations = new Reservations(host, circuits, clock, RandomGenerator.getDefault());
    reservations.addListener(
        new Reservations.Listener() {
          @Override
          public void reserved(Reservation fresh) {
            held.put(fresh.relay(), fresh);
            advertise();
          }

          @Override
          public void lost(PeerId peer, String reason) {
            held.remove(peer);
            advertise();
          }
        });
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("good-bye").unstarted(host::close));
  }

  /// A host that dials and does not listen.
  static ToolNode dialer(NodeOptions options) {
    return listener(options, List.of(), ConnectionGater.open());
  }

  /// A host that listens at these addresses (no circuits) and serves perf besides the usual.
  static ToolNode listener(NodeOptions options, List<Multiaddr> addresses, ConnectionGater gater) {
    PrivateKey identity = options.identity();
    Host host =
        HostBuilder.create()
            .identity(identity)
            .listen(addresses)
            .gater(gater)
            .agentVersion("peerup-p2p")
            .perf(true)
            .build();
    return new ToolNode(options, identity, host);
  }

  Host host() {
    return host;
  }

  InstantSource clock() {
    return clock;
  }

  Deadline deadline(NodeOptions options) {
    return new Deadline(clock, options.timeoutOrDefault());
  }

  /// Serves as a relay without limits of time and bytes for whoever the gater lets in.
  void relayForOthers() {
    var _ = new CircuitRelay(host, identity, RelayPolicy.members(), clock);
  }

  /// Connects to exactly this address; to whoever answers if it names no peer.
  Connection connect(Multiaddr address, Deadline deadline) {
    options.checkTransport(address);
    PeerExpectation expectation =
        address.peer().map(PeerExpectation::exactly).orElse(PeerExpectation.any());
    return host.connect(address, expectation, deadline.left("connecting to " + address));
  }

  /// Asks the relay at this address for a place.
  Reservation reserve(Multiaddr relay, Deadline deadline) {
    Connection connection = connect(relay, deadline);
    return circuits.reserve(connection, deadline.left("asking " + relay + " for a place"));
  }

  /// Keeps this place from now on, refreshed in time, and advertises it.
  void keep(Reservation reservation, Multiaddr relay) {
    held.put(reservation.relay(), reservation);
    advertise();
    reservations.keep(reservation.relay(), List.of(relay.withoutPeer()));
  }

  private void advertise() {
    Set<Multiaddr> all = new LinkedHashSet<>();
    held.values().forEach(each -> all.addAll(each.circuitAddresses()));
    host.advertise(all);
  }

  /// An address with our own id behind it, as others would dial it.
  String dialable(Multiaddr address) {
    return address.withPeer(host.id()).toString();
  }

  @Override
  public void close() {
    reservations.close();
    circuits.close();
    host.close();
    identity.destroy();
  }
}
