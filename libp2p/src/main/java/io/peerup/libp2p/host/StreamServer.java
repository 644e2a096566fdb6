package io.peerup.libp2p.host;

import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.libp2p.transport.BlockingStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The protocols a host serves: agrees on one with the opener of each inbound stream and runs its
/// handler. Every stream has a virtual thread of its own. Thread-safe.
final class StreamServer {

  private static final Logger LOG = LoggerFactory.getLogger(StreamServer.class);

  private final ConcurrentMap<String, StreamHandler> handlers = new ConcurrentHashMap<>();
  private final ConnectionGater gater;
  private final HostLimits limits;
  private final Map<PeerId, Integer> open = new HashMap<>();
  private int openInAll;

  StreamServer(ConnectionGater gater, HostLimits limits) {
    this.gater = gater;
    this.limits = limits;
  }

  /// True if the protocol was not served before.
  boolean add(String protocol, StreamHandler handler) {
    return handlers.put(protocol, handler) == null;
  }

  /// True if it was served.
  boolean remove(String protocol) {
    return handlers.remove(protocol) != null;
  }

  List<String> protocols() {
    return handlers.keySet().stream().sorted().toList();
  }

  /// The peer opened a stream. Any thread, does not block.
  void serve(HostConnection connection, BlockingStream stream) {
    if (!enter(connection.remotePeer())) {
      stream.reset(ErrorCodes.STREAM_RESOURCE_LIMIT);
      return;
    }
    Thread.ofVirtual()
        .name("stream " + connection.remotePeer().shortForm())
        .start(() -> {
          try {
            run(connection, stream);
          } finally {
            leave(connection.remotePeer());
          }
        });
  }

  private synchronized boolean enter(PeerId peer) {
    int its = open.getOrDefault(peer, 0);
    if (its >= limits.inboundStreamsPerPeer() || openInAll >= limits.inboundStreams()) {
      return false;
    }
    open.put(peer, its + 1);
    openInAll++;
    return true;
  }

  private synchronized void leave(PeerId peer) {
    open.computeIfPresent(peer, (ignored, its) -> its == 1 ? null : its - 1);
    openInAll--;
  }

  private void run(HostConnection connection, BlockingStream stream) {
    try {
      StreamHandler handler = negotiate(connection, stream);
      handler.handle(stream);
      stream.close();
    } catch (Exception e) {
      stream.reset(resetCode(e, stream.protocol().isEmpty()));
      report(connection, stream, e);
    } catch (Error e) {
      stream.reset();
      throw e;
    }
  }

  private StreamHandler negotiate(HostConnection connection, BlockingStream stream) {
    stream.attach(connection, "");
    stream.deadline(limits.inboundNegotiation());
    String protocol = StreamNegotiation.respond(stream, wanted -> admits(connection, wanted));
    stream.attach(connection, protocol);
    stream.clearDeadline();
    StreamHandler handler = handlers.get(protocol);
    if (handler == null) {
      throw new Refused(protocol + " is no longer served");
    }
    Thread.currentThread().setName(protocol + " " + connection.remotePeer().shortForm());
    return handler;
  }

  private boolean admits(HostConnection connection, String protocol) {
    if (!handlers.containsKey(protocol)) {
      return false;
    }
    if (!gater.allowStream(Direction.INBOUND, connection, protocol)) {
      throw new Refused("our own rules do not allow " + protocol);
    }
    return true;
  }

  private static long resetCode(Exception cause, boolean negotiating) {
    if (cause instanceof Refused && negotiating) {
      return ErrorCodes.STREAM_GATED;
    }
    if (negotiating) {
      return ErrorCodes.STREAM_NEGOTIATION_FAILED;
    }
    return cause instanceof ProtocolViolation ? ErrorCodes.STREAM_PROTOCOL_VIOLATION : 0;
  }

  private static void report(HostConnection connection, Stream stream, Exception cause) {
    if (cause instanceof OverlayException || cause instanceof IOException) {
      LOG.debug(
          "stream failed peer={} conn={} protocol={} reason={}",
          connection.remotePeer(),
          connection.id(),
          stream.protocol(),
          cause.getMessage());
    } else {
      LOG.warn(
          "internal error in the handler of {} with {}",
          stream.protocol(),
          connection.remotePeer(),
          cause);
    }
  }
}
