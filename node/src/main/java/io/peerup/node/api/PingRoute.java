package io.peerup.node.api;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import io.peerup.control.server.LineSink;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.node.peers.PeerLinks;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.PeerDirectory;
import io.peerup.trust.Verified;
import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// `POST /v1/ping`: one line for the target, one for each ping, and a summary.
final class PingRoute {

  private static final int COUNT_MAX = 1_000_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Host host;
  private final PeerLinks links;
  private final PeerDirectory directory;
  private final StatusReport status;

  PingRoute(Host host, PeerLinks links, PeerDirectory directory, StatusReport status) {
    this.host = host;
    this.links = links;
    this.directory = directory;
    this.status = status;
  }

  Reply handle(Request request) {
    AuthorizedPeer peer = directory.find(Jsons.string(request.body(), "peer"));
    long count = Jsons.integer(request.body(), "count", 0, COUNT_MAX, 4);
    long interval = Jsons.integer(request.body(), "intervalMs", 10, 3_600_000, 1000);
    return Reply.stream(sink -> run(sink, peer, count, interval));
  }

  private void run(LineSink sink, AuthorizedPeer entry, long count, long interval)
      throws InterruptedException {
    LongSummaryStatistics nanos = new LongSummaryStatistics();
    JsonObject target = new JsonObject();
    target.add("target", status.peer(entry));
    sink.send(target);
    long sent = 0;
    while (sink.isOpen() && (count == 0 || sent < count)) {
      if (sent > 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(interval));
        if (Thread.interrupted()) {
          return;
        }
      }
      sink.send(once(entry.peer(), sent++, nanos));
    }
    sink.send(summary(entry, sent, nanos));
  }

  private JsonObject once(PeerId peer, long seq, LongSummaryStatistics nanos) {
    JsonObject line = new JsonObject();
    line.addProperty("seq", seq);
    try {
      Connection connection = links.connect(peer, TIMEOUT);
      Duration rtt = host.ping(connection, TIMEOUT);
      nanos.accept(rtt.toNanos());
      line.addProperty("rttMs", StatusReport.millis(rtt));
      StatusReport.path(line, Optional.of(connection));
    } catch (OverlayException e) {
      line.add("rttMs", JsonNull.INSTANCE);
      StatusReport.path(line, Optional.empty());
      line.addProperty("message", e.getMessage());
      line.addProperty("hint", e.hint());
    }
    return line;
  }

  private JsonObject summary(AuthorizedPeer entry, long sent, LongSummaryStatistics nanos) {
    JsonObject inner = new JsonObject();
    inner.addProperty("peerId", entry.peer().toString());
    inner.addProperty("name", entry.name());
    inner.addProperty("verified", Verified.holds(entry, host.id()));
    inner.addProperty("sent", sent);
    inner.addProperty("received", nanos.getCount());
    inner.addProperty("lossPercent", sent == 0 ? 0 : 100.0 * (sent - nanos.getCount()) / sent);
    if (nanos.getCount() > 0) {
      inner.addProperty("minMs", StatusReport.millis(Duration.ofNanos(nanos.getMin())));
      inner.addProperty("avgMs", StatusReport.millis(Duration.ofNanos((long) nanos.getAverage())));
      inner.addProperty("maxMs", StatusReport.millis(Duration.ofNanos(nanos.getMax())));
    }
    JsonObject line = new JsonObject();
    line.add("summary", inner);
    return line;
  }
}
