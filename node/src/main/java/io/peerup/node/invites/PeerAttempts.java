package io.peerup.node.invites;

import io.peerup.libp2p.PeerId;
import io.peerup.node.verify.Verifications;
import io.peerup.pairing.AttemptLimit;
import java.time.InstantSource;

/// Tries at verifying peers, counted beside those at codes and as lasting. Thread-safe.
public final class PeerAttempts implements Verifications.Attempts {

  private final InviteStore store;
  private final InstantSource clock;

  public PeerAttempts(InviteStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  @Override
  public boolean isLeft(PeerId peer) {
    synchronized (store) {
      return store.attempts().left(AttemptLimit.keyOf(peer), clock.instant()) > 0;
    }
  }

  @Override
  public void count(PeerId peer) {
    synchronized (store) {
      store.attempts().count(AttemptLimit.keyOf(peer), clock.instant());
      store.save();
    }
  }
}
