package io.peerup.node.peers;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.nat.Observation;
import io.peerup.relay.circuit.Reservation;
import io.peerup.relay.circuit.Reservations;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The relays of this node: keeps a place at each, advertises the circuits that follow, and
/// collects what the relays see of us. Thread-safe.
public final class RelayLinks implements Relays, Reservations.Listener, HostListener {

  private static final Multiaddr CIRCUIT = Multiaddr.parse("/p2p-circuit");

  /// One relay as `status` shows it.
  ///
  /// @param address the address in use, or the first known one
  /// @param reserved whether we hold a place there now
  /// @param trouble why not, if that is known
  public record RelayView(
      PeerId peer, Multiaddr address, boolean reserved, Optional<String> trouble) {}

  private final Host host;
  private final Reservations reservations;
  private final KnownRelays relays;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /// @param relays where relays are remembered, shared with the gater
  public RelayLinks(Host host, Reservations reservations, KnownRelays relays) {
    this.host = host;
    this.reservations = reservations;
    this.relays = relays;
    reservations.addListener(this);
  }

  /// Calls `listener` whenever a place came or went; it must not block.
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /// Keeps a place at this relay from now on. @throws io.peerup.libp2p.LimitReached for too many
  /// relays
  public void keep(PeerId relay, Collection<Multiaddr> addresses) {
    reservations.keep(relay, relays.add(relay, addresses));
  }

  /// Whether one more relay could be kept, if this is not about a known one.
  ///
  /// @throws Failure `too-many-relays`
  public void checkRoom(Predicate<PeerId> wanted) {
    if (relays.ids().stream().noneMatch(wanted) && relays.ids().size() >= Limits.RELAYS_MAX) {
      throw new Failure(
          "too-many-relays",
          "this device already keeps places at " + Limits.RELAYS_MAX + " relays, the most it can",
          "remove relays that are no longer needed from relay.addresses in config.yaml");
    }
  }

  /// Asks a relay again now that refused us or was unreachable.
  public void retry(PeerId relay) {
    reservations.retry(relay);
  }

  /// Asks every relay again now.
  public void retryAll() {
    relays.ids().forEach(reservations::retry);
  }

  /// Every relay as it stands, in order of ids.
  public List<RelayView> views() {
    return reservations.states().stream()
        .map(state ->
            new RelayView(
                state.relay(),
                connection(state.relay())
                    .map(Connection::remoteAddress)
                    .orElseGet(() -> state.addresses().getFirst()),
                state.reservation().isPresent(),
                state.trouble()))
        .toList();
  }

  /// Addresses at which others reach us through our relays, each ending in our own `/p2p`.
  public List<Multiaddr> relayedAddresses() {
    return reservedRelays().stream()
        .flatMap(relay -> circuits(relay).stream())
        .map(circuit -> circuit.withPeer(host.id()))
        .toList();
  }

  /// What each connected relay sees of us; relays reached through other means are left out.
  public List<Observation> observations() {
    Map<PeerId, Observation> found = new LinkedHashMap<>();
    for (PeerId relay : relays.ids()) {
      connection(relay)
          .ifPresent(connection -> {
            Optional<InetSocketAddress> seen =
                host.info(relay)
                    .flatMap(PeerInfo::observedAddress)
                    .flatMap(Multiaddr::socketAddress);
            Optional<InetSocketAddress> local = connection.localAddress().socketAddress();
            Optional<InetSocketAddress> remote = connection.remoteAddress().socketAddress();
            if (seen.isPresent() && local.isPresent() && remote.isPresent()) {
              found.put(
                  relay,
                  new Observation(
                      relay.shortForm(), remote.get().getAddress(), local.get(), seen.get()));
            }
          });
    }
    return List.copyOf(found.values());
  }

  @Override
  public boolean isRelay(PeerId peer) {
    return relays.isRelay(peer);
  }

  @Override
  public List<Multiaddr> readyCircuits() {
    return relays.ids().stream()
        .filter(relay -> connection(relay).isPresent())
        .sorted()
        .flatMap(relay -> circuits(relay).stream().limit(1))
        .toList();
  }

  @Override
  public boolean onThisMachine() {
    return relays.ids().stream()
        .anyMatch(relay ->
            connection(relay).map(each -> each.remoteAddress().isLoopback()).orElse(false));
  }

  @Override
  public void reserved(Reservation reservation) {
    advertise();
    listeners.forEach(Runnable::run);
  }

  @Override
  public void lost(PeerId relay, String reason) {
    advertise();
    listeners.forEach(Runnable::run);
  }

  private void advertise() {
    host.advertise(
        reservedRelays().stream()
            .flatMap(relay -> circuits(relay).stream())
            .collect(Collectors.toCollection(ArrayList::new)));
  }

  private List<PeerId> reservedRelays() {
    return reservations.states().stream()
        .filter(state -> state.reservation().isPresent())
        .map(Reservations.RelayState::relay)
        .toList();
  }

  /// The address that we use ourselves comes first: it is the one that is known to work.
  private List<Multiaddr> circuits(PeerId relay) {
    List<Multiaddr> addresses = new ArrayList<>();
    connection(relay).map(Connection::remoteAddress).ifPresent(addresses::add);
    addresses.addAll(relays.addresses(relay));
    return addresses.stream()
        .distinct()
        .map(address -> address.withoutPeer().withPeer(relay).plus(CIRCUIT))
        .toList();
  }

  private Optional<Connection> connection(PeerId relay) {
    return host.connections(relay).stream()
        .filter(each -> each.isOpen() && each.relay().isEmpty())
        .findFirst();
  }
}
