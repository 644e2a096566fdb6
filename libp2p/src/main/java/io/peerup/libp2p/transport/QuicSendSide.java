package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.peerup.libp2p.StreamReset;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The sending half of one stream (RFC 9000 section 3.1). Bytes go piece by piece; the last piece
/// may wait in Netty for credit, and its end is how we learn that the peer reads no more.
///
/// The FIN leaves with the last bytes where they are still here, for which they are held until the
/// end of the loop's turn. quiche (in Netty 4.2.18) takes a stream for complete, and forgets it,
/// once all its bytes are acknowledged, although the FIN that came behind them was lost: nobody
/// would ever send that again. So a FIN of its own waits until the bytes before it have arrived.
///
/// A machine, on the connection's loop.
@SuppressWarnings("FutureReturnValueIgnored") // of writes that nobody waits for
final class QuicSendSide {

  /// Between attempts to begin a stream: about as often as packets come that make room.
  private static final Duration RETRY = Duration.ofMillis(5);

  private final Loop loop;
  private final ByteBufAllocator memory;
  private final Line line;

  /// quiche knows the stream: the peer opened it, or a byte of ours was taken.
  private boolean known;

  /// The last bytes that were written, until the end of the loop's turn.
  private @Nullable ByteBuf held;

  private boolean holding;

  /// Bytes that Netty has, and not quiche.
  private int waiting;

  private boolean closed;
  private boolean finSent;
  private @Nullable StreamReset stopped;
  private boolean over;

  /// The stream, as far as it matters here; messages call it by its name, [Object#toString()].
  interface Line {

    /// Gives quiche a piece, and FIN behind it if it is the last. What it does not take waits.
    ChannelFuture give(ByteBuf piece, boolean fin);

    /// Gives quiche a FIN alone; whether it took it.
    boolean giveFin();

    /// Whether quiche has done with the stream, because the peer reads no more.
    boolean isGone();

    /// Runs the task when what was sent has arrived.
    void whenSettled(Runnable task);

    /// So many bytes were written.
    void wrote(int bytes);

    /// So many bytes more are held, or fewer.
    void holds(int bytes);

    /// To be told to the listener: there is room again.
    void writable();

    /// To be told to the listener: the peer reads no more.
    void stopped(StreamReset why);

    /// The FIN has left.
    ///
    /// @param alone without bytes, so that what was sent before is no sign that it arrives
    void finSent(boolean alone);
  }

  /// @param memory where pieces lie until quiche has them
  /// @param known whether the peer opened the stream
  QuicSendSide(Loop loop, ByteBufAllocator memory, Line line, boolean known) {
    this.loop = loop;
    this.memory = memory;
    this.line = line;
    this.known = known;
  }

  boolean isKnown() {
    return known;
  }

  /// We write no more; the FIN may still have to wait.
  boolean isClosed() {
    return closed;
  }

  boolean isFinSent() {
    return finSent;
  }

  /// The FIN is out, or the peer reads no more.
  boolean isDone() {
    return finSent || stopped != null;
  }

  /// Bytes that wait for credit.
  int waiting() {
    return waiting;
  }

  /// Takes as many bytes as may be given now; where that is less than `length`, [Line#writable]
  /// follows.
  int write(byte[] source, int offset, int length) {
    if (stopped != null) {
      throw stopped;
    }
    if (closed) {
      throw new IllegalStateException("write after closeWrite on " + line);
    }
    int sent = 0;
    while (sent < length && mayGive()) {
      int count = Math.min(length - sent, QuicLimits.WRITE_BYTES_MAX);
      held = memory.directBuffer(count);
      held.writeBytes(source, offset + sent, count);
      sent += count;
      line.wrote(count);
    }
    if (held != null && !holding) {
      holding = true;
      loop.execute(this::holdNoMore);
    }
    return sent;
  }

  /// Gives what is held, because more follows; whether more will be taken.
  private boolean mayGive() {
    if (held != null && waiting == 0) {
      give(/* fin= */ false);
    }
    return held == null && waiting == 0 && !over && stopped == null;
  }

  private void holdNoMore() {
    holding = false;
    if (held != null && !over) {
      give(closed);
    }
  }

  private void give(boolean fin) {
    ByteBuf piece = Objects.requireNonNull(held);
    held = null;
    waiting = piece.readableBytes();
    ChannelFuture given = line.give(piece, fin);
    if (given.isDone()) {
      given(given, fin, /* late= */ false);
    } else {
      line.holds(waiting);
      given.addListener(_ -> given(given, fin, /* late= */ true));
      if (!known) {
        loop.after(RETRY, this::retry);
      }
      if (known && line.isGone()) {
        stop(null);
      }
    }
  }

  /// A stream that is opened while the connection may not send at all does not exist for quiche,
  /// which therefore never calls it writable: Netty (4.2.18) waits for ever. Another write makes it
  /// try again.
  private void retry() {
    if (!known && waiting > 0 && !over) {
      line.give(Unpooled.EMPTY_BUFFER, /* fin= */ false);
      loop.after(RETRY, this::retry);
    }
  }

  private void given(ChannelFuture given, boolean fin, boolean late) {
    if (late) {
      line.holds(-waiting);
    }
    waiting = 0;
    if (over) {
      return;
    }
    if (given.isSuccess()) {
      known = true;
      if (fin) {
        finSent = true;
        line.finSent(/* alone= */ false);
      } else if (closed && held == null) {
        finLater();
      } else if (late) {
        line.writable();
      }
    } else if (given.cause() instanceof ChannelOutputShutdownException && !finSent) {
      stop(given.cause());
    }
  }

  private void stop(@Nullable Throwable cause) {
    if (stopped == null) {
      stopped = new StreamReset("the peer stopped reading " + line, cause);
      loop.execute(this::tellStopped);
    }
  }

  private void tellStopped() {
    StreamReset why = stopped;
    if (!over && why != null) {
      line.stopped(why);
    }
  }

  /// We shall write no more.
  void close() {
    if (over || closed) {
      return;
    }
    closed = true;
    if (waiting > 0) {
      return; // behind what waits
    }
    if (held != null) {
      give(/* fin= */ true);
    } else {
      finLater();
    }
  }

  /// Sends a FIN of its own, once the bytes before it have arrived.
  private void finLater() {
    line.whenSettled(this::sendFin);
  }

  private void sendFin() {
    if (!over && !isDone()) {
      finSent = true;
      line.finSent(/* alone= */ line.giveFin());
    }
  }

  /// The connection is about to be closed, and a FIN must not wait any more.
  void finNow() {
    if (held != null && waiting == 0 && !over) {
      give(closed);
    } else if (closed && !finSent && waiting == 0) {
      sendFin();
    }
  }

  /// Nothing is sent any more.
  void end() {
    over = true;
    ByteBuf piece = held;
    if (piece != null) {
      held = null;
      piece.release();
    }
  }
}
