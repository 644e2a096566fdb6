package io.peerup.libp2p.host;

import io.peerup.libp2p.AddressDialer;
import io.peerup.libp2p.Circuit;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Splice;
import io.peerup.libp2p.SpliceLimits;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.libp2p.identify.Identify;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSuite;
import io.peerup.libp2p.perf.Perf;
import io.peerup.libp2p.ping.Ping;
import io.peerup.libp2p.tls.TlsKeys;
import io.peerup.libp2p.transport.BlockingStream;
import io.peerup.libp2p.transport.BoringSslTls;
import io.peerup.libp2p.transport.BufferBudget;
import io.peerup.libp2p.transport.MuxedConnection;
import io.peerup.libp2p.transport.NoiseSecurity;
import io.peerup.libp2p.transport.QuicTransport;
import io.peerup.libp2p.transport.Security;
import io.peerup.libp2p.transport.StreamEcho;
import io.peerup.libp2p.transport.StreamSplice;
import io.peerup.libp2p.transport.TcpTransport;
import io.peerup.libp2p.transport.TlsSecurity;
import io.peerup.libp2p.transport.Upgrade;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [Host]: wires transport, admission, dialling, stream negotiation and the standing protocols.
/// Calls may come from any thread; [#admit], [#serve] and [#ended] come from event loops.
final class PeerHost implements Host {

  static final Logger LOG = LoggerFactory.getLogger(PeerHost.class);

  /// Identify pushes heard from one connection: ours come at most three a second and seldom more
  /// than a few in a row.
  private static final int PUSH_BURST = 10;

  private static final Duration PUSH_INTERVAL = Duration.ofSeconds(1);

  private final PeerId id;
  private final ConnectionGater gater;
  private final HostLimits limits;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final TcpTransport transport;
  private final QuicTransport quic;
  private final Upgrade.Config upgrades;
  private final Admission admission;
  private final BufferBudget budget;
  private final Connector connector;
  private final Listeners listeners;
  private final Connections connections = new Connections();
  private final MovedPeers moved = new MovedPeers(this);
  private final PeerBook book = new PeerBook();
  private final Dialing dialing;
  private final Events events;
  private final Ping ping;
  private final IdentifyService identify;
  private final StreamServer server;
  private final boolean identifies;
  private final AtomicLong ids = new AtomicLong();
  private volatile List<Multiaddr> advertised = List.of();
  private volatile boolean closed;

  /// Assembly, in order from the bottom up. Nothing is bound yet.
  PeerHost(HostParts parts) {
    this.id = PeerId.of(parts.identity().publicKey());
    this.gater = parts.gater();
    this.limits = parts.limits();
    this.clock = parts.clock();
    this.nanoTime = parts.nanoTime();
    this.transport = new TcpTransport(parts.loops());
    TlsKeys tls = TlsKeys.of(parts.identity(), parts.random(), parts.clock(), BoringSslTls::orJdk);
    this.quic =
        new QuicTransport(
            transport,
            QuicTransport.Settings.of(
                tls,
                parts.random(),
                parts.budget(),
                parts.security().equals(List.of(Upgrade.HYBRID_NOISE)),
                limits.inboundStreamsPerConnection(),
                limits.inboundUpgrade()));
    this.upgrades =
        new Upgrade.Config(
            parts.security().stream().map(id -> security(id, parts, tls)).toList(),
            parts.muxer(),
            parts.budget());
    this.admission = new Admission(limits);
    this.budget = parts.budget();
    this.connector =
        new Connector(this, transport, quic, upgrades, admission, limits, parts.nanoTime());
    this.listeners = new Listeners(transport, quic, connector);
    this.dialing =
        new Dialing(
            id,
            gater,
            limits,
            connections,
            book,
            connector::dial,
            new Names(new SystemNames(), nanoTime),
            nanoTime);
    this.events = new Events("host-events " + id.shortForm());
    this.ping = new Ping(parts.chance(), parts.nanoTime());
    this.identify = new IdentifyService(this, parts.identity(), parts.agentVersion(), clock);
    this.server = new StreamServer(gater, limits);
    this.identifies = parts.identify();
    server.add(Ping.PROTOCOL, stream -> ping.serve(stream, StreamEcho::start));
    server.add(Identify.PROTOCOL, identify::answer);
    server.add(Identify.PUSH, identify::hearPush);
    if (parts.perf()) {
      server.add(Perf.PROTOCOL, Perf.server());
    }
  }

  private static Security security(String id, HostParts parts, TlsKeys tls) {
    if (id.equals(Upgrade.HYBRID_NOISE)) {
      return noise(NoiseSuite.HYBRID, parts);
    }
    if (id.equals(Upgrade.NOISE)) {
      return noise(NoiseSuite.CLASSIC, parts);
    }
    if (id.equals(Upgrade.TLS)) {
      return new TlsSecurity(tls, parts.security());
    }
    throw new IllegalArgumentException("no such security protocol: " + id);
  }

  private static Security noise(NoiseSuite suite, HostParts parts) {
    return new NoiseSecurity(
        suite, parts.security(), NoiseKeys.of(parts.identity(), parts.random()), parts.random());
  }

  /// Binds the first listeners, or closes the host and throws [Refused].
  void start(List<Multiaddr> listen) {
    try {
      listeners.listenAll(listen);
    } catch (OverlayException e) {
      close();
      throw e;
    }
  }

  @Override
  public PeerId id() {
    return id;
  }

  ConnectionGater gater() {
    return gater;
  }

  /// Handshakes of inbound connections in progress now.
  int halfOpen() {
    return admission.halfOpen();
  }

  BufferBudget budget() {
    return budget;
  }

  PeerBook book() {
    return book;
  }

  Events events() {
    return events;
  }

  // -------------------------------------------------------------------------- addresses, protocols

  @Override
  public List<Multiaddr> listenAddresses() {
    return listeners.addresses();
  }

  @Override
  public List<Multiaddr> advertisedAddresses() {
    Set<Multiaddr> all = new LinkedHashSet<>(listenAddresses());
    all.addAll(advertised);
    return List.copyOf(all);
  }

  @Override
  public void advertise(Collection<Multiaddr> additional) {
    List<Multiaddr> next = additional.stream().map(this::withoutOurselves).distinct().toList();
    if (!next.equals(advertised)) {
      advertised = next;
      events.tell(HostListener::addressesChanged);
      identify.changed();
    }
  }

  private Multiaddr withoutOurselves(Multiaddr address) {
    return address.peer().filter(id::equals).isPresent() ? address.withoutPeer() : address;
  }

  @Override
  public Multiaddr listen(Multiaddr address) {
    checkOpen();
    Multiaddr bound = listeners.listen(address);
    events.tell(HostListener::addressesChanged);
    identify.changed();
    return bound;
  }

  @Override
  public void listen(List<Multiaddr> addresses) {
    checkOpen();
    listeners.listenAll(addresses);
    events.tell(HostListener::addressesChanged);
    identify.changed();
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    if (server.add(protocol, handler)) {
      identify.changed();
    }
  }

  @Override
  public void unhandle(String protocol) {
    if (server.remove(protocol)) {
      identify.changed();
    }
  }

  @Override
  public List<String> protocols() {
    return server.protocols();
  }

  // -------------------------------------------------------------------------------------- dialling

  @Override
  public Connection connect(PeerId peer, Collection<Multiaddr> addresses, Duration timeout) {
    checkOpen();
    return dialing.connect(peer, addresses, timeout);
  }

  @Override
  public Connection connect(Multiaddr address, PeerExpectation expectation, Duration timeout) {
    checkOpen();
    return dialing.connect(address, expectation, timeout);
  }

  /// What every dialled identity must pass before we reveal ours.
  PeerExpectation guarded(PeerExpectation expectation, HostConnection.Path path) {
    return new PeerExpectation() {
      @Override
      public boolean accepts(PeerId peer) {
        return !peer.equals(id)
            && expectation.accepts(peer)
            && gater.allowSecured(path.direction(), peer, path.remote());
      }

      @Override
      public boolean accepts(PeerId peer, String security) {
        if (!accepts(peer)) {
          return false;
        }
        gater.checkSecurity(peer, path.remote(), security);
        return true;
      }
    };
  }

  @Override
  public void networkChanged() {
    dialing.forgetFailures();
    connector.startAgain();
    events.tell(HostListener::addressesChanged);
    identify.changed();
  }

  @Override
  public void addDialer(AddressDialer other) {
    dialing.add(other);
  }

  // ----------------------------------------------------------------------------------- connections

  /// Makes an upgraded connection one of ours, or closes it and throws. On its loop.
  HostConnection admit(MuxedConnection muxed, HostConnection.Path path, Admission.Place place) {
    PeerId peer = muxed.secured().peer();
    if (path.direction() == Direction.INBOUND
        && (peer.equals(id) || !gater.allowSecured(Direction.INBOUND, peer, path.remote()))) {
      muxed.close(ErrorCodes.CONNECTION_GATED);
      throw new Refused("our own rules do not admit " + peer);
    }
    try {
      if (path.direction() == Direction.INBOUND) {
        gater.checkSecurity(peer, path.remote(), muxed.secured().security());
      }
    } catch (Refused e) {
      muxed.close(ErrorCodes.CONNECTION_GATED);
      throw e;
    }
    try {
      place.establish(peer);
    } catch (OverlayException e) {
      muxed.close(ErrorCodes.CONNECTION_RESOURCE_LIMIT);
      throw e;
    }
    HostConnection connection =
        new HostConnection(
            ids.incrementAndGet(),
            this,
            muxed,
            path,
            clock.instant(),
            place,
            new TokenBucket(PUSH_BURST, PUSH_INTERVAL, nanoTime));
    if (!connections.add(connection)) {
      muxed.close(ErrorCodes.CONNECTION_SHUTDOWN);
      throw new PeerUnreachable("this host is closed");
    }
    LOG.debug(
        "connected peer={} conn={} dir={} addr={}",
        peer,
        connection.id(),
        path.direction(),
        path.remote());
    events.tell(listener -> listener.connected(connection));
    muxed.start(connection);
    if (identifies) {
      identify.start(connection);
    }
    moved.connected(connection);
    return connection;
  }

  /// The peer is heard from another address on this connection. On its loop.
  void moved(HostConnection connection) {
    moved.heardElsewhere(connection);
  }

  /// A connection is over. On its loop.
  void ended(HostConnection connection, OverlayException cause) {
    if (connections.remove(connection)) {
      book.disconnected(connection.remotePeer());
    }
    String reason = String.valueOf(cause.getMessage());
    LOG.debug(
        "disconnected peer={} conn={} reason={}", connection.remotePeer(), connection.id(), reason);
    events.tell(listener -> listener.disconnected(connection, reason));
    events.then(connection.place()::release);
  }

  List<HostConnection> liveConnections() {
    return connections.all();
  }

  @Override
  public List<Connection> connections() {
    return List.copyOf(connections.all());
  }

  @Override
  public List<Connection> connections(PeerId peer) {
    return List.copyOf(connections.of(peer));
  }

  // --------------------------------------------------------------------------------------- streams

  @Override
  public Stream open(PeerId peer, List<String> protocols, Duration timeout) {
    long start = clock.millis();
    Connection connection = connect(peer, List.of(), timeout);
    Duration left = timeout.minusMillis(Math.max(0, clock.millis() - start));
    return connection.openStream(protocols, left.isNegative() ? Duration.ofMillis(1) : left);
  }

  /// The peer opened a stream. On the loop.
  void serve(HostConnection connection, BlockingStream stream) {
    server.serve(connection, stream);
  }

  // ------------------------------------------------------------------------------ identify and
  // ping

  @Override
  public Optional<PeerInfo> info(PeerId peer) {
    return book.info(peer);
  }

  @Override
  public PeerInfo identify(Connection connection, Duration timeout) {
    return identify.ask(own(connection), timeout);
  }

  @Override
  public Duration ping(Connection connection, Duration timeout) {
    Stream stream = connection.openStream(List.of(Ping.PROTOCOL), timeout);
    stream.deadline(timeout);
    return Dialogue.on(stream, () -> ping.once(stream));
  }

  private static HostConnection own(Connection connection) {
    if (connection instanceof HostConnection own) {
      return own;
    }
    throw new IllegalArgumentException("not a connection of this host: " + connection);
  }

  // -------------------------------------------------------------------------------------- circuits

  @Override
  public Connection upgrade(
      Stream carrier,
      Direction direction,
      Circuit circuit,
      PeerExpectation expectation,
      Duration timeout) {
    checkOpen();
    return connector.upgrade(carrier, direction, circuit, expectation, timeout);
  }

  @Override
  public Splice splice(Stream one, Stream other, SpliceLimits bounds, Splice.Done done) {
    return StreamSplice.start(one, other, bounds, done);
  }

  // ------------------------------------------------------------------------------------- lifecycle

  @Override
  public void addListener(HostListener listener) {
    events.add(listener);
  }

  boolean isClosed() {
    return closed;
  }

  private void checkOpen() {
    if (closed) {
      throw new PeerUnreachable("this host is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    listeners.close();
    connections.close().forEach(connection -> connection.close(ErrorCodes.CONNECTION_SHUTDOWN));
    quic.close();
    transport.close();
    upgrades.security().forEach(Security::destroy);
    events.close();
  }
}
