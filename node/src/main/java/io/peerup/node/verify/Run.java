package io.peerup.node.verify;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.PairingChannel;
import io.peerup.pairing.Sas;
import io.peerup.pairing.Sas.Code;
import io.peerup.pairing.Sas.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One live verification with one peer, until both people have answered: performs the steps of
/// [Sas]. One virtual thread reads the stream; whoever brings our person's answer writes it.
/// Several may wait for the same run. Thread-safe.
///
/// When both people start at the same time, two runs cross. One that has shown nothing yet gives
/// way to the other side's, by [#yieldTo], and whoever waits for it goes on with that one.
public final class Run {

  /// How it ended.
  public sealed interface Outcome {

    /// Both said yes, and that is written down.
    record Verified() implements Outcome {}

    /// Somebody said no, or something happened that honest sides do not do.
    ///
    /// @param reason a sentence without a full stop
    record Mismatch(String reason) implements Outcome {}

    /// Nothing is known.
    ///
    /// @param reason a sentence without a full stop
    record Ended(String reason) implements Outcome {}

    /// It could not be done.
    record Failed(Failure failure) implements Outcome {}
  }

  /// What runs need from around them. All may block on the disk.
  interface Surroundings {

    /// Counts a try with this peer; called before anybody can know the code.
    ///
    /// @throws LimitReached if there were too many
    void count(PeerId peer);

    /// Both people said yes.
    ///
    /// @throws Failure if that cannot be written down
    void verified(PeerId peer);

    /// The codes are not the same, or may not be.
    void mismatch(PeerId peer, String reason);

    /// A run of the other side's waits for our person.
    void asked(PeerId peer);
  }

  private static final Duration MOMENT = Duration.ofMillis(1);

  private final String id;
  private final PeerId self;
  private final PeerId peer;
  private final boolean ours;
  private final KeyRandom random;
  private final InstantSource clock;
  private final Surroundings around;

  // All under this object's monitor.
  private @Nullable Stream stream;
  private @Nullable Sas machine;
  private @Nullable Code code;
  private @Nullable Outcome outcome;
  private @Nullable Run successor;
  private boolean committed;
  private boolean answered;
  private boolean watched;

  Run(
      PeerId self,
      PeerId peer,
      boolean ours,
      KeyRandom random,
      InstantSource clock,
      Surroundings around) {
    this.id = HexFormat.of().formatHex(random.bytes(8));
    this.self = self;
    this.peer = peer;
    this.ours = ours;
    this.random = random;
    this.clock = clock;
    this.around = around;
  }

  /// Names the run in requests.
  public String id() {
    return id;
  }

  /// With whom.
  public PeerId peer() {
    return peer;
  }

  // ---------------------------------------------------------------------------- the side that
  // calls

  /// Runs it on this connection until it is over or gives way. Blocks.
  void call(Connection connection) {
    try (Stream opened = connection.openStream(List.of(Sas.PROTOCOL), Limits.DIAL)) {
      Sas begun = Sas.initiator(channel(connection), random, clock.instant());
      byte[] commit = begun.start();
      synchronized (this) {
        if (isSettled()) {
          opened.reset();
          return;
        }
        stream = opened;
        machine = begun;
        committed = true;
      }
      opened.writeFrame(commit);
      listen(opened);
    } catch (Refused e) {
      fail(cannotVerify(e));
    } catch (OverlayException e) {
      if (!hasCommitted()) {
        fail(unreachable(e));
      }
      lost();
    }
    awaitTheirs();
  }

  static Failure unreachable(OverlayException e) {
    return new Failure(
        "peer-unreachable",
        "cannot reach the peer: " + e.getMessage(),
        "try again when it is online, or compare the safety number: peerup verify PEER --full",
        e);
  }

  private synchronized boolean hasCommitted() {
    return committed;
  }

  private static Failure cannotVerify(Refused e) {
    return new Failure(
        "cannot-verify",
        "the peer cannot be verified live: " + e.getMessage(),
        "compare the safety number instead: peerup verify PEER --full",
        e);
  }

  /// The other side turns ours away if its own, which is on its way, goes first. That is worth
  /// waiting for.
  private synchronized void awaitTheirs() {
    Instant end = clock.instant().plus(io.peerup.pairing.Limits.VERIFY_FRAME_TIME);
    boolean theirsGoesFirst = committed && code == null && self.compareTo(peer) > 0;
    try {
      while (theirsGoesFirst && !isSettled() && clock.instant().isBefore(end)) {
        wait(Math.max(1, Duration.between(clock.instant(), end).toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!isSettled()) {
      end(new Outcome.Ended("the other device ended it"));
    }
  }

  // ------------------------------------------------------------------------ the side that is
  // called

  /// Makes it ready to be served on this stream. Throws [Refused] if its connection cannot be
  /// verified.
  synchronized void calledOn(Stream incoming) {
    machine = Sas.responder(channel(incoming.connection()), random, clock.instant());
    stream = incoming;
  }

  /// Runs it, from this first frame on, until it is over. Blocks.
  void serve(Stream incoming, byte[] first) {
    take(first);
    listen(incoming);
  }

  // ------------------------------------------------------------------------------------ both sides

  private PairingChannel channel(Connection connection) {
    return new PairingChannel(
        self,
        connection.remoteKey(),
        connection.relay(),
        connection.security(),
        connection.channelBinding());
  }

  private void listen(Stream open) {
    while (!isOver()) {
      byte[] frame;
      try {
        open.deadline(left());
        frame = open.readFrame(Limits.FRAME_BYTES_MAX);
      } catch (OverlayException e) {
        lost();
        return;
      }
      take(frame);
    }
  }

  private synchronized Duration left() {
    if (machine == null) {
      return MOMENT;
    }
    Duration left = Duration.between(clock.instant(), machine.deadline());
    return left.compareTo(MOMENT) > 0 ? left : MOMENT;
  }

  private synchronized void take(byte[] frame) {
    if (isSettled() || machine == null) {
      return;
    }
    try {
      perform(machine.receive(frame, clock.instant()));
    } catch (OverlayException e) {
      lost();
    } catch (Failure disk) {
      fail(disk);
    }
  }

  private void perform(Step step) {
    switch (step) {
      case Step.Send send -> {
        if (counted()) {
          send(send.frame());
        }
      }
      case Step.SendAndCompare last -> {
        if (counted()) {
          send(last.frame());
          show(last.code());
        }
      }
      case Step.Compare now -> show(now.code());
      case Step.Wait _ -> {}
      case Step.Verified _ -> {
        around.verified(peer);
        end(new Outcome.Verified());
      }
      case Step.Mismatch mismatch -> {
        around.mismatch(peer, mismatch.reason());
        end(new Outcome.Mismatch(mismatch.reason()));
      }
      case Step.Ended _ -> end(new Outcome.Ended("nobody answered in time"));
    }
  }

  /// The frame that follows lets the other side compute the code.
  private boolean counted() {
    try {
      around.count(peer);
      return true;
    } catch (LimitReached e) {
      fail(Verifications.tooManyAttempts(e));
      return false;
    }
  }

  private void send(byte[] frame) {
    if (stream != null) {
      stream.writeFrame(frame);
    }
  }

  private void show(Code shown) {
    code = shown;
    notifyAll();
    if (!ours && !watched) {
      around.asked(peer);
    }
  }

  /// Brings our person's answer.
  ///
  /// @throws Failure `verification-over`, `already-answered`
  public synchronized void answer(boolean yes) {
    answer(_ -> yes);
  }

  /// Brings the digits that our person was told or read at the other device.
  ///
  /// @throws Failure `verification-over`, `already-answered`
  public synchronized void answer(String digits) {
    answer(shown -> shown.matches(digits));
  }

  private void answer(Predicate<Code> judge) {
    if (isSettled() || code == null || machine == null) {
      throw new Failure(
          "verification-over", "this verification is over", "begin again: peerup verify PEER");
    }
    if (answered) {
      throw new Failure(
          "already-answered",
          "the answer of this device is given already",
          "wait for the other device's");
    }
    answered = true;
    boolean yes = judge.test(code);
    byte[] frame = machine.answer(yes);
    try {
      send(frame);
    } catch (OverlayException e) {
      if (yes) {
        lost();
        return;
      }
    }
    try {
      perform(machine.outcome());
    } catch (Failure disk) {
      fail(disk);
    }
  }

  /// Gives way to a run that the other side opened, if this one has shown nothing yet: of two that
  /// cross, the one that the lower peer id opened stays. One that they opened before is over when
  /// they open another. False if this one goes on.
  synchronized boolean yieldTo(Run theirs) {
    if (outcome != null) {
      return true;
    }
    if (!ours) {
      end(new Outcome.Ended("the other device began anew"));
      return true;
    }
    if (code != null || (committed && self.compareTo(peer) < 0)) {
      return false;
    }
    successor = theirs;
    if (stream != null) {
      stream.reset();
    }
    notifyAll();
    return true;
  }

  /// A person looks on.
  public synchronized void watch() {
    watched = true;
  }

  /// Opened by the other side, ready, and nobody here has looked at it.
  synchronized boolean isWaitingForUs() {
    return !ours && !watched && code != null && outcome == null;
  }

  synchronized boolean isMismatch() {
    return outcome instanceof Outcome.Mismatch;
  }

  boolean isCalled() {
    return !ours;
  }

  /// Ended, or gave way.
  synchronized boolean isOver() {
    return isSettled();
  }

  private boolean isSettled() {
    return outcome != null || successor != null;
  }

  /// Waits for the code. Empty if there will be none, see [#successor] and [#awaitOutcome].
  public synchronized Optional<Code> awaitCode() throws InterruptedException {
    while (code == null && !isSettled()) {
      wait();
    }
    return Optional.ofNullable(code);
  }

  /// The run that took this one's place.
  public synchronized Optional<Run> successor() {
    return Optional.ofNullable(successor);
  }

  /// Waits for the end of a run that has not given way.
  public synchronized Outcome awaitOutcome() throws InterruptedException {
    while (outcome == null) {
      wait();
    }
    return outcome;
  }

  /// The connection is gone, or time is over: what the machine has not decided stays open. One that
  /// may still give way is ended by whoever waits for that.
  private synchronized void lost() {
    if (isSettled()) {
      return;
    }
    boolean late = machine != null && !clock.instant().isBefore(machine.deadline());
    if (machine != null) {
      machine.timeOut();
    }
    if (!ours || code != null) {
      end(
          new Outcome.Ended(
              late ? "nobody answered in time" : "the other device ended it or went away"));
    }
  }

  synchronized void fail(Failure failure) {
    end(new Outcome.Failed(failure));
  }

  /// What is written before leaves before the stream ends.
  private void end(Outcome how) {
    if (outcome == null) {
      outcome = how;
      if (machine != null) {
        machine.timeOut();
      }
      if (stream != null && how instanceof Outcome.Mismatch) {
        // The other side must hear it before its connection may be cut; it answers by closing.
        stream.deadline(Limits.DIAL);
        stream.closeWrite();
      } else if (stream != null) {
        stream.close();
      }
      notifyAll();
    }
  }
}
