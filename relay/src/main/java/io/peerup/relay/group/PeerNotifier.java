package io.peerup.relay.group;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairMessages.PeerNotice;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells members of each other over `/peerup/peer-notify/1`: everything about their groups whenever
/// they connect, and each new member at once to those who are connected. Receivers ignore what they
/// know, so nothing is kept about who was told what. One virtual thread a delivery.
public final class PeerNotifier implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PeerNotifier.class);

  private final Host host;
  private final CountDownLatch closed = new CountDownLatch(1);

  /// Listens on the host from now on.
  public PeerNotifier(Host host, GroupStore groups, Membership membership) {
    this.host = host;
    host.addListener(
        new HostListener() {
          @Override
          public void connected(Connection connection) {
            PeerId peer = connection.remotePeer();
            if (membership.isMember(peer)) {
              start(connection, () -> groups.noticesFor(peer));
            }
          }
        });
  }

  /// Tells these members of a new one, as far as they are connected now. On every connection: of a
  /// member that changed networks and came back, the first may be dead without our knowing.
  void announce(PeerNotice notice, List<PeerId> members) {
    for (PeerId member : members) {
      host.connections(member).forEach(connection -> start(connection, () -> List.of(notice)));
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void start(Connection connection, Supplier<List<PeerNotice>> notices) {
    Thread.ofVirtual()
        .name("notify " + connection.remotePeer().shortForm())
        .start(() -> deliver(connection, notices));
  }

  private void deliver(Connection connection, Supplier<List<PeerNotice>> notices) {
    try {
      for (int attempt = 1; attempt <= Limits.NOTIFY_ATTEMPTS_MAX; attempt++) {
        if (!connection.isOpen() || tryDeliver(connection, notices.get())) {
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

  private static boolean tryDeliver(Connection connection, List<PeerNotice> notices) {
    if (notices.isEmpty()) {
      return true;
    }
    try (Stream stream =
        connection.openStream(List.of(PairMessages.NOTIFY_PROTOCOL), Limits.NOTIFY_MAX)) {
      stream.deadline(Limits.NOTIFY_MAX);
      for (PeerNotice notice : notices) {
        stream.writeFrame(PairMessages.encode(notice));
      }
      stream.closeWrite();
      // The receiver closes when it has taken them; a reset or silence means it has not.
      byte[] end = new byte[1];
      return stream.read(end, 0, 1) == -1;
    } catch (OverlayException e) {
      log.atDebug()
          .addKeyValue("peer", connection.remotePeer())
          .addKeyValue("reason", e.getMessage())
          .log("a member could not be told of others");
      return false;
    }
  }
}
