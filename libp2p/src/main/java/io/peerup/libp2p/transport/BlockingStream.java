package io.peerup.libp2p.transport;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.multistream.MultistreamInitiator;
import io.peerup.libp2p.multistream.Step;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The one class that knows both worlds: (virtual) threads that block on one side, the event loop
/// on the other, two bounded byte queues between them.
///
/// Inbound: the loop fills the inbox as bytes come, which grants the peer credit for them; once the
/// inbox is full they stay in the muxer without credit until the reader has made room. So a slow
/// reader costs one inbox and one window, never more. Outbound: a writer fills the outbox and goes
/// on; it waits only while the outbox is full. Both queues are touched under [#lock]; the muxer's
/// stream only on the loop.
public final class BlockingStream extends FramedStream implements MuxStreamListener {

  /// Bytes that may wait for a reader here: enough that a fast reader seldom has to call the loop.
  static final int INBOX_BYTES = 128 * 1024;

  /// Bytes that a writer may be ahead of the muxer: a few full frames, so that the loop always has
  /// the next one ready.
  static final int OUTBOX_BYTES = 256 * 1024;

  /// How long a closed stream may still try to send what was written before: the peer may grant no
  /// window for it, ever.
  private static final Duration LINGER = Duration.ofSeconds(60);

  /// How long a proposal waits for bytes to travel with.
  private static final Duration PROPOSAL_DELAY = Duration.ofMillis(100);

  private static final long NO_DEADLINE = Long.MAX_VALUE;

  private final MuxedConnection muxed;
  private final Loop loop;
  private final MuxStream muxStream;
  private final Direction direction;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // All under the lock.
  private final ByteRing inbox;
  private final ByteRing outbox;
  private boolean inboxStalled;
  private boolean ended;
  private boolean drainWaits;
  private boolean finWanted;
  private boolean finAfterEcho;
  private boolean closed;
  private boolean detached;
  private @Nullable OverlayException readFailure;
  private @Nullable OverlayException writeFailure;
  private long deadline = NO_DEADLINE;

  // Touched by the reading or writing thread only, set before the stream is handed out.
  private @Nullable MultistreamInitiator unansweredProposal;
  private volatile String protocol = "";
  private @Nullable Connection connection;

  // On the loop only.
  private boolean finSent;
  private Loop.Timer lingering = () -> {};

  BlockingStream(MuxedConnection muxed, MuxStream muxStream) {
    this.muxed = muxed;
    this.loop = muxed.loop();
    this.inbox = new ByteRing(INBOX_BYTES, muxed::holds);
    this.outbox = new ByteRing(OUTBOX_BYTES, muxed::holds);
    this.muxStream = muxStream;
    this.direction = muxStream.direction();
    muxStream.listen(this);
  }

  /// Names the connection and the protocol, before the stream is handed to its user.
  public void attach(Connection owner, String agreedProtocol) {
    connection = owner;
    protocol = agreedProtocol;
  }

  /// Treats the only proposal as agreed: it leaves with the first bytes written, as soon as
  /// somebody reads or closes, or after a short while; its echo is taken before the first byte read
  /// (connections/README.md, multistream-select: optimistic negotiation).
  ///
  /// A FIN waits for the first byte of the echo (our choice): handlers of js-libp2p 3 that iterate
  /// over a stream never see an end that arrived before they began, and they begin when the echo
  /// has left. Only [#close], after which nobody waits for an answer, does not wait.
  public void proposeLazily(Connection owner, String proposal) {
    attach(owner, proposal);
    MultistreamInitiator initiator = new MultistreamInitiator(List.of(proposal), true);
    byte[] first = initiator.start();
    lock.lock();
    try {
      // Into the empty outbox without waking the loop: the first write, read or close does that.
      outbox.put(first, 0, first.length);
      finAfterEcho = true;
    } finally {
      lock.unlock();
    }
    unansweredProposal = initiator;
    // The peer gives an opener that names no protocol only some seconds.
    var _ = loop.after(PROPOSAL_DELAY, this::drain);
  }

  @Override
  public Connection connection() {
    return Objects.requireNonNull(connection, "the stream has no connection yet");
  }

  @Override
  public String protocol() {
    return protocol;
  }

  @Override
  public Direction direction() {
    return direction;
  }

  @Override
  public Optional<Datagrams> datagrams() {
    return muxStream.datagrams();
  }

  // ------------------------------------------------------------------------------------- reading

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (unansweredProposal != null) {
      finishNegotiation();
    }
    return length == 0 ? 0 : take(target, offset, length);
  }

  private int take(byte[] target, int offset, int length) {
    boolean pull = false;
    int count;
    lock.lock();
    try {
      while (true) {
        checkUsable();
        if (readFailure != null) {
          throw fresh(readFailure);
        }
        if (!inbox.isEmpty()) {
          break;
        }
        if (ended || closed) {
          return -1;
        }
        await(readable, "reading from");
      }
      count = inbox.take(target, offset, length);
      if (inboxStalled && inbox.free() >= INBOX_BYTES / 2) {
        inboxStalled = false;
        pull = true;
      }
    } finally {
      lock.unlock();
    }
    if (pull) {
      loop.execute(this::pull);
    }
    return count;
  }

  /// Reads the header and the echo, byte by byte: what follows is the application's.
  private void finishNegotiation() {
    MultistreamInitiator initiator = Objects.requireNonNull(unansweredProposal);
    loop.execute(this::drain); // somebody who only reads must be heard too
    byte[] one = new byte[1];
    try {
      while (!(initiator.step() instanceof Step.Agreed)) {
        if (initiator.step() instanceof Step.NoneSupported) {
          throw new Refused("the peer no longer speaks " + protocol);
        }
        if (take(one, 0, 1) < 0) {
          throw new ProtocolViolation("the stream ended before the peer agreed on " + protocol);
        }
        initiator.consume(one, 0, 1);
      }
      unansweredProposal = null;
    } catch (Refused | ProtocolViolation e) {
      reset();
      throw e;
    }
  }

  /// Our own class behind the interface, ready to be given away: completes an optimistic
  /// negotiation first, which may block until the stream's deadline.
  static BlockingStream own(Stream stream) {
    if (!(stream instanceof BlockingStream own)) {
      throw new IllegalArgumentException("not a stream of this stack: " + stream);
    }
    if (own.unansweredProposal != null) {
      own.finishNegotiation();
    }
    return own;
  }

  // ------------------------------------------------------------------------------------- writing

  @Override
  public void write(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    int at = offset;
    int end = offset + length;
    while (at < end) {
      at += put(source, at, end - at);
    }
  }

  /// Puts what fits, at least one byte, and wakes the loop if it is not coming anyway.
  private int put(byte[] source, int offset, int length) {
    boolean wake;
    int count;
    lock.lock();
    try {
      while (true) {
        checkUsable();
        if (writeFailure != null) {
          throw fresh(writeFailure);
        }
        if (finWanted || closed) {
          throw new IllegalStateException("writing is closed on " + this);
        }
        if (outbox.free() > 0) {
          break;
        }
        await(writable, "writing to");
      }
      count = outbox.put(source, offset, length);
      wake = !drainWaits;
      drainWaits = true;
    } finally {
      lock.unlock();
    }
    if (wake) {
      loop.execute(this::drain);
    }
    return count;
  }

  // ------------------------------------------------------------------------------- ending a stream

  @Override
  public void closeWrite() {
    lock.lock();
    try {
      if (finWanted || detached || writeFailure != null) {
        return;
      }
      finWanted = true;
    } finally {
      lock.unlock();
    }
    loop.execute(this::drain);
  }

  @Override
  public void reset(long code) {
    lock.lock();
    try {
      if (detached) {
        return;
      }
      StreamReset cause = new StreamReset("reset by us");
      failLocked(cause, cause);
    } finally {
      lock.unlock();
    }
    loop.execute(() -> {
      lingering.cancel();
      muxStream.reset(code);
      muxed.refresh();
    });
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed || detached) {
        return;
      }
      closed = true;
      finWanted = true;
      inbox.clear();
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
    loop.execute(() -> {
      drain();
      muxStream.closeRead();
      if (!finSent && maySend()) {
        lingering = loop.after(LINGER, this::lingered);
      }
    });
  }

  private boolean maySend() {
    lock.lock();
    try {
      return writeFailure == null;
    } finally {
      lock.unlock();
    }
  }

  private void lingered() {
    muxStream.reset(0);
    discard();
  }

  @Override
  public void deadline(Duration fromNow) {
    setDeadline(loop.nanoTime() + fromNow.toNanos());
  }

  @Override
  public void clearDeadline() {
    setDeadline(NO_DEADLINE);
  }

  private void setDeadline(long at) {
    lock.lock();
    try {
      deadline = at;
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return readFailure == null && writeFailure == null && !closed && !detached;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return (protocol.isEmpty() ? "a new stream" : protocol)
        + (connection == null ? "" : " with " + connection.remotePeer().shortForm());
  }

  // ------------------------------------------------------------------------------ giving it away

  /// What remains of a stream when something else takes it over on the loop.
  ///
  /// @param inbound read from the peer, not by the user
  /// @param outbound written by the user, not sent
  /// @param finWanted the user closed its direction
  record Handover(MuxStream stream, ByteRing inbound, ByteRing outbound, boolean finWanted) {}

  /// Takes the stream away from its user for ever: from now on nothing that the user does, closing
  /// included, touches it. Any thread. Throws what ended the stream if it has ended, and
  /// [IllegalStateException] if it was closed or given away before.
  void claim() {
    lock.lock();
    try {
      checkUsable();
      if (closed) {
        throw new IllegalStateException("the stream is closed: " + this);
      }
      if (writeFailure != null) {
        throw fresh(writeFailure);
      }
      detached = true;
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What there is to take over after [#claim]. On the loop, where nothing moves meanwhile. Throws
  /// what has ended the stream since.
  Handover handover() {
    lock.lock();
    try {
      if (writeFailure != null) {
        throw fresh(writeFailure);
      }
      return new Handover(muxStream, inbox, outbox, finWanted);
    } finally {
      lock.unlock();
    }
  }

  /// [#claim] and [#handover] in one. On the loop.
  Handover detach() {
    claim();
    return handover();
  }

  /// Forgets what is left after [#claim], when nobody takes it over.
  void discard() {
    lock.lock();
    try {
      inbox.clear();
      outbox.clear();
    } finally {
      lock.unlock();
    }
  }

  /// Whoever took the stream over holds so many bytes more for it, or fewer. Any thread.
  void holds(int bytes) {
    muxed.holds(bytes);
  }

  /// The muxer's stream, for the loop.
  MuxStream muxStream() {
    return muxStream;
  }

  Loop loop() {
    return loop;
  }

  // ---------------------------------------------------------------------------- on the event loop

  @Override
  public int onData(byte[] source, int offset, int length) {
    lock.lock();
    try {
      if (detached || closed) {
        return 0; // whoever takes over finds the bytes in the muxer
      }
      int count = inbox.put(source, offset, length);
      inboxStalled |= count < length;
      readable.signal();
      if (count > 0) {
        heardLocked();
      }
      return count;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int trimmed() {
    lock.lock();
    try {
      if (detached) {
        return 0;
      }
      inbox.trim();
      outbox.trim();
      return inbox.capacity() + outbox.capacity();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onReadable() {
    pull();
  }

  @Override
  public void onRemoteClosed() {
    pull();
  }

  @Override
  public void onWritable() {
    drain();
  }

  @Override
  public void onReset(OverlayException cause, long code) {
    boolean readableStill = muxStream.remoteClosed() && !(cause instanceof StreamReset);
    lingering.cancel();
    lock.lock();
    try {
      failLocked(readableStill ? null : cause, cause);
    } finally {
      lock.unlock();
    }
    if (readableStill) {
      pull();
    }
  }

  @Override
  public void onStopped(OverlayException cause) {
    lingering.cancel();
    lock.lock();
    try {
      failLocked(null, cause);
    } finally {
      lock.unlock();
    }
  }

  /// Moves bytes from the muxer to the inbox until one is empty or the other full.
  private void pull() {
    fillInbox();
    muxed.refresh();
  }

  private void fillInbox() {
    lock.lock();
    try {
      if (detached || readFailure != null || closed) {
        return;
      }
      while (inbox.free() > 0) {
        int count = muxStream.drain(inbox::put);
        if (count < 0) {
          ended = true;
        }
        if (count != 0) {
          heardLocked();
        }
        if (count <= 0) {
          readable.signalAll();
          return;
        }
      }
      inboxStalled = true;
      readable.signalAll();
    } catch (OverlayException e) {
      failLocked(e, e);
    } finally {
      lock.unlock();
    }
  }

  /// The peer's first bytes, or its end, are here: a FIN need not wait any more.
  private void heardLocked() {
    if (finAfterEcho) {
      finAfterEcho = false;
      if (finWanted) {
        loop.execute(this::drain);
      }
    }
  }

  /// Gives the muxer what it takes of the outbox, and FIN behind the last byte.
  private void drain() {
    while (true) {
      byte[] array;
      int offset;
      int count;
      lock.lock();
      try {
        drainWaits = false;
        if (detached || writeFailure != null) {
          return;
        }
        count = outbox.region();
        offset = outbox.offset();
        array = outbox.array();
        if (count == 0 && (!finWanted || (finAfterEcho && !closed))) {
          return;
        }
        // Whoever writes meanwhile need not call: this turn, or the one after onWritable, looks
        // again.
        drainWaits = true;
      } finally {
        lock.unlock();
      }
      if (count == 0) {
        if (!finSent) {
          finSent = true;
          lingering.cancel();
          muxStream.closeWrite();
          releaseOutbox();
        }
        return;
      }
      int taken;
      try {
        taken = muxStream.write(array, offset, count);
      } catch (OverlayException e) {
        return; // onReset has told or will tell
      }
      lock.lock();
      try {
        if (writeFailure == null) {
          outbox.skip(taken);
        }
        if (outbox.free() >= OUTBOX_BYTES / 2) {
          writable.signal();
        }
      } finally {
        lock.unlock();
      }
      if (taken < count) {
        muxed.relieve();
        return; // onWritable follows
      }
    }
  }

  /// Everything was sent, and nothing will be written any more.
  private void releaseOutbox() {
    lock.lock();
    try {
      outbox.trim();
    } finally {
      lock.unlock();
    }
  }

  // -------------------------------------------------------------------------------------- helpers

  /// Under the lock.
  private void failLocked(
      @Nullable OverlayException forReaders, @Nullable OverlayException forWriters) {
    if (readFailure == null && forReaders != null) {
      readFailure = forReaders;
      inbox.clear();
    }
    if (writeFailure == null && forWriters != null) {
      writeFailure = forWriters;
      outbox.clear();
    }
    readable.signalAll();
    writable.signalAll();
  }

  private void checkUsable() {
    if (detached) {
      throw new IllegalStateException("the stream was given away: " + this);
    }
  }

  /// Waits under the lock for a signal, at most until the deadline.
  @SuppressWarnings("WaitNotInLoop") // both callers loop
  private void await(Condition condition, String doing) {
    try {
      if (deadline == NO_DEADLINE) {
        condition.await();
        return;
      }
      long left = deadline - loop.nanoTime();
      if (left <= 0) {
        throw new DeadlineExceeded("deadline passed while " + doing + " " + this);
      }
      var _ = condition.awaitNanos(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reset();
      throw new StreamReset("interrupted while " + doing + " " + this, e);
    }
  }

  /// The same failure with the stack of the thread that meets it.
  private OverlayException fresh(OverlayException cause) {
    String message = cause.getMessage() + " (" + this + ")";
    return switch (cause) {
      case StreamReset e -> new StreamReset(message, e);
      case LimitReached e -> new LimitReached(message, e);
      case ProtocolViolation e -> new ProtocolViolation(message, e);
      case DeadlineExceeded e -> new DeadlineExceeded(message, e);
      case OverlayException e -> new PeerUnreachable(message, e);
    };
  }
}
