package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.Datagrams;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The datagrams of one QUIC connection (RFC 9221), each beside a stream. The id of the stream says
/// whose a datagram is: nothing is agreed on, none is ever given again, and what comes for a stream
/// that is not open here, or whose user wants no datagrams, is dropped and counted.
///
/// What users send waits for the loop in a short queue; quiche has another one behind it, from
/// which Netty drops without a word while the path takes no more. What comes is handed on at once,
/// so nothing is held for the peer. On the loop, but for what says otherwise.
@SuppressWarnings("FutureReturnValueIgnored") // nobody is told what became of a datagram
final class QuicDatagrams {

  /// The connection, as far as datagrams need it.
  interface Line {

    /// Bytes of the longest datagram that it takes now, header included.
    int bytesMax();

    /// So many bytes more wait, or fewer. Any thread.
    void holds(int bytes);

    /// So many bytes came for somebody, or left.
    void carried(int bytes);

    /// Any thread.
    boolean isOpen();
  }

  private final Channel channel;
  private final Loop loop;
  private final Line line;
  private final Map<Long, Beside> receiving = new HashMap<>();

  /// Streams that took datagrams until lately, and when they ended.
  private final Map<Long, Long> late = new LinkedHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();

  // Under the lock.
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private boolean drainWaits;
  private boolean ended;

  private volatile int bytesMax;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong unclaimed = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  QuicDatagrams(Channel channel, Loop loop, Line line) {
    this.channel = channel;
    this.loop = loop;
    this.line = line;
    this.bytesMax = line.bytesMax();
  }

  /// Any thread.
  DatagramCounts counts() {
    return new DatagramCounts(sent.get(), received.get(), unclaimed.get(), dropped.get());
  }

  Beside beside(long streamId) {
    return new Beside(DatagramHeader.number(streamId));
  }

  /// Asks how long datagrams may be now: paths are probed for more, and change.
  void measure() {
    bytesMax = line.bytesMax();
    if (!late.isEmpty()) {
      late.values().removeIf(since -> !isLate(since));
    }
  }

  /// The connection is over.
  void end() {
    receiving.values().forEach(beside -> beside.over = true);
    receiving.clear();
    lock.lock();
    try {
      ended = true;
      waiting.forEach(each -> line.holds(-each.length));
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }

  // ------------------------------------------------------------------------------------- receiving

  /// One has come. The caller releases it.
  void received(ByteBuf datagram) {
    if (DatagramHeader.isKeepAlive(datagram)) {
      return;
    }
    int bytes = datagram.readableBytes();
    long number = DatagramHeader.read(datagram);
    Beside beside = receiving.get(number);
    Consumer<byte[]> receiver = beside == null ? null : beside.receiver;
    if (receiver == null || !line.isOpen()) {
      unclaimed.incrementAndGet();
      if (isLate(late.get(number))) {
        line.carried(bytes); // a lawful peer did not know yet
      }
      return;
    }
    received.incrementAndGet();
    line.carried(bytes);
    byte[] content = new byte[datagram.readableBytes()];
    datagram.readBytes(content);
    receiver.accept(content);
  }

  private boolean isLate(@Nullable Long since) {
    return since != null && loop.nanoTime() - since < QuicLimits.LATE_DATAGRAMS.toNanos();
  }

  private void ended(long number) {
    if (receiving.remove(number) != null) {
      late.put(number, loop.nanoTime());
      if (late.size() > QuicLimits.LATE_STREAMS_MAX) {
        late.remove(late.keySet().iterator().next());
      }
    }
  }

  // --------------------------------------------------------------------------------------- sending

  private boolean enqueue(byte[] next) {
    boolean wake;
    lock.lock();
    try {
      if (ended || waiting.size() >= QuicLimits.DATAGRAMS_WAITING_MAX) {
        dropped.incrementAndGet();
        return false;
      }
      waiting.add(next);
      line.holds(next.length);
      wake = !drainWaits;
      drainWaits = true;
    } finally {
      lock.unlock();
    }
    if (wake) {
      loop.execute(this::drain);
    }
    return true;
  }

  private byte @Nullable [] next() {
    lock.lock();
    try {
      byte[] next = waiting.poll();
      if (next != null) {
        line.holds(-next.length);
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /// Sends what waits, and comes again as long as there was something: not at once, but when the
  /// loop has read its sockets. Tasks that are always there would keep it from that for a second.
  private void drain() {
    measure();
    int count = 0;
    for (byte[] next = next(); next != null; next = next()) {
      write(next);
      count++;
      if (count == QuicLimits.DATAGRAMS_WAITING_MAX) {
        break;
      }
    }
    if (count > 0) {
      channel.flush();
      var _ = loop.after(Duration.ZERO, this::drain);
    } else {
      stopDraining();
    }
  }

  private void stopDraining() {
    lock.lock();
    try {
      drainWaits = !waiting.isEmpty();
      if (drainWaits) {
        var _ = loop.after(Duration.ZERO, this::drain);
      }
    } finally {
      lock.unlock();
    }
  }

  private void write(byte[] next) {
    if (next.length > bytesMax) {
      dropped.incrementAndGet(); // the path has changed meanwhile
      return;
    }
    channel.write(channel.alloc().directBuffer(next.length).writeBytes(next));
    sent.incrementAndGet();
    line.carried(next.length);
  }

  /// Those of one stream.
  final class Beside implements Datagrams {
    private final long number;
    private @Nullable Consumer<byte[]> receiver;
    private volatile boolean over;

    private Beside(long number) {
      this.number = number;
    }

    @Override
    public int bytesMax() {
      return Math.max(0, bytesMax - DatagramHeader.bytes(number));
    }

    @Override
    public boolean send(byte[] datagram) {
      if (over || datagram.length > bytesMax()) {
        dropped.incrementAndGet();
        return false;
      }
      return enqueue(DatagramHeader.with(number, datagram));
    }

    @Override
    public void receive(Consumer<byte[]> next) {
      loop.execute(() -> {
        if (!over) {
          receiver = next;
          receiving.put(number, this);
        }
      });
    }

    /// The stream has ended.
    void end() {
      over = true;
      ended(number);
    }
  }
}
