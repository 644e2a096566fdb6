package io.peerup.node.peers;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends live connections of peers that may no longer talk to us, because they were removed or
/// blocked or their time is over, and those that are secured by less than the peer has shown: at
/// once when told to look, and by itself twice a second. The gater refuses new ones. Runs on one
/// virtual thread.
public final class Enforcer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Enforcer.class);

  /// libp2p connection error code for a connection that the gater ended.
  private static final long GATED = 0x1007;

  private final Host host;
  private final NodeGater gater;
  private final Wakeup wakeup = new Wakeup();
  private final Thread thread;

  public Enforcer(Host host, NodeGater gater) {
    this.host = host;
    this.gater = gater;
    this.thread = Thread.ofVirtual().name("enforcer").start(this::run);
  }

  /// Something changed: look at every connection now.
  public void lookNow() {
    wakeup.wake();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        for (Connection connection : host.connections()) {
          judge(connection);
        }
        wakeup.await(Limits.SWEEP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whatever goes wrong with one connection must not save the others.
  private void judge(Connection connection) {
    try {
      if (!gater.mayStay(connection.remotePeer())) {
        LOG.atInfo()
            .addKeyValue("peer", connection.remotePeer())
            .addKeyValue("conn", connection.id())
            .log("connection ended: the peer is no longer authorised");
        connection.close(GATED);
      } else if (!gater.watch(connection)) {
        LOG.atWarn()
            .addKeyValue("peer", connection.remotePeer())
            .addKeyValue("conn", connection.id())
            .log("connection ended: the peer speaks post-quantum security, and not on this one");
        connection.close(GATED);
      }
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("conn", connection.id())
          .setCause(e)
          .log("internal error: a connection could not be judged");
    }
  }
}
