package io.peerup.libp2p.transport;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One stream of a connection as the pipe below another connection: how a circuit is carried. On
/// the loop of the outer connection. What the inner one reads is credited at once, because its own
/// windows bound what it keeps.
final class StreamDuplex implements Duplex, MuxStreamListener {

  /// Above this the pipe counts as not writable.
  private static final int HIGH_BYTES = 256 * 1024;

  /// Room for what the inner muxer may still hand over when the pipe is full: one data frame, one
  /// go-away, handshake messages. Never reached unless one of ours is wrong.
  private static final int QUEUE_BYTES_MAX = 1024 * 1024;

  /// As for a TCP socket.
  private static final Duration LINGER = TcpDuplex.LINGER;

  private final Loop loop;
  private final MuxStream stream;
  private final ByteRing inbound;
  private final ByteRing outbound;
  private @Nullable Receiver receiver;
  private boolean started;
  private boolean reading = true;
  private boolean closing;
  private boolean finSent;
  private boolean ended;

  private StreamDuplex(BlockingStream carrier, BlockingStream.Handover handover) {
    this.loop = carrier.loop();
    this.outbound = new ByteRing(QUEUE_BYTES_MAX, carrier::holds);
    this.stream = handover.stream();
    this.inbound = handover.inbound();
    byte[] unsent = handover.outbound().takeAll();
    outbound.put(unsent, 0, unsent.length);
  }

  /// Takes the stream away from its user. On the stream's loop. Throws what ended the stream if it
  /// has ended.
  static StreamDuplex over(BlockingStream carrier) {
    BlockingStream.Handover handover = carrier.detach();
    if (handover.finWanted()) {
      handover.stream().reset(0);
      carrier.discard();
      throw new IllegalStateException("writing is closed on " + carrier);
    }
    StreamDuplex duplex = new StreamDuplex(carrier, handover);
    handover.stream().listen(duplex);
    return duplex;
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public void receiver(Receiver next) {
    boolean first = receiver == null;
    receiver = next;
    if (first) {
      loop.execute(this::start);
    }
  }

  private void start() {
    started = true;
    byte[] early = inbound.takeAll();
    if (early.length > 0) {
      deliver(early, 0, early.length);
    }
    pull();
  }

  @Override
  public void write(byte[] data, int offset, int length) {
    if (closing || ended) {
      return;
    }
    if (outbound.put(data, offset, length) < length) {
      stream.reset(0);
      end(new LimitReached("internal error: the queue of a circuit is full"));
    }
  }

  @Override
  public void flush() {
    boolean full = !writable();
    push();
    if (full && writable()) {
      // The stream had room all along, so it will not call back; the writer above waits for it.
      loop.execute(this::tellWritable);
    }
  }

  private void tellWritable() {
    if (writable() && receiver != null && !closing && !ended) {
      receiver.onWritable();
    }
  }

  @Override
  public boolean writable() {
    return outbound.size() < HIGH_BYTES;
  }

  @Override
  public void reading(boolean on) {
    boolean resumed = on && !reading;
    reading = on;
    if (resumed) {
      loop.execute(this::pull);
    }
  }

  @Override
  public void close() {
    if (!closing && !ended) {
      push();
      closing = true;
      stream.closeRead();
      finish();
      if (!finSent) {
        loop.after(LINGER, this::abort);
      }
    }
  }

  @Override
  public void abort() {
    if (!finSent) {
      closing = true;
      inbound.clear();
      outbound.clear();
      stream.reset(0);
    }
  }

  private void push() {
    try {
      while (!outbound.isEmpty() && !ended) {
        int count = outbound.region();
        int taken = stream.write(outbound.array(), outbound.offset(), count);
        outbound.skip(taken);
        if (taken < count) {
          return; // onWritable follows
        }
      }
      outbound.trim();
    } catch (OverlayException e) {
      end(e);
    }
  }

  private void finish() {
    if (closing && outbound.isEmpty() && !finSent) {
      finSent = true;
      stream.closeWrite();
    }
  }

  @Override
  public int onData(byte[] source, int offset, int length) {
    if (!started || !reading) {
      return 0;
    }
    deliver(source, offset, length);
    return length;
  }

  private void deliver(byte[] source, int offset, int length) {
    if (receiver != null && !closing && !ended) {
      receiver.onBytes(source, offset, length);
      receiver.onIdle();
    }
  }

  @Override
  public int trimmed() {
    return inbound.capacity() + outbound.capacity();
  }

  @Override
  public void onReadable() {
    pull();
  }

  private void pull() {
    if (!started || ended) {
      return;
    }
    try {
      int count;
      do {
        count = stream.drain(this::onData);
      } while (count > 0);
      if (count < 0 && !closing) {
        end(new PeerUnreachable("the circuit was closed"));
      }
    } catch (OverlayException e) {
      end(e);
    }
  }

  @Override
  public void onWritable() {
    boolean full = !writable();
    push();
    finish();
    if (full) {
      tellWritable();
    }
  }

  @Override
  public void onRemoteClosed() {
    pull();
  }

  @Override
  public void onReset(OverlayException cause, long code) {
    end(new PeerUnreachable("the circuit ended: " + cause.getMessage(), cause));
  }

  private void end(OverlayException cause) {
    if (!ended) {
      ended = true;
      inbound.clear();
      outbound.clear();
      if (receiver != null && !closing) {
        receiver.onEnded(cause);
      }
      stream.reset(0);
    }
  }
}
