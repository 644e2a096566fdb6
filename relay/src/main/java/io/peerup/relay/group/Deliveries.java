package io.peerup.relay.group;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells connected members something over a protocol in which the relay speaks and the member
/// closes when it has heard all. A few attempts while the connection lives; what is to be said is
/// asked for anew each time. One virtual thread a delivery.
public final class Deliveries implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Deliveries.class);

  private final Host host;
  private final String protocol;
  private final CountDownLatch closed = new CountDownLatch(1);

  public Deliveries(Host host, String protocol) {
    this.host = host;
    this.protocol = protocol;
  }

  /// Tells a member on every connection it has now: of one that changed networks and came back, the
  /// first may be dead without our knowing.
  public void start(PeerId member, Supplier<List<byte[]>> frames) {
    host.connections(member).forEach(connection -> start(connection, frames));
  }

  /// Tells the member at the other end; nothing, if there are no frames.
  public void start(Connection connection, Supplier<List<byte[]>> frames) {
    Thread.ofVirtual()
        .name("notify " + connection.remotePeer().shortForm())
        .start(() -> deliver(connection, frames));
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void deliver(Connection connection, Supplier<List<byte[]>> frames) {
    try {
      for (int attempt = 1; attempt <= Limits.NOTIFY_ATTEMPTS_MAX; attempt++) {
        if (!connection.isOpen() || tryDeliver(connection, frames.get())) {
          return;
        }
        if (closed.await(Limits.NOTIFY_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean tryDeliver(Connection connection, List<byte[]> frames) {
    if (frames.isEmpty()) {
      return true;
    }
    try (Stream stream = connection.openStream(List.of(protocol), Limits.NOTIFY_MAX)) {
      stream.deadline(Limits.NOTIFY_MAX);
      for (byte[] frame : frames) {
        stream.writeFrame(frame);
      }
      stream.closeWrite();
      // The receiver closes when it has taken them; a reset or silence means it has not.
      byte[] end = new byte[1];
      return stream.read(end, 0, 1) == -1;
    } catch (OverlayException e) {
      log.atDebug()
          .addKeyValue("peer", connection.remotePeer())
          .addKeyValue("protocol", protocol)
          .addKeyValue("reason", e.getMessage())
          .log("a member could not be told");
      return false;
    }
  }
}
