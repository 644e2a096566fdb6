package io.peerup.node.api;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.server.LineSink;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.node.peers.PeerLinks;
import io.peerup.node.services.ServiceMessages;
import io.peerup.node.services.ServiceName;
import io.peerup.node.services.ServiceProxy;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.PeerDirectory;
import io.peerup.trust.Verified;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// `POST /v1/proxy`: opens a local port that lives as long as the request.
final class ProxyRoute {

  private static final Duration CONNECT = Duration.ofSeconds(15);

  /// Lines waiting for a slow reader; beyond that the oldest news is dropped, never the connection.
  static final int LINES_MAX = 256;

  private final PeerId self;
  private final PeerLinks links;
  private final PeerDirectory directory;

  ProxyRoute(PeerId self, PeerLinks links, PeerDirectory directory) {
    this.self = self;
    this.links = links;
    this.directory = directory;
  }

  Reply handle(Request request) {
    AuthorizedPeer peer = directory.find(Jsons.string(request.body(), "peer"));
    String service = ServiceName.check(Jsons.string(request.body(), "service"));
    int port = Math.toIntExact(Jsons.integer(request.body(), "port", 0, 65535));
    BlockingQueue<JsonObject> lines = waiting();
    ServiceProxy proxy = start(peer, service, port, news(lines));
    return Reply.stream(sink -> {
      try (proxy) {
        run(sink, proxy, peer, service, lines);
      }
    });
  }

  static BlockingQueue<JsonObject> waiting() {
    return new ArrayBlockingQueue<>(LINES_MAX);
  }

  private ServiceProxy start(
      AuthorizedPeer peer, String service, int port, ServiceProxy.Events events) {
    try {
      return ServiceProxy.open(
          () -> open(peer.peer(), peer.name()), peer.name(), service, port, events);
    } catch (OverlayException e) {
      throw new Failure(
          "peer-refused",
          peer.name() + " did not answer for the service `" + service + "`: " + e.getMessage(),
          "is this device authorised there? on " + peer.name() + ": peerup peers",
          e);
    }
  }

  private void run(
      LineSink sink,
      ServiceProxy proxy,
      AuthorizedPeer peer,
      String service,
      BlockingQueue<JsonObject> lines)
      throws InterruptedException {
    JsonObject first = new JsonObject();
    first.addProperty("event", "listening");
    first.addProperty("address", "127.0.0.1:" + proxy.address().getPort());
    first.addProperty("port", proxy.address().getPort());
    first.addProperty("peerId", peer.peer().toString());
    first.addProperty("peerName", peer.name());
    first.addProperty("verified", Verified.holds(peer, self));
    first.addProperty("service", service);
    first.addProperty("protocol", proxy.protocol().toString());
    sink.send(first);
    while (sink.isOpen()) {
      JsonObject line = lines.poll(1, TimeUnit.SECONDS);
      if (line != null) {
        sink.send(line);
      }
    }
  }

  private Stream open(PeerId peer, String name) {
    try {
      return links.connect(peer, CONNECT).openStream(ServiceMessages.PROTOCOLS, CONNECT);
    } catch (Refused e) {
      throw new Failure(
          "peer-refused",
          name + " refused: " + e.getMessage(),
          "is this device authorised there? on " + name + ": peerup peers",
          e);
    } catch (OverlayException e) {
      throw new Failure(
          "peer-unreachable",
          "cannot reach " + name + ": " + e.getMessage(),
          e.hint().isEmpty() ? "see which path is tried: peerup status" : e.hint(),
          e);
    }
  }

  static ServiceProxy.Events news(BlockingQueue<JsonObject> lines) {
    return new ServiceProxy.Events() {
      @Override
      public void finished(long bytesOut, long bytesIn) {
        JsonObject line = new JsonObject();
        line.addProperty("event", "connection");
        line.addProperty("bytesOut", bytesOut);
        line.addProperty("bytesIn", bytesIn);
        put(line);
      }

      @Override
      public void failed(String message, String hint) {
        JsonObject line = new JsonObject();
        line.addProperty("event", "error");
        line.addProperty("message", message);
        line.addProperty("hint", hint);
        put(line);
      }

      private void put(JsonObject line) {
        while (!lines.offer(line)) {
          lines.poll();
        }
      }
    };
  }
}
