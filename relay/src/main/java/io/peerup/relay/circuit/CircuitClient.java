package io.peerup.relay.circuit;

import io.peerup.libp2p.AddressDialer;
import io.peerup.libp2p.Circuit;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The client side of circuit-v2.md on one host: dials `/…/p2p/<relay>/p2p-circuit/p2p/<target>`,
/// asks relays for reservations, and takes circuits that relays offer.
///
/// Thread-safe. Calls block and belong on virtual threads. Every circuit runs the full security
/// handshake inside: the relay sees ciphertext, and the peer at the far end is proven, not claimed.
public final class CircuitClient implements AddressDialer, AutoCloseable {

  /// Whose offers of circuits are taken.
  public enum Offers {
    /// Only of relays at which we hold (or are just asking for) a reservation: what members of an
    /// own relay want.
    FROM_OUR_RELAYS,
    /// Of any connected peer, as go-libp2p does: for the toolbox.
    FROM_ANYBODY
  }

  private record Held(Reservation reservation, Connection connection) {}

  private static final Multiaddr CIRCUIT = Multiaddr.parse("/p2p-circuit");

  private final Host host;
  private final Offers offers;
  private final InstantSource clock;
  private final Map<PeerId, Held> held = new ConcurrentHashMap<>();
  private final Set<PeerId> asking = ConcurrentHashMap.newKeySet();

  private CircuitClient(Host host, Offers offers, InstantSource clock) {
    this.host = host;
    this.offers = offers;
    this.clock = clock;
  }

  /// Adds circuits to a host: as a way to dial, and as a way to be reached.
  public static CircuitClient install(Host host, Offers offers, InstantSource clock) {
    CircuitClient client = new CircuitClient(host, offers, clock);
    host.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection connection, String reason) {
            client.held.computeIfPresent(
                connection.remotePeer(),
                (_, one) -> one.connection().id() == connection.id() ? null : one);
          }
        });
    host.addDialer(client);
    host.handle(CircuitRelay.STOP, new OfferTaker(host, client::mayOffer)::take);
    return client;
  }

  /// Stops taking circuits. Reservations end when their connections do.
  @Override
  public void close() {
    host.unhandle(CircuitRelay.STOP);
    held.clear();
  }

  /// Reservations that we hold now.
  public List<Reservation> reservations() {
    Instant now = clock.instant();
    return held.values().stream().filter(one -> isGood(one, now)).map(Held::reservation).toList();
  }

  /// Our reservation at this relay, if we hold one now.
  public Optional<Reservation> reservation(PeerId relay) {
    return Optional.ofNullable(held.get(relay))
        .filter(one -> isGood(one, clock.instant()))
        .map(Held::reservation);
  }

  private static boolean isGood(Held one, Instant now) {
    return one.connection().isOpen() && now.isBefore(one.reservation().expires());
  }

  /// Asks the peer at the other end for a reservation, or to prolong the one we have. Throws
  /// [Refused] with the relay's status, [ProtocolViolation] for an answer that breaks the rules.
  public Reservation reserve(Connection relay, Duration timeout) {
    PeerId id = relay.remotePeer();
    Instant start = clock.instant();
    asking.add(id);
    try (Stream stream = relay.openStream(List.of(CircuitRelay.HOP), timeout)) {
      stream.deadline(remaining(start, timeout, "asking relay " + id + " for a reservation"));
      stream.writeFrame(HopCodec.encode(new HopMessage.Reserve()));
      HopMessage.Status answer = readStatus(stream, id);
      if (!answer.isOk()) {
        throw new Refused(
            "relay " + id + " gave no reservation: " + RelayStatus.describe(answer.code()),
            hintFor(answer.code()),
            answer.code());
      }
      Reservation reservation =
          ReservationCheck.accept(answer, id, reachedAt(relay), host.id(), clock.instant());
      held.put(id, new Held(reservation, relay));
      if (!relay.isOpen()) {
        held.remove(id);
        throw new PeerUnreachable("the connection to relay " + id + " ended while asking");
      }
      return reservation;
    } finally {
      asking.remove(id);
    }
  }

  /// Where others may reach this relay too: only if we dialled it, because the address of an
  /// inbound connection has a port that nobody listens on.
  private static Optional<Multiaddr> reachedAt(Connection relay) {
    boolean dialled = relay.direction() == Direction.OUTBOUND && relay.relay().isEmpty();
    return dialled ? Optional.of(relay.remoteAddress()) : Optional.empty();
  }

  private static HopMessage.Status readStatus(Stream stream, PeerId relay) {
    HopMessage answer;
    try {
      answer = HopCodec.decode(stream.readFrame(Limits.MESSAGE_BYTES_MAX));
    } catch (MalformedInput e) {
      stream.reset();
      throw new ProtocolViolation("relay " + relay + " answered with " + e.getMessage(), e);
    }
    if (answer instanceof HopMessage.Status status) {
      return status;
    }
    stream.reset();
    throw new ProtocolViolation("relay " + relay + " answered a request with a request");
  }

  private static String hintFor(int code) {
    return switch (RelayStatus.of(code).orElse(RelayStatus.OK)) {
      case RESERVATION_REFUSED, RESOURCE_LIMIT_EXCEEDED ->
          "wait, or raise the limits under relay-server.limits on the relay";
      case PERMISSION_DENIED -> "ask the relay's admin: `peerup relay authorize <your peer id>`";
      case NO_RESERVATION -> "is the other device's daemon running and connected to this relay?";
      case CONNECTION_FAILED -> "the other device may have just gone offline; try again";
      default -> "";
    };
  }

  @Override
  public boolean handles(Multiaddr address) {
    return address.isCircuit();
  }

  @Override
  public Connection dial(Multiaddr address, PeerExpectation expectation, Duration timeout) {
    Instant start = clock.instant();
    Multiaddr relayAddress =
        address
            .relayPart()
            .orElseThrow(() -> new MalformedInput(address + " names no relay to go through"));
    PeerId relay =
        relayAddress
            .peer()
            .orElseThrow(() -> new MalformedInput(address + " does not say which relay it is"));
    PeerId target =
        address
            .circuitTarget()
            .flatMap(Multiaddr::peer)
            .orElseThrow(() -> new MalformedInput(address + " does not say whom to reach"));
    if (relayAddress.isCircuit()
        || !address.circuitTarget().get().withoutPeer().components().isEmpty()) {
      throw new MalformedInput(address + ": circuits do not nest");
    }
    Connection carrier = connectRelay(relay, relayAddress, timeout);
    String doing = "dialling " + target + " through relay " + relay;
    Stream hop = carrier.openStream(List.of(CircuitRelay.HOP), remaining(start, timeout, doing));
    boolean done = false;
    try {
      hop.deadline(remaining(start, timeout, doing));
      hop.writeFrame(HopCodec.encode(new HopMessage.Connect(target)));
      HopMessage.Status answer = readStatus(hop, relay);
      if (!answer.isOk()) {
        throw new Refused(
            doing + ": " + RelayStatus.describe(answer.code()),
            hintFor(answer.code()),
            answer.code());
      }
      hop.clearDeadline();
      Connection connection =
          host.upgrade(
              hop,
              Direction.OUTBOUND,
              circuit(carrier, answer.limit()),
              peer -> peer.equals(target) && expectation.accepts(peer),
              remaining(start, timeout, doing));
      done = true;
      return connection;
    } finally {
      if (!done) {
        hop.reset();
      }
    }
  }

  /// A direct connection to the relay: circuits do not run over circuits.
  private Connection connectRelay(PeerId relay, Multiaddr relayAddress, Duration timeout) {
    Optional<Connection> live = directConnection(relay);
    if (live.isPresent()) {
      return live.get();
    }
    boolean addressed = !relayAddress.withoutPeer().components().isEmpty();
    Connection connection =
        host.connect(relay, addressed ? List.of(relayAddress.withoutPeer()) : List.of(), timeout);
    if (connection.relay().isPresent()) {
      return directConnection(relay)
          .orElseThrow(
              () -> new PeerUnreachable("relay " + relay + " is reached only through a relay"));
    }
    return connection;
  }

  private Optional<Connection> directConnection(PeerId peer) {
    return host.connections(peer).stream()
        .filter(c -> c.relay().isEmpty() && c.isOpen())
        .findFirst();
  }

  /// What a connection through this carrier looks like from outside.
  static Circuit circuit(Connection carrier, Optional<CircuitLimit> limit) {
    Multiaddr suffix = CIRCUIT;
    return new Circuit(
        carrier.remotePeer(),
        carrier.localAddress().plus(suffix),
        carrier.remoteAddress().withoutPeer().withPeer(carrier.remotePeer()).plus(suffix),
        limit.map(CircuitLimit::limited).orElse(false));
  }

  private Duration remaining(Instant start, Duration timeout, String doing) {
    Duration left = timeout.minus(Duration.between(start, clock.instant()));
    if (left.isNegative() || left.isZero()) {
      throw new DeadlineExceeded(doing + " took longer than " + timeout.toSeconds() + " s");
    }
    return left;
  }

  /// True if this connection's peer may offer us circuits.
  private boolean mayOffer(Connection carrier) {
    if (carrier.relay().isPresent()) {
      return false;
    }
    PeerId relay = carrier.remotePeer();
    // A relay may offer a circuit between giving the reservation and our reading of its answer.
    return offers == Offers.FROM_ANYBODY
        || asking.contains(relay)
        || reservation(relay).isPresent();
  }
}
