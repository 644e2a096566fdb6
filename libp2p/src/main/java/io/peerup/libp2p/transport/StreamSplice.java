package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Splice;
import io.peerup.libp2p.SpliceLimits;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Two streams connected byte for byte, usually on two loops. Each direction has one bounded queue:
/// the loop of its source fills it and grants credit only for what fits, the loop of its target
/// empties it as far as the target's window allows. FIN passes behind the last byte; a reset ends
/// both.
public final class StreamSplice implements Splice {

  /// Bytes of one direction between the two loops. Smaller costs throughput, larger costs memory
  /// for every circuit whose target is slow.
  private static final int QUEUE_BYTES_MAX = 128 * 1024;

  private static final byte[] NONE = {};

  private final SpliceLimits limits;
  private final Done done;
  private final AtomicBoolean over = new AtomicBoolean();
  private final End one;
  private final End other;
  private final Pump forward;
  private final Pump backward;
  private volatile Loop.@Nullable Timer timer;

  private StreamSplice(BlockingStream one, BlockingStream other, SpliceLimits limits, Done done) {
    this.limits = limits;
    this.done = done;
    this.one = new End(one);
    this.other = new End(other);
    this.forward = new Pump(this.one, this.other);
    this.backward = new Pump(this.other, this.one);
  }

  /// Starts. Blocks only to complete an optimistic negotiation of either stream. See
  /// [io.peerup.libp2p.Host#splice].
  public static Splice start(Stream one, Stream other, SpliceLimits limits, Done done) {
    StreamSplice splice =
        new StreamSplice(BlockingStream.own(one), BlockingStream.own(other), limits, done);
    splice.take();
    return splice;
  }

  @Override
  public long bytesForward() {
    return forward.passed.get();
  }

  @Override
  public long bytesBackward() {
    return backward.passed.get();
  }

  @Override
  public void cut() {
    end("cut", true);
  }

  /// Takes both streams from their users at once, because a stream handler that returns closes what
  /// is still its own; then lets the bytes flow, each side on its loop. Whatever comes meanwhile
  /// waits in the muxers.
  private void take() {
    if (!one.claim() || !other.claim()) {
      return;
    }
    if (limits.durationMax().isPositive()) {
      timer = one.loop.after(limits.durationMax(), () -> end("time limit", true));
    }
    one.loop.execute(() -> {
      BlockingStream.Handover ofOne = one.handover();
      if (ofOne != null) {
        other.loop.execute(() -> take(ofOne));
      }
    });
  }

  private void take(BlockingStream.Handover ofOne) {
    BlockingStream.Handover ofOther = other.handover();
    if (ofOther != null) {
      forward.begin(ofOther.outbound(), ofOne.inbound());
      backward.begin(ofOne.outbound(), ofOther.inbound());
      other.start(ofOther.stream(), backward, forward);
      one.loop.execute(() -> one.start(ofOne.stream(), forward, backward));
    }
  }

  private void end(String reason, boolean reset) {
    if (over.compareAndSet(false, true)) {
      Loop.Timer waiting = timer;
      if (waiting != null) {
        waiting.cancel();
      }
      if (reset) {
        one.loop.execute(one::reset);
        other.loop.execute(other::reset);
      }
      one.loop.execute(() -> done.ended(this, reason));
    }
  }

  /// One of the two streams. Callbacks on its loop.
  private final class End implements MuxStreamListener {
    private final BlockingStream user;
    private final Loop loop;
    private @Nullable MuxStream stream;
    private @Nullable Pump source;
    private @Nullable Pump target;

    End(BlockingStream user) {
      this.user = user;
      this.loop = user.loop();
    }

    /// Any thread; false, and the splice is over, if the stream is not there to be taken.
    boolean claim() {
      try {
        user.claim();
        return true;
      } catch (OverlayException | IllegalStateException e) {
        end("one side was gone: " + e.getMessage(), true);
        return false;
      }
    }

    BlockingStream.@Nullable Handover handover() {
      try {
        BlockingStream.Handover handover = user.handover();
        if (over.get()) {
          reset();
          return null;
        }
        stream = handover.stream();
        if (!handover.finWanted()) {
          return handover;
        }
        end("writing to one side was already closed", true);
      } catch (OverlayException e) {
        end("one side was gone: " + e.getMessage(), true);
      }
      return null;
    }

    /// @param from the direction that this stream feeds
    /// @param to the direction that ends in this stream
    void start(MuxStream own, Pump from, Pump to) {
      source = from;
      target = to;
      own.listen(this);
      to.empty();
      from.fill();
    }

    void reset() {
      user.muxStream().reset(0);
      user.discard();
      if (target != null) {
        target.discard();
      }
    }

    @Override
    public int onData(byte[] bytes, int offset, int length) {
      return source == null ? 0 : source.offer(bytes, offset, length);
    }

    @Override
    public int trimmed() {
      return source == null ? 0 : source.capacity();
    }

    @Override
    public void onReadable() {
      if (source != null) {
        source.fill();
      }
    }

    @Override
    public void onRemoteClosed() {
      onReadable();
    }

    @Override
    public void onWritable() {
      if (target != null) {
        target.empty();
      }
    }

    @Override
    public void onReset(OverlayException cause, long code) {
      end("reset by one side: " + cause.getMessage(), true);
    }
  }

  /// One direction.
  private final class Pump {
    private final End from;
    private final End to;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean wakes = new AtomicBoolean();

    // Under the lock.
    private final ByteRing queue;
    private long accepted;
    private boolean stalled;
    private boolean fin;
    private boolean limitHit;

    // What the users left in their buffers, sent before the queue; target's loop only.
    private byte[] early = NONE;
    private int earlySent;
    private int earlyUncounted;

    // The target's loop writes, everyone reads.
    private final AtomicLong passed = new AtomicLong();
    private volatile boolean finished;

    Pump(End from, End to) {
      this.from = from;
      this.to = to;
      this.queue = new ByteRing(QUEUE_BYTES_MAX, from.user::holds);
    }

    /// @param unsent what the user wrote to the target; not counted, it is not the source's
    /// @param unread what came from the source before the splice
    void begin(ByteRing unsent, ByteRing unread) {
      byte[] first = unsent.takeAll();
      byte[] second = unread.takeAll();
      lock.lock();
      try {
        int counted = (int) Math.min(second.length, allowance());
        limitHit = counted < second.length;
        accepted = counted;
        early = Arrays.copyOf(first, first.length + counted);
        System.arraycopy(second, 0, early, first.length, counted);
        earlyUncounted = first.length;
      } finally {
        lock.unlock();
      }
    }

    /// Bytes from the source; returns how many were taken. Source's loop.
    int offer(byte[] bytes, int offset, int length) {
      int taken;
      lock.lock();
      try {
        if (over.get()) {
          return length; // nobody wants it any more
        }
        taken = queue.put(bytes, offset, (int) Math.min(length, allowance()));
        accepted += taken;
        if (taken < length) {
          limitHit = allowance() == 0;
          stalled = !limitHit;
        }
      } finally {
        lock.unlock();
      }
      wake();
      return taken;
    }

    /// The splice was cut: nobody wants what is left. Target's loop.
    void discard() {
      lock.lock();
      try {
        queue.clear();
      } finally {
        lock.unlock();
      }
    }

    int capacity() {
      lock.lock();
      try {
        return queue.capacity();
      } finally {
        lock.unlock();
      }
    }

    /// Takes what the source's muxer holds. Source's loop.
    void fill() {
      MuxStream stream = from.stream;
      if (stream == null || over.get()) {
        return;
      }
      try {
        int count;
        do {
          count = stream.drain(this::offer);
        } while (count > 0);
        if (count < 0) {
          lock.lock();
          try {
            fin = true;
          } finally {
            lock.unlock();
          }
          wake();
        }
      } catch (OverlayException e) {
        end("reset by one side: " + e.getMessage(), true);
      }
    }

    private void wake() {
      if (wakes.compareAndSet(false, true)) {
        to.loop.execute(this::empty);
      }
    }

    /// Gives the target's muxer what it takes. Target's loop.
    void empty() {
      wakes.set(false);
      MuxStream stream = to.stream;
      if (stream == null || to.target != this || over.get()) {
        return;
      }
      try {
        if (sendEarly(stream) && sendQueued(stream)) {
          finish(stream);
        }
      } catch (OverlayException e) {
        end("reset by one side: " + e.getMessage(), true);
      }
    }

    /// True when all is sent; else onWritable follows.
    private boolean sendEarly(MuxStream stream) {
      if (early.length > 0) {
        earlySent += stream.write(early, earlySent, early.length - earlySent);
        passed.set(Math.max(0, earlySent - earlyUncounted));
        if (earlySent < early.length) {
          return false;
        }
        early = NONE;
      }
      return true;
    }

    private boolean sendQueued(MuxStream stream) {
      while (true) {
        byte[] array;
        int offset;
        int count;
        lock.lock();
        try {
          array = queue.array();
          offset = queue.offset();
          count = queue.region();
        } finally {
          lock.unlock();
        }
        if (count == 0) {
          return true;
        }
        int taken = stream.write(array, offset, count);
        count -= taken;
        passed.addAndGet(taken);
        skip(taken);
        if (count > 0) {
          return false;
        }
      }
    }

    private void skip(int taken) {
      boolean refill;
      lock.lock();
      try {
        queue.skip(taken);
        queue.trim(); // thousands of idle circuits must not hold arrays
        refill = stalled && queue.free() >= QUEUE_BYTES_MAX / 2;
        stalled &= !refill;
      } finally {
        lock.unlock();
      }
      if (refill) {
        from.loop.execute(this::fill);
      }
    }

    private void finish(MuxStream stream) {
      boolean last;
      boolean beyond;
      lock.lock();
      try {
        last = fin && queue.isEmpty();
        beyond = limitHit && queue.isEmpty();
      } finally {
        lock.unlock();
      }
      if (beyond) {
        // circuit-v2.md: "If the limit is exceeded, the relay resets both streams".
        end("byte limit", true);
      } else if (last && !finished) {
        stream.closeWrite();
        finished = true;
        if (forward.finished && backward.finished) {
          end("both sides finished", false);
        }
      }
    }

    /// Under the lock.
    private long allowance() {
      long max = limits.bytesEachWayMax();
      return max == 0 ? Long.MAX_VALUE : max - accepted;
    }
  }
}
