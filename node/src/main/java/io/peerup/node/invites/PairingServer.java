package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.pairing.PairingChannel;
import io.peerup.pairing.PairingResponder;
import io.peerup.pairing.PairingResponder.Step;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.RunRate;
import io.peerup.pairing.SourcePrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The inviter's side of pairing runs: performs the steps of [PairingResponder], a virtual thread
/// each. What the machines share, [InviteStore], is used under its monitor; runs that wait for
/// their turn wait on it.
public final class PairingServer implements StreamHandler {

  private static final Logger LOG = LoggerFactory.getLogger(PairingServer.class);

  /// What happens around a run.
  interface Events {

    /// The joiner has the code: write its trust entry. Under the store's monitor; the invites are
    /// on disk. `held`: it is trusted for nothing but a comparison of codes yet.
    void admit(PeerId peer, PeerCard joiner, boolean held);

    /// All is on disk, and the joiner is about to hear of it. Blocks shortly.
    void admitted(String inviteId, PeerId peer, Connection connection);

    /// The joiner has our trust entry, too.
    void acknowledged(PeerId peer);

    /// A run failed; the joiner is not told why.
    void failed(PairingResponder.Cause cause, PeerId peer);
  }

  private final InviteStore store;
  private final PrivateKey identity;
  private final KeyRandom random;
  private final InstantSource clock;
  private final Supplier<PeerCard> card;
  private final Events events;
  private final RunRate<SourcePrefix> directRate = new RunRate<>();
  private final RunRate<PeerId> relayedRate = new RunRate<>();

  public PairingServer(
      InviteStore store,
      PrivateKey identity,
      KeyRandom random,
      InstantSource clock,
      Supplier<PeerCard> card,
      Events events) {
    this.store = store;
    this.identity = identity;
    this.random = random;
    this.clock = clock;
    this.card = card;
    this.events = events;
  }

  @Override
  public void handle(Stream stream) throws InterruptedException {
    if (mayBegin(stream.connection())) {
      run(stream);
    } else {
      stream.reset();
    }
  }

  /// All that a relay brings comes from its address: there each peer is a source.
  private boolean mayBegin(Connection connection) {
    synchronized (store) {
      if (connection.relay().isPresent()) {
        return relayedRate.begin(connection.remotePeer(), clock.instant());
      }
      return connection
          .remoteAddress()
          .socketAddress()
          .map(InetSocketAddress::getAddress)
          .map(address -> directRate.begin(SourcePrefix.of(address), clock.instant()))
          .orElse(false);
    }
  }

  private void run(Stream stream) throws InterruptedException {
    Connection connection = stream.connection();
    PairingResponder run;
    synchronized (store) {
      run =
          new PairingResponder(
              store.table(),
              channel(identity.peerId(), connection),
              identity,
              card.get(),
              random,
              clock.instant());
    }
    boolean over = false;
    while (!over) {
      Step step = next(run, stream);
      try {
        over = perform(step, connection, stream);
      } catch (OverlayException gone) {
        over = perform(settled(run, () -> run.lost(clock.instant())), connection, stream);
      }
    }
  }

  static PairingChannel channel(PeerId self, Connection connection) {
    return new PairingChannel(
        self,
        connection.remoteKey(),
        connection.relay(),
        connection.security(),
        connection.channelBinding());
  }

  /// The step that follows the joiner's next frame, or its silence.
  private Step next(PairingResponder run, Stream stream) throws InterruptedException {
    byte[] frame;
    try {
      stream.deadline(left(run));
      frame = stream.readFrame(Limits.FRAME_BYTES_MAX);
    } catch (OverlayException e) {
      return settled(run, () -> run.lost(clock.instant()));
    }
    Step step = settled(run, () -> run.receive(frame, clock.instant()));
    while (step instanceof Step.Wait) {
      step = turn(run);
    }
    return step;
  }

  private Step turn(PairingResponder run) throws InterruptedException {
    synchronized (store) {
      long millis = Math.max(1, left(run).toMillis());
      store.wait(millis);
      return settled(run, () -> run.proceed(clock.instant()));
    }
  }

  private Duration left(PairingResponder run) {
    Duration left = Duration.between(clock.instant(), run.deadline());
    return left.isPositive() ? left : Duration.ofMillis(1);
  }

  /// A step with what it asks to be written, and with what an earlier one could not write. Whoever
  /// waits for its turn looks again. When nothing can be written the run ends like any that fails,
  /// at the same time: a full disk must not show which codes exist.
  private Step settled(PairingResponder run, Supplier<Step> make) {
    synchronized (store) {
      try {
        store.saveWhatIsNot();
        Step step = make.get();
        switch (step) {
          case Step.Commit commit -> commit(commit);
          case Step.Fail fail when fail.changed() -> store.save();
          case Step.Acknowledged done -> {
            if (store.acknowledged(done.peer())) {
              store.save();
            }
          }
          case Step.Fail _, Step.Send _, Step.Wait _ -> {}
        }
        return step;
      } catch (Failure disk) {
        LOG.atError().log("pairing stopped: {}", disk.message());
        return run.lost(clock.instant()) instanceof Step.Fail fail
            ? new Step.Fail(fail.closeAt(), false, fail.cause())
            : new Step.Fail(clock.instant(), false, PairingResponder.Cause.LOST);
      } finally {
        store.notifyAll();
      }
    }
  }

  /// First the invite, then the trust entry, then that the latter is written: a crash in between
  /// leaves an invite that says what is missing, see [Admission#finishWhatACrashLeft].
  private void commit(Step.Commit commit) {
    boolean missing =
        store.table().unentered().stream().anyMatch(a -> a.inviteId().equals(commit.inviteId()));
    if (commit.changed() || missing) {
      store.pend(commit.peer());
      store.save();
      events.admit(commit.peer(), commit.joiner(), store.table().requiresSas(commit.inviteId()));
      store.table().entered(commit.inviteId());
      store.save();
    }
  }

  /// True if the run is over.
  private boolean perform(Step step, Connection connection, Stream stream) {
    switch (step) {
      case Step.Send send -> stream.writeFrame(send.frame());
      case Step.Commit commit -> {
        events.admitted(commit.inviteId(), commit.peer(), connection);
        stream.writeFrame(commit.frame());
      }
      case Step.Acknowledged done -> {
        events.acknowledged(done.peer());
        return true;
      }
      case Step.Fail fail -> {
        pauseUntil(fail.closeAt());
        stream.reset();
        // Not before: a guest that leaves loses its connection, which would show too early.
        events.failed(fail.cause(), connection.remotePeer());
        return true;
      }
      case Step.Wait _ -> throw new IllegalStateException("internal error: a wait is waited for");
    }
    return false;
  }

  private void pauseUntil(Instant end) {
    Duration left = Duration.between(clock.instant(), end);
    if (left.isPositive()) {
      LockSupport.parkNanos(left.toNanos());
    }
  }
}
