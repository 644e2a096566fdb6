package io.peerup.node.services;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.ServiceRequest;
import io.peerup.node.services.ServiceMessages.Status;
import io.peerup.trust.Scope;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves `/peerup/service/1` and `/2`: connects an authorised peer's stream to the target of a
/// service, by TCP or UDP as the service is. The gater has checked that the peer is authorised;
/// that it may use services, and the service's own allow-list, are checked here.
public final class ServiceServer implements StreamHandler {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceServer.class);

  /// What a peer must be trusted with to use services.
  public static final Scope SCOPE = Scope.DIRECT;

  private final ServiceStore services;
  private final Predicate<PeerId> mayUse;
  private final Map<PeerId, Integer> perPeer = new ConcurrentHashMap<>();
  private final Semaphore places = new Semaphore(Limits.SERVED_CONNECTIONS_MAX);
  private final Map<Bridge, String> running = new ConcurrentHashMap<>();

  /// @param mayUse whether a peer has [#SCOPE] now; who has not learns as little as a stranger
  public ServiceServer(ServiceStore services, Predicate<PeerId> mayUse) {
    this.services = services;
    this.mayUse = mayUse;
  }

  /// Blocks until the connection that the stream carries has ended.
  @Override
  public void handle(Stream stream) {
    stream.deadline(Limits.REQUEST);
    PeerId peer = stream.connection().remotePeer();
    ServiceRequest request = readRequest(stream);
    Service service =
        services.find(request.service()).filter(each -> isOffered(each, peer)).orElse(null);
    if (service == null) {
      LOG.atInfo()
          .addKeyValue("peer", peer)
          .addKeyValue("service", request.service())
          .log("service request refused: not offered to this peer");
      reply(stream, Status.NOT_OFFERED, "");
      return;
    }
    boolean udp = service.protocol() == Protocol.UDP;
    if (request.kind() == Kind.CHECK || udp != (request.kind() == Kind.DATAGRAMS)) {
      reply(
          stream,
          udp ? Status.SPEAKS_UDP : request.kind() == Kind.CHECK ? Status.OK : Status.NOT_OFFERED,
          "");
      return;
    }
    if (!take(peer)) {
      reply(stream, Status.BUSY, "too many connections");
      return;
    }
    try {
      if (udp) {
        serveUdp(stream, service);
      } else {
        serveTcp(stream, service);
      }
    } finally {
      giveBack(peer);
    }
  }

  /// Ends connections of services that are gone or no longer offered to their peer.
  public void cutWhatIsNoLongerOffered(Set<String> names) {
    running.forEach((bridge, name) -> {
      if (names.contains(name)) {
        bridge.abort();
      }
    });
  }

  private void serveTcp(Stream stream, Service service) {
    Socket socket = connect(service);
    if (socket == null) {
      unreachable(stream);
      return;
    }
    TcpBridge bridge = new TcpBridge(stream, socket);
    carry(stream, service, bridge, bridge::run);
  }

  @SuppressWarnings("resource") // the bridge closes it
  private void serveUdp(Stream stream, Service service) {
    InetSocketAddress target =
        new InetSocketAddress(service.target().host(), service.target().port());
    DatagramSocket socket;
    try {
      if (target.isUnresolved()) {
        throw new IOException("there is no such host");
      }
      socket = new DatagramSocket();
    } catch (IOException e) {
      warn(service, e);
      unreachable(stream);
      return;
    }
    UdpBridge bridge = new UdpBridge(stream, socket, target);
    carry(stream, service, bridge, () -> bridge.run(Limits.FLOW_IDLE));
  }

  private void carry(Stream stream, Service service, Bridge bridge, Runnable run) {
    running.put(bridge, service.name());
    try {
      if (!isStillOffered(service, stream.connection().remotePeer())) {
        throw new Refused("the service " + service.name() + " has just been taken away");
      }
      reply(stream, Status.OK, "");
      stream.clearDeadline();
      run.run();
    } catch (OverlayException e) {
      bridge.abort();
      throw e;
    } finally {
      running.remove(bridge);
    }
  }

  private static void unreachable(Stream stream) {
    reply(stream, Status.TARGET_UNREACHABLE, "nothing answers at the service's own address there");
  }

  /// Asked once the bridge can be found: who takes a service away afterwards ends the bridge.
  private boolean isStillOffered(Service service, PeerId peer) {
    return services
        .find(service.name())
        .filter(now ->
            now.target().equals(service.target())
                && now.protocol() == service.protocol()
                && isOffered(now, peer))
        .isPresent();
  }

  private boolean isOffered(Service service, PeerId peer) {
    return service.offeredTo(peer) && mayUse.test(peer);
  }

  private static @Nullable Socket connect(Service service) {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(
          new InetSocketAddress(service.target().host(), service.target().port()),
          Math.toIntExact(Limits.TARGET_CONNECT.toMillis()));
      return socket;
    } catch (IOException e) {
      warn(service, e);
      try {
        socket.close();
      } catch (IOException ignored) {
        // It never opened.
      }
      return null;
    }
  }

  private static void warn(Service service, IOException cause) {
    LOG.atWarn()
        .addKeyValue("service", service.name())
        .addKeyValue("addr", service.target())
        .log("a peer asked for a service whose target does not answer: {}", cause.getMessage());
  }

  private boolean take(PeerId peer) {
    if (!places.tryAcquire()) {
      return false;
    }
    if (perPeer.merge(peer, 1, Integer::sum) > Limits.SERVED_CONNECTIONS_PER_PEER_MAX) {
      giveBack(peer);
      return false;
    }
    return true;
  }

  private void giveBack(PeerId peer) {
    perPeer.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    places.release();
  }

  private static ServiceRequest readRequest(Stream stream) {
    try {
      return ServiceMessages.decodeRequest(stream.readFrame(Limits.FRAME_BYTES_MAX));
    } catch (MalformedInput e) {
      throw new ProtocolViolation("service request: " + e.getMessage(), e);
    }
  }

  private static void reply(Stream stream, Status status, String message) {
    stream.writeFrame(ServiceMessages.encode(new ServiceReply(status, message)));
  }
}
