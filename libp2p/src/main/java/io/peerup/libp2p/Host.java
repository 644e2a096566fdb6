package io.peerup.libp2p;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// One libp2p node: an identity, listeners, connections, protocol handlers. Thread-safe; calls that
/// take a timeout block and belong on virtual threads. Made by `io.peerup.libp2p.host.HostBuilder`.
public interface Host extends AutoCloseable {

  /// Our own id.
  PeerId id();

  /// Addresses that listeners are bound to, wildcard addresses resolved to interface addresses,
  /// without `/p2p`.
  List<Multiaddr> listenAddresses();

  /// What identify tells others: listen addresses and those given to [#advertise].
  List<Multiaddr> advertisedAddresses();

  /// Replaces the addresses that are advertised besides the listening ones (circuits, observed). A
  /// change is pushed to connected peers.
  void advertise(Collection<Multiaddr> additional);

  /// Binds one more listener; port 0 picks a free one. Returns the bound address. Throws [Refused]
  /// if the address is in use or not ours, naming it.
  Multiaddr listen(Multiaddr address);

  /// Binds all of these. As long as something listens, IPv6 addresses on a machine without IPv6 and
  /// QUIC on one without its native library are left out, which the log says once. Throws [Refused]
  /// for anything else, as [#listen(Multiaddr)]; what was bound by then stays so.
  void listen(List<Multiaddr> addresses);

  /// Serves a protocol id from now on. A change is pushed to connected peers.
  void handle(String protocol, StreamHandler handler);

  /// Stops serving it. Streams in progress go on.
  void unhandle(String protocol);

  /// Protocol ids served now.
  List<String> protocols();

  /// Returns a live connection to the peer, dialling the addresses (and those known from before) if
  /// there is none. Best address first, others staggered; the first that completes wins.
  Connection connect(PeerId peer, Collection<Multiaddr> addresses, Duration timeout);

  /// Dials exactly this address, whoever answers, as long as `expectation` accepts the proven
  /// identity.
  Connection connect(Multiaddr address, PeerExpectation expectation, Duration timeout);

  /// Opens a stream on the best connection to the peer (direct before relayed), dialling known
  /// addresses if there is none.
  Stream open(PeerId peer, List<String> protocols, Duration timeout);

  /// Live connections.
  List<Connection> connections();

  /// Live connections to one peer, direct ones first.
  List<Connection> connections(PeerId peer);

  /// What the peer last told about itself while connected, or empty. Once it is gone its protocols
  /// and most of its addresses are left out.
  Optional<PeerInfo> info(PeerId peer);

  /// Asks the peer at the other end of this connection about itself now.
  PeerInfo identify(Connection connection, Duration timeout);

  /// One ping on this connection. Returns the round trip.
  Duration ping(Connection connection, Duration timeout);

  /// Adds a way to dial addresses that plain transports cannot (circuits).
  void addDialer(AddressDialer dialer);

  /// The machine is in another network: forgets what failed when dialling, which says nothing any
  /// more, starts dials again that are under way, and tells peers where we listen now.
  void networkChanged();

  /// Runs the security handshake and muxer over a stream of another connection and admits the
  /// result as a connection of this host: how a circuit becomes a connection. Bytes already
  /// buffered in the stream belong to the handshake. The stream must not be used afterwards. Blocks
  /// for at most `timeout`.
  Connection upgrade(
      Stream carrier,
      Direction direction,
      Circuit circuit,
      PeerExpectation expectation,
      Duration timeout);

  /// Connects two streams (usually of two connections) byte for byte on the event loops, with
  /// back-pressure and half-close, until both directions ended, either side reset, or a limit is
  /// hit. Neither stream may be used afterwards. Returns at once; `done` is told the outcome on an
  /// event loop.
  Splice splice(Stream one, Stream other, SpliceLimits limits, Splice.Done done);

  /// Adds a listener; it hears of events from now on.
  void addListener(HostListener listener);

  /// Closes every connection and listener. Idempotent; blocks for at most a few seconds.
  @Override
  void close();
}
