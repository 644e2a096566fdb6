package io.peerup.node.services;

import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Both directions of one flow, between two nodes. A datagram travels beside the stream if both
/// ends have agreed on that, the connection carries datagrams and this one fits; else as a frame on
/// the stream. Neither way waits for the other, and neither lets more wait than a [Flow] holds.
final class FlowPipe {

  /// Takes what the peer sent, on a thread of the flow.
  interface Sink {
    void take(byte[] datagram) throws IOException;
  }

  private final Stream stream;
  private final Flow frames;
  private final Sink sink;
  private final Flow arrived = new Flow();
  private final @Nullable Datagrams beside;
  private volatile boolean agreed;
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();
  private final AtomicLong bytesIn = new AtomicLong();

  /// What comes beside the stream is kept from now on, and taken once [#receive] runs.
  ///
  /// @param frames what waits for the stream; may hold something already
  FlowPipe(Stream stream, Flow frames, Sink sink) {
    this.stream = stream;
    this.frames = frames;
    this.sink = sink;
    this.beside =
        stream.protocol().equals(ServiceMessages.BESIDE) ? stream.datagrams().orElse(null) : null;
    if (beside != null) {
      beside.receive(arrived::offer);
    }
  }

  /// The service was granted: datagrams may leave beside the stream.
  void agree() {
    agreed = true;
  }

  long bytesOut() {
    return bytesOut.get();
  }

  long bytesIn() {
    return bytesIn.get();
  }

  /// Sends a datagram or drops it. Any thread, never blocks.
  void send(byte[] datagram) {
    Datagrams way = beside;
    boolean taken;
    if (agreed && way != null && datagram.length <= way.bytesMax()) {
      taken = way.send(datagram);
    } else {
      taken = frames.offer(datagram);
    }
    if (taken) {
      passed.incrementAndGet();
      bytesOut.addAndGet(datagram.length);
    }
  }

  /// Writes what waits for the stream, until the flow has ended or nothing came or went either way
  /// for `idle`. Blocks.
  void writeFrames(Duration idle) throws InterruptedException {
    long seen = -1;
    while (!frames.hasEnded()) {
      byte @Nullable [] next = frames.take(idle.toNanos());
      if (next != null) {
        stream.writeFrame(next);
      } else if (passed.get() == seen) {
        return;
      } else {
        seen = passed.get();
      }
    }
  }

  /// Gives the sink what comes, on this virtual thread and one more, until the flow has ended.
  /// Blocks; throws what ended it.
  void receive() throws IOException {
    if (beside != null) {
      Thread.ofVirtual()
          .name(Thread.currentThread().getName() + " (datagrams)")
          .start(this::takeArrived);
    }
    try {
      while (true) {
        take(stream.readFrame(Limits.DATAGRAM_BYTES_MAX));
      }
    } finally {
      arrived.end();
    }
  }

  private void takeArrived() {
    try {
      while (!arrived.hasEnded()) {
        byte @Nullable [] next = arrived.take(Limits.FLOW_IDLE.toNanos());
        if (next != null) {
          take(next);
        }
      }
    } catch (IOException | OverlayException e) {
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void take(byte[] datagram) throws IOException {
    passed.incrementAndGet();
    bytesIn.addAndGet(datagram.length);
    sink.take(datagram);
  }

  /// Ends both directions and drops what waits. Idempotent, any thread.
  void end() {
    frames.end();
    arrived.end();
    stream.reset();
  }
}
