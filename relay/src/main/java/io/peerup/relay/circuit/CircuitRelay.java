package io.peerup.relay.circuit;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Splice;
import io.peerup.libp2p.SpliceLimits;
import io.peerup.libp2p.Stream;
import io.peerup.relay.circuit.ReservationTable.ConnectAnswer;
import io.peerup.relay.circuit.ReservationTable.ReserveAnswer;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lends a host to others as a relay (circuit-v2.md): grants reservations, and connects peers byte
/// for byte. Serves the hop protocol from construction until [#close()].
///
/// Each dialogue runs on the virtual thread of its stream; a circuit's bytes run on the host's
/// event loops ([Host#splice]), with their back-pressure and half-close.
public final class CircuitRelay implements AutoCloseable {

  /// What clients speak to a relay.
  public static final String HOP = "/libp2p/circuit/relay/0.2.0/hop";

  /// What a relay speaks to the target of a circuit.
  public static final String STOP = "/libp2p/circuit/relay/0.2.0/stop";

  /// A reservation at this relay.
  public record ReservationView(PeerId peer, Instant expires) {}

  /// A running circuit and the bytes that passed so far.
  public record CircuitView(
      PeerId source, PeerId target, Instant since, long bytesForward, long bytesBackward) {}

  private static final Logger log = LoggerFactory.getLogger(CircuitRelay.class);

  private final Host host;
  private final CircuitAccess access;
  private final InstantSource clock;
  private final GrantWriter grants;
  private final ReservationTable table;
  private final Map<Long, Running> running = new ConcurrentHashMap<>();
  private final Map<Long, CircuitPass> passes = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private static final class Running {
    final PeerId source;
    final PeerId target;
    final Instant since;
    volatile @Nullable Splice splice;

    Running(PeerId source, PeerId target, Instant since) {
      this.source = source;
      this.target = target;
      this.since = since;
    }
  }

  /// Starts serving everybody who may connect. `identity` must be the host's key: it signs the
  /// vouchers.
  public CircuitRelay(Host host, PrivateKey identity, RelayPolicy policy, InstantSource clock) {
    this(host, identity, policy, CircuitAccess.everybody(policy.circuit()), clock);
  }

  /// As the other constructor, serving whom `access` says.
  public CircuitRelay(
      Host host,
      PrivateKey identity,
      RelayPolicy policy,
      CircuitAccess access,
      InstantSource clock) {
    this.host = host;
    this.grants = new GrantWriter(host, identity, policy);
    this.access = access;
    this.clock = clock;
    this.table = new ReservationTable(policy);
    host.addListener(
        new HostListener() {
          @Override
          public void disconnected(Connection connection, String reason) {
            forgetIfGone(connection.remotePeer());
          }
        });
    host.handle(HOP, this::serve);
    Thread.ofVirtual().name("relay-expiry").start(this::expireReservations);
  }

  /// Reservations given now.
  public List<ReservationView> reservations() {
    synchronized (table) {
      table.expire(clock.instant());
      return table.reservations().stream()
          .map(p -> new ReservationView(p.peer(), p.expires()))
          .toList();
    }
  }

  /// Circuits running now.
  public List<CircuitView> circuits() {
    List<CircuitView> views = new ArrayList<>();
    for (Running circuit : running.values()) {
      Splice splice = circuit.splice;
      if (splice != null) {
        views.add(
            new CircuitView(
                circuit.source,
                circuit.target,
                circuit.since,
                splice.bytesForward(),
                splice.bytesBackward()));
      }
    }
    return views;
  }

  /// Takes a peer's reservation away and cuts its circuits, e.g. because it is no longer
  /// authorised.
  public void expel(PeerId peer) {
    synchronized (table) {
      table.drop(peer);
    }
    for (Running circuit : running.values()) {
      Splice splice = circuit.splice;
      if (splice != null && (circuit.source.equals(peer) || circuit.target.equals(peer))) {
        splice.cut();
      }
    }
  }

  /// Stops serving. Running circuits go on until their connections end.
  @Override
  public void close() {
    closed.countDown();
    host.unhandle(HOP);
  }

  private void serve(Stream stream) {
    stream.deadline(Limits.HOP_REQUEST_MAX);
    HopMessage message;
    try {
      message = HopCodec.decode(stream.readFrame(Limits.MESSAGE_BYTES_MAX));
    } catch (MalformedInput e) {
      refuse(stream, RelayStatus.MALFORMED_MESSAGE, e.getMessage());
      return;
    }
    stream.deadline(Limits.HOP_DIALOGUE_MAX);
    switch (message) {
      case HopMessage.Reserve() -> reserve(stream);
      case HopMessage.Connect(PeerId target) -> connect(stream, target);
      case HopMessage.Status _ ->
          refuse(stream, RelayStatus.UNEXPECTED_MESSAGE, "a STATUS where a request belongs");
    }
  }

  private void refuse(Stream stream, RelayStatus status, @Nullable String reason) {
    log.atDebug()
        .addKeyValue("peer", stream.connection().remotePeer())
        .addKeyValue("status", status)
        .addKeyValue("reason", reason)
        .log("relay request refused");
    stream.writeFrame(HopCodec.encode(HopMessage.Status.of(status)));
    stream.close();
  }

  private void reserve(Stream stream) {
    Connection connection = stream.connection();
    PeerId peer = connection.remotePeer();
    if (!access.mayReserve(peer)) {
      refuse(stream, RelayStatus.PERMISSION_DENIED, "not a member");
      return;
    }
    ReserveAnswer answer;
    synchronized (table) {
      answer =
          table.reserve(
              peer,
              SourcePrefix.of(connection.remoteAddress()),
              isRelayed(connection),
              clock.instant());
    }
    switch (answer) {
      case ReserveAnswer.Denied(RelayStatus status, String reason) ->
          refuse(stream, status, reason);
      case ReserveAnswer.Granted(Instant expires, boolean refreshed) -> {
        if (!connection.isOpen()) {
          // The event that it closed may have come before the reservation existed.
          forgetIfGone(peer);
        }
        log.atDebug()
            .addKeyValue("peer", peer)
            .addKeyValue("expires", expires)
            .addKeyValue("refreshed", refreshed)
            .log("relay reservation granted");
        stream.writeFrame(grants.write(peer, expires));
        stream.close();
      }
    }
  }

  private void connect(Stream hop, PeerId target) {
    PeerId source = hop.connection().remotePeer();
    Optional<CircuitPass> pass = access.mayConnect(hop.connection(), target);
    if (pass.isEmpty()) {
      refuse(hop, RelayStatus.PERMISSION_DENIED, "no right to reach the target");
      return;
    }
    ConnectAnswer answer;
    synchronized (table) {
      answer = table.connect(source, target, isRelayed(hop.connection()), clock.instant());
    }
    switch (answer) {
      case ConnectAnswer.Denied(RelayStatus status, String reason) -> {
        pass.get().ended().run();
        refuse(hop, status, reason);
      }
      case ConnectAnswer.Admitted(long circuit) -> {
        passes.put(circuit, pass.get());
        bridge(hop, target, circuit, pass.get().limit());
      }
    }
  }

  private void bridge(Stream hop, PeerId target, long circuit, CircuitLimit limit) {
    PeerId source = hop.connection().remotePeer();
    Optional<CircuitLimit> announced = RelayPolicy.announced(limit);
    @Nullable Stream stop = null;
    boolean handedOver = false;
    try {
      try {
        stop = offer(source, target, announced);
      } catch (OverlayException e) {
        // Its place is free before the answer leaves: who reads it may ask again at once.
        ended(circuit, "not established");
        refuse(hop, RelayStatus.CONNECTION_FAILED, e.getMessage());
        return;
      }
      hop.writeFrame(
          HopCodec.encode(
              new HopMessage.Status(RelayStatus.OK.code(), Optional.empty(), announced)));
      hop.clearDeadline();
      stop.clearDeadline();
      Running entry = new Running(source, target, clock.instant());
      running.put(circuit, entry);
      SpliceLimits limits = new SpliceLimits(limit.bytesEachWay(), limit.duration());
      entry.splice = host.splice(hop, stop, limits, (_, reason) -> ended(circuit, reason));
      handedOver = true;
    } finally {
      if (!handedOver) {
        ended(circuit, "not established");
        if (stop != null) {
          stop.reset();
        }
      }
    }
  }

  /// Asks the target to take the circuit. Returns the stream whose next byte is the circuit's.
  private Stream offer(PeerId source, PeerId target, Optional<CircuitLimit> announced) {
    Connection connection =
        host.connections(target).stream()
            .filter(c -> !isRelayed(c) && c.isOpen())
            // Of a target that changed networks and came back, older ones may be dead.
            .max(Comparator.comparing(Connection::openedAt))
            .orElseThrow(() -> new PeerUnreachable("the target " + target + " has gone"));
    Stream stop = connection.openStream(List.of(STOP), Limits.STOP_DIALOGUE_MAX);
    boolean accepted = false;
    try {
      stop.deadline(Limits.STOP_DIALOGUE_MAX);
      stop.writeFrame(StopCodec.encode(new StopMessage.Connect(source, announced)));
      StopMessage answer = StopCodec.decode(stop.readFrame(Limits.MESSAGE_BYTES_MAX));
      if (!(answer instanceof StopMessage.Status status)) {
        throw new ProtocolViolation(target + " answered a circuit's CONNECT with CONNECT");
      }
      if (!status.isOk()) {
        throw new Refused(
            target + " declined the circuit: " + RelayStatus.describe(status.code()),
            "",
            status.code());
      }
      accepted = true;
      return stop;
    } finally {
      if (!accepted) {
        stop.reset();
      }
    }
  }

  private void ended(long circuit, String reason) {
    running.remove(circuit);
    synchronized (table) {
      table.circuitEnded(circuit);
    }
    CircuitPass pass = passes.remove(circuit);
    if (pass != null) {
      pass.ended().run();
    }
    log.atDebug()
        .addKeyValue("circuit", circuit)
        .addKeyValue("reason", reason)
        .log("circuit ended");
  }

  private void forgetIfGone(PeerId peer) {
    boolean stillHere = host.connections(peer).stream().anyMatch(c -> !isRelayed(c) && c.isOpen());
    if (!stillHere) {
      synchronized (table) {
        table.drop(peer);
      }
    }
  }

  private static boolean isRelayed(Connection connection) {
    return connection.relay().isPresent() || connection.remoteAddress().isCircuit();
  }

  /// Runs on its own virtual thread until closed. A reservation that nobody asks about must end
  /// too, or the table would show and count peers that are long gone.
  private void expireReservations() {
    try {
      while (!closed.await(Limits.EXPIRY_CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        synchronized (table) {
          table.expire(clock.instant());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
