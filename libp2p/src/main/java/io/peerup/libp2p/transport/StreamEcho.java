package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.time.Duration;
import java.util.Arrays;

/// Sends a stream back what comes on it, without leaving the event loop: an answer that waits for a
/// thread measures the thread. Holds no bytes of its own; what the peer does not take back, it gets
/// no credit for. On the stream's loop.
public final class StreamEcho implements MuxStreamListener {

  private final BlockingStream user;
  private final Loop loop;
  private final MuxStream stream;
  private final int unitBytes;
  private final long idleNanosMax;
  private final Runnable done;

  /// What was written but not sent before (the end of the negotiation), then what was read but not
  /// used.
  private final byte[] early;

  private int earlySent;
  private long echoed;
  private long lastNanos;
  private Loop.Timer timer;
  private boolean over;

  private StreamEcho(
      BlockingStream user,
      BlockingStream.Handover handover,
      int unitBytes,
      Duration idleMax,
      Runnable done) {
    this.user = user;
    this.loop = user.loop();
    this.stream = handover.stream();
    byte[] unsent = handover.outbound().takeAll();
    byte[] unread = handover.inbound().takeAll();
    this.early = Arrays.copyOf(unsent, unsent.length + unread.length);
    System.arraycopy(unread, 0, early, unsent.length, unread.length);
    this.unitBytes = unitBytes;
    this.echoed = -unsent.length;
    this.idleNanosMax = idleMax.toNanos();
    this.done = done;
    this.lastNanos = loop.nanoTime();
    this.timer = loop.after(idleMax, this::watch);
  }

  /// Takes the stream from its user and echoes until the peer ends its direction, or completes no
  /// unit of `unitBytes` for `idleMax`: then the stream is reset. Any thread, does not block.
  /// `done` runs once on the loop, whatever the end. Throws what has ended the stream, and then
  /// `done` does not run.
  public static void start(Stream stream, int unitBytes, Duration idleMax, Runnable done) {
    BlockingStream user = BlockingStream.own(stream);
    user.claim();
    user.loop()
        .execute(() -> {
          try {
            StreamEcho echo = new StreamEcho(user, user.handover(), unitBytes, idleMax, done);
            echo.stream.listen(echo);
            echo.pump();
          } catch (OverlayException gone) {
            user.discard();
            done.run();
          }
        });
  }

  @Override
  public int onData(byte[] source, int offset, int length) {
    if (over) {
      return length;
    }
    if (earlySent < early.length) {
      return 0;
    }
    try {
      return send(source, offset, length);
    } catch (OverlayException gone) {
      end();
      return length;
    }
  }

  /// Whoever sends a byte now and then keeps nothing alive, nor does one who takes nothing back.
  private int send(byte[] source, int offset, int length) {
    int sent = stream.write(source, offset, length);
    if (Math.floorDiv(echoed + sent, unitBytes) > Math.floorDiv(echoed, unitBytes)) {
      lastNanos = loop.nanoTime();
    }
    echoed += sent;
    return sent;
  }

  @Override
  public void onReadable() {
    pump();
  }

  @Override
  public void onWritable() {
    pump();
  }

  @Override
  public void onRemoteClosed() {
    pump();
  }

  @Override
  public void onReset(OverlayException cause, long code) {
    end();
  }

  @Override
  public int trimmed() {
    return early.length - earlySent;
  }

  private void pump() {
    if (over) {
      return;
    }
    try {
      if (earlySent < early.length) {
        earlySent += send(early, earlySent, early.length - earlySent);
      }
      int count = 1;
      while (earlySent == early.length && count > 0) {
        count = stream.drain(this::send);
      }
      if (count < 0) {
        stream.closeWrite();
        end();
      }
    } catch (OverlayException gone) {
      end();
    }
  }

  private void watch() {
    long left = idleNanosMax - (loop.nanoTime() - lastNanos);
    if (over) {
      return;
    }
    if (left > 0) {
      timer = loop.after(Duration.ofNanos(left), this::watch);
    } else {
      stream.reset(0);
      end();
    }
  }

  private void end() {
    if (!over) {
      over = true;
      timer.cancel();
      user.discard();
      done.run();
    }
  }
}
