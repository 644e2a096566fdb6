package io.peerup.libp2p.host;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PeerRecord;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.identify.Identify;
import io.peerup.libp2p.identify.IdentifyMessage;
import io.peerup.libp2p.identify.Limits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps both ends informed: asks every new connection who it is, answers the same question, pushes
/// our changes, hears theirs. Dialogues on virtual threads; thread-safe.
final class IdentifyService {

  private static final Logger LOG = LoggerFactory.getLogger(IdentifyService.class);

  /// Changes often come in groups (several handlers, several addresses): told together.
  private static final Duration PUSH_DELAY = Duration.ofMillis(300);

  /// Addresses put into our own record: 64 of usual length (up to 60 bytes with a relay and its id)
  /// stay within every envelope limit.
  static final int RECORD_ADDRESSES_MAX = 64;

  /// Pushes in progress at a time, as in go-libp2p.
  private static final int PUSHES_MAX = 32;

  private final PeerHost host;
  private final PrivateKey identity;
  private final String agentVersion;
  private final InstantSource clock;
  private final Executor virtual =
      task -> {
        var _ = Thread.ofVirtual().name("identify").start(task);
      };
  private final Semaphore pushes = new Semaphore(PUSHES_MAX);
  private final AtomicBoolean pushWaits = new AtomicBoolean();
  private volatile @Nullable PeerInfo lastSaid;
  private List<Multiaddr> sealedAddresses = List.of();
  private byte[] sealed = {};
  private long sequence;

  IdentifyService(PeerHost host, PrivateKey identity, String agentVersion, InstantSource clock) {
    this.host = host;
    this.identity = identity;
    this.agentVersion = agentVersion;
    this.clock = clock;
  }

  /// Asks a new connection. Does not block.
  void start(HostConnection connection) {
    virtual.execute(() -> {
      try {
        var _ = ask(connection, Limits.TIMEOUT);
      } catch (OverlayException e) {
        LOG.debug(
            "identify failed peer={} conn={} reason={}",
            connection.remotePeer(),
            connection.id(),
            e.getMessage());
      }
    });
  }

  /// Asks now. Blocks.
  PeerInfo ask(HostConnection connection, Duration timeout) {
    Stream stream = connection.openStream(List.of(Identify.PROTOCOL), timeout);
    IdentifyMessage message = Dialogue.on(stream, () -> Identify.receive(stream, timeout));
    return learn(connection, message);
  }

  /// Serves identify.
  void answer(Stream stream) {
    send(stream);
  }

  private void send(Stream stream) {
    HostConnection connection = (HostConnection) stream.connection();
    List<Multiaddr> addresses = host.advertisedAddresses();
    Optional<Multiaddr> observed =
        connection.relay().isPresent() ? Optional.empty() : Optional.of(connection.remoteAddress());
    Identify.send(
        stream,
        new IdentifyMessage(
            Optional.of(identity.publicKey()),
            addresses,
            host.protocols(),
            observed,
            Optional.of(Identify.PROTOCOL_VERSION),
            Optional.of(agentVersion),
            Optional.empty()),
        sealed(addresses));
  }

  /// Serves push: takes what changed.
  void hearPush(Stream stream) {
    HostConnection connection = (HostConnection) stream.connection();
    if (!connection.pushes().take()) {
      throw new LimitReached(
          "too many identify pushes from " + connection.remotePeer().shortForm());
    }
    var _ = learn(connection, Identify.receive(stream, Limits.TIMEOUT));
  }

  /// Something that identify tells has changed. Does not block.
  void changed() {
    if (pushWaits.compareAndSet(false, true)) {
      CompletableFuture.delayedExecutor(PUSH_DELAY.toMillis(), TimeUnit.MILLISECONDS, virtual)
          .execute(this::pushAll);
    }
  }

  private void pushAll() {
    pushWaits.set(false);
    for (HostConnection connection : host.liveConnections()) {
      boolean understands =
          connection.info().filter(info -> info.protocols().contains(Identify.PUSH)).isPresent();
      if (understands) {
        pushes.acquireUninterruptibly();
        virtual.execute(() -> push(connection));
      }
    }
  }

  private void push(HostConnection connection) {
    try {
      Stream stream = connection.openStream(List.of(Identify.PUSH), Limits.TIMEOUT);
      var _ =
          Dialogue.on(
              stream,
              () -> {
                send(stream);
                return stream;
              });
    } catch (OverlayException e) {
      LOG.debug("push failed peer={} reason={}", connection.remotePeer(), e.getMessage());
    } finally {
      pushes.release();
    }
  }

  /// The signed record of these addresses, made anew only when they changed.
  private synchronized byte[] sealed(List<Multiaddr> addresses) {
    if (sealed.length == 0 || !addresses.equals(sealedAddresses)) {
      sequence = Math.max(sequence + 1, clock.millis());
      sealedAddresses = addresses;
      sealed = seal(addresses);
    }
    return sealed;
  }

  private byte[] seal(List<Multiaddr> addresses) {
    List<Multiaddr> first = addresses.subList(0, Math.min(RECORD_ADDRESSES_MAX, addresses.size()));
    return new PeerRecord(host.id(), sequence, first).toEnvelope(identity).encoded();
  }

  private PeerInfo learn(HostConnection connection, IdentifyMessage message) {
    PeerId peer = connection.remotePeer();
    Optional<PeerInfo> before = connection.info();
    Optional<PeerRecord> record =
        message.signedRecord().filter(signed -> signed.peer().equals(peer));
    List<Multiaddr> told = record.map(PeerRecord::addresses).orElse(message.listenAddresses());
    PeerInfo said =
        new PeerInfo(
            peer,
            message.agentVersion().or(() -> before.map(PeerInfo::agentVersion)).orElse(""),
            message.protocolVersion().or(() -> before.map(PeerInfo::protocolVersion)).orElse(""),
            message.protocols().isEmpty()
                ? before.map(PeerInfo::protocols).orElse(List.of())
                : message.protocols(),
            told.isEmpty() && record.isEmpty()
                ? before.map(PeerInfo::listenAddresses).orElse(List.of())
                : useful(told, connection),
            message.observedAddress().or(() -> before.flatMap(PeerInfo::observedAddress)),
            record.isPresent() || before.map(PeerInfo::signedRecord).orElse(false));
    OptionalLong sequence =
        record.map(signed -> OptionalLong.of(signed.seq())).orElse(OptionalLong.empty());
    PeerInfo info = host.book().told(shared(said), sequence);
    if (host.connections(peer).isEmpty()) {
      host.book().disconnected(peer); // it has gone meanwhile
    }
    connection.info(info);
    host.events().tell(listener -> listener.identified(connection, info));
    return info;
  }

  /// With what the peer before it said in place of what is equal: most peers run the same program
  /// and meet us at the same address, and a relay has thousands.
  private PeerInfo shared(PeerInfo said) {
    PeerInfo other = lastSaid;
    PeerInfo info =
        other == null
            ? said
            : new PeerInfo(
                said.peer(),
                either(other.agentVersion(), said.agentVersion()),
                either(other.protocolVersion(), said.protocolVersion()),
                either(other.protocols(), said.protocols()),
                said.listenAddresses(),
                either(other.observedAddress(), said.observedAddress()),
                said.signedRecord());
    lastSaid = info;
    return info;
  }

  private static <T> T either(T known, T equal) {
    return known.equals(equal) ? known : equal;
  }

  /// Without `/p2p/<peer>`, and without what can only mean another machine or network: loopback
  /// addresses of a peer that we meet across the network, another peer's addresses.
  private static List<Multiaddr> useful(List<Multiaddr> told, HostConnection connection) {
    PeerId peer = connection.remotePeer();
    boolean far = connection.remoteAddress().isPublic();
    return told.stream()
        .filter(address -> address.peer().isEmpty() || address.peer().get().equals(peer))
        .map(Multiaddr::withoutPeer)
        .filter(address -> !(far && address.isLoopback()))
        .distinct()
        .limit(Limits.ADDRESSES_MAX)
        .toList();
  }
}
