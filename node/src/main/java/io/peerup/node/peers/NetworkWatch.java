package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every few seconds whether the machine is in another network. If so, what failed before is
/// forgotten and tried at once, and connections that ended without a word are noticed: those from
/// an address that is gone at once, others by a ping. Runs on one virtual thread, each ping on one
/// of its own.
public final class NetworkWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NetworkWatch.class);

  private final Host host;
  private final Supplier<Collection<InetAddress>> scan;
  private final Runnable reconnect;
  private final InstantSource clock;
  private final NetworkChanges changes = new NetworkChanges();
  private final Wakeup wakeup = new Wakeup();
  private final Thread thread;

  /// @param scan the addresses that this machine has now
  /// @param reconnect asks relays and peers without a connection again; must not block
  public NetworkWatch(
      Host host, Supplier<Collection<InetAddress>> scan, Runnable reconnect, InstantSource clock) {
    this.host = host;
    this.scan = scan;
    this.reconnect = reconnect;
    this.clock = clock;
    changes.look(scan.get(), clock.instant());
    this.thread = Thread.ofVirtual().name("network watch").start(this::run);
  }

  /// Looks now and not only at the next turn.
  void lookNow() {
    wakeup.wake();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        wakeup.await(Limits.NETWORK_LOOK);
        if (changes.look(scan.get(), clock.instant())) {
          changed();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void changed() {
    LOG.atInfo().log("the network changed: relays and peers are dialled anew");
    host.networkChanged();
    for (Connection connection : host.connections()) {
      if (isGone(connection)) {
        connection.close();
      } else if (connection.relay().isEmpty()) {
        Thread.ofVirtual().name("still there").start(() -> check(connection));
      }
    }
    reconnect.run();
  }

  private boolean isGone(Connection connection) {
    return connection.relay().isEmpty()
        && connection
            .localAddress()
            .socketAddress()
            .map(InetSocketAddress::getAddress)
            .filter(changes::isGone)
            .isPresent();
  }

  /// The other end may be in the network that we left, or the way to it remembered by a router
  /// there.
  private void check(Connection connection) {
    try {
      host.ping(connection, Limits.PING);
    } catch (DeadlineExceeded e) {
      connection.close();
    } catch (OverlayException e) {
      // It answered in its way, or has ended already.
      LOG.atDebug().addKeyValue("conn", connection.id()).log("no ping: {}", e.getMessage());
    }
  }
}
