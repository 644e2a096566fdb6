package io.peerup.node.verify;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Scope;
import io.peerup.trust.Verified;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The live verifications of this node, one with a peer at a time: starts them, and serves those
/// that authorised peers start, which then wait for our person. Thread-safe.
public final class Verifications implements StreamHandler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Verifications.class);

  /// What a peer must be trusted with.
  public static final Scope SCOPE = Scope.DIRECT;

  /// How long a [Dialer] may take.
  public static final Duration DIAL = Limits.DIAL;

  /// Finds a way to a peer. Throws [OverlayException].
  @FunctionalInterface
  public interface Dialer {
    Connection connect(PeerId peer);
  }

  /// How often a peer may be verified.
  public interface Attempts {

    /// Whether another try is left.
    boolean isLeft(PeerId peer);

    /// Counts one; on disk when it returns.
    ///
    /// @throws LimitReached if none was left
    void count(PeerId peer);
  }

  private final PeerId self;
  private final AuthorizedKeysFile keys;
  private final Predicate<PeerId> mayVerify;
  private final Attempts attempts;
  private final Dialer dialer;
  private final KeyRandom random;
  private final InstantSource clock;
  private final Around around = new Around();

  // Under this object's monitor, which may be taken before a run's and never after.
  private final Map<PeerId, Run> runs = new HashMap<>();
  private boolean closed;

  private final Map<PeerId, String> mismatches = new LinkedHashMap<>();

  /// @param mayVerify whether a peer has [#SCOPE] now
  public Verifications(
      PeerId self,
      AuthorizedKeysFile keys,
      Predicate<PeerId> mayVerify,
      Attempts attempts,
      Dialer dialer,
      KeyRandom random,
      InstantSource clock) {
    this.self = self;
    this.keys = keys;
    this.mayVerify = mayVerify;
    this.attempts = attempts;
    this.dialer = dialer;
    this.random = random;
    this.clock = clock;
  }

  /// The run with this peer for a person to look at: the one that waits or is going on, else a new
  /// one, which is started. Returns at once.
  ///
  /// @throws Failure `too-many-attempts`, `cannot-verify`, `stopping`
  public synchronized Run begin(PeerId peer) {
    Run present = runs.get(peer);
    if (present != null && !present.isOver()) {
      present.watch();
      return present;
    }
    if (closed) {
      throw stopping();
    }
    if (!mayVerify.test(peer)) {
      throw new Failure(
          "cannot-verify",
          "the peer may not talk to this device now",
          "see why: peerup trust explain PEER");
    }
    if (!attempts.isLeft(peer)) {
      throw tooManyAttempts(null);
    }
    Run run = new Run(self, peer, true, random, clock, around);
    run.watch();
    runs.put(peer, run);
    Thread.ofVirtual().name("verify " + peer.shortForm()).start(() -> call(run));
    return run;
  }

  private void call(Run run) {
    try {
      run.call(dialer.connect(run.peer()));
    } catch (OverlayException e) {
      run.fail(Run.unreachable(e));
    } finally {
      remove(run);
    }
  }

  static Failure tooManyAttempts(@Nullable LimitReached cause) {
    return new Failure(
        "too-many-attempts",
        "there were three verifications with this peer within an hour",
        "wait an hour, or compare the safety number: peerup verify PEER --full",
        cause);
  }

  /// A run that is not over.
  ///
  /// @throws Failure `verification-over`
  public synchronized Run find(String id) {
    return runs.values().stream()
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new Failure(
                "verification-over",
                "this verification is over",
                "begin again: peerup verify PEER"));
  }

  /// Serves a run that a peer opens. A run counts from its commitment on: a stream that says
  /// nothing keeps nobody from verifying.
  @Override
  public void handle(Stream stream) {
    PeerId peer = stream.connection().remotePeer();
    if (!mayVerify.test(peer)) {
      stream.reset();
      return;
    }
    stream.deadline(io.peerup.pairing.Limits.VERIFY_FRAME_TIME);
    byte[] commit = stream.readFrame(Limits.FRAME_BYTES_MAX);
    Run run = new Run(self, peer, false, random, clock, around);
    try {
      run.calledOn(stream);
    } catch (Refused e) {
      LOG.atInfo().addKeyValue("peer", peer).log("verification refused: {}", e.getMessage());
      stream.reset();
      return;
    }
    if (!admit(run)) {
      stream.reset();
      return;
    }
    try {
      run.serve(stream, commit);
    } finally {
      remove(run);
    }
  }

  private synchronized boolean admit(Run run) {
    Run present = runs.get(run.peer());
    if (closed
        || (present == null && called() >= Limits.CALLED_MAX)
        || (present != null && !present.yieldTo(run))) {
      return false;
    }
    runs.put(run.peer(), run);
    return true;
  }

  private int called() {
    return (int) runs.values().stream().filter(Run::isCalled).count();
  }

  private void remove(Run run) {
    synchronized (this) {
      runs.remove(run.peer(), run);
    }
    if (run.isMismatch()) {
      try {
        Marks.removeHeld(keys, run.peer(), clock.instant());
      } catch (Failure disk) {
        LOG.atError().addKeyValue("peer", run.peer()).log("it stays held: {}", disk.message());
      }
    }
  }

  /// What our person should know, one sentence each.
  public synchronized List<String> news() {
    List<String> out = new ArrayList<>();
    runs.values().stream()
        .filter(Run::isWaitingForUs)
        .map(run -> name(run.peer()))
        .sorted()
        .forEach(
            name -> out.add("`%s` wants to verify: run peerup verify %s".formatted(name, name)));
    keys.current().peers().stream()
        .filter(entry -> entry.isHeld(clock.instant()))
        .map(AuthorizedPeer::name)
        .sorted()
        .forEach(name ->
            out.add(
                "`%s` may do nothing until both have run peerup verify: peerup verify %s"
                    .formatted(name, name)));
    synchronized (mismatches) {
      mismatches.forEach((peer, reason) ->
          out.add(
              "verification with `%s` failed: %s; somebody may be in the middle"
                  .formatted(name(peer), reason)));
    }
    return out;
  }

  @Override
  public void close() {
    List<Run> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(runs.values());
    }
    all.forEach(run -> run.fail(stopping()));
  }

  private static Failure stopping() {
    return new Failure("stopping", "the daemon is going down", "");
  }

  private String name(PeerId peer) {
    return keys.current().find(peer).map(AuthorizedPeer::name).orElseGet(peer::toString);
  }

  private final class Around implements Run.Surroundings {

    @Override
    public void count(PeerId peer) {
      attempts.count(peer);
    }

    @Override
    public void verified(PeerId peer) {
      Marks.set(keys, self, peer, Verified.Method.LIVE);
      synchronized (mismatches) {
        mismatches.remove(peer);
      }
      LOG.atInfo().addKeyValue("peer", peer).log("verified by live code");
    }

    /// A mark from before goes, too: one of the two people says that this is not who it should be.
    @Override
    public void mismatch(PeerId peer, String reason) {
      synchronized (mismatches) {
        mismatches.put(peer, reason);
        if (mismatches.size() > Limits.MISMATCHES_MAX) {
          mismatches.remove(mismatches.keySet().iterator().next());
        }
      }
      LOG.atWarn().addKeyValue("peer", peer).log("verification failed: {}", reason);
      try {
        Marks.clear(keys, peer);
      } catch (Failure disk) {
        // The warning is worth more than why the mark of before stays.
        LOG.atError().addKeyValue("peer", peer).log("it keeps its mark: {}", disk.message());
      }
    }

    @Override
    public void asked(PeerId peer) {
      LOG.atInfo()
          .addKeyValue("peer", peer)
          .log("{} wants to verify: run `peerup verify {}`", name(peer), name(peer));
    }
  }
}
