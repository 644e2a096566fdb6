package io.peerup.node.lan;

import io.peerup.libp2p.PeerId;
import io.peerup.node.peers.Wakeup;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Supplier;

/// Looks for peers on the local network that are not connected: at once when one is missed, and
/// again less and less often. On a virtual thread of its own.
public final class LanPeers implements AutoCloseable {

  private final Lan lan;
  private final Supplier<Collection<PeerId>> missing;
  private final InstantSource clock;
  private final Wakeup never = new Wakeup();
  private final Thread thread;

  /// @param missing who is to be found now
  public LanPeers(Lan lan, Supplier<Collection<PeerId>> missing, InstantSource clock) {
    this.lan = lan;
    this.missing = missing;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("lan peers").start(this::run);
  }

  private void run() {
    SeekPlan plan = new SeekPlan();
    try {
      while (true) {
        Instant now = clock.instant();
        Collection<PeerId> wanted = plan.wanted(missing.get(), now);
        if (!wanted.isEmpty()) {
          lan.seek(wanted);
        }
        never.await(Limits.PEERS_LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
